/** Who has the last word about an event: what each policy promises when people change or delete it in the calendar. */
import { describe, expect, test } from 'vitest';
import { settleConflict } from '../../../shared/engine/settle.ts';
import type { NextcloudTraps } from '../../../shared/simulators/nextcloud-traps.ts';
import { calendarHub, type CalendarHubSettings } from '../../samples/calendar-hub.ts';

const at = '2027-03-04T18:00:00.000Z';
type Hub = ReturnType<typeof calendarHub>;

/** An approved event that was made in Directus, and stands on both sides. */
async function approved(settings: CalendarHubSettings = {}) {
  const hub = calendarHub(settings);
  const row = hub.rows.add({ title: 'Meeting', start_date: at, location: 'Town hall', approved: true });
  await hub.run();
  return { hub, id: row.id, name: hub.objects.all()[0]?.name ?? '' };
}

/** A member's event that nobody has approved yet. */
async function pending(settings: CalendarHubSettings = {}) {
  const hub = calendarHub(settings);
  hub.objects.put({ uid: 'member-1@example.org', summary: 'Picnic', start: '20270501T100000Z', location: 'Park' }, 'picnic.ics');
  await hub.run();
  return { hub, id: hub.rows.all()[0]?.id ?? 0, name: 'picnic.ics' };
}

const lineOf = (hub: Hub, property: string) => new RegExp(`${property}:(.*)\\r`).exec(hub.objects.all()[0]?.text ?? '')?.[1];
const isQuiet = async (hub: Hub) => [(await hub.run()).planned, (await hub.run({ full: true })).planned];

describe('moderated', () => {
  test('an approved event that was edited in the calendar is shown for review, and neither side is overwritten', async () => {
    const { hub, id, name } = await approved();

    hub.objects.edit(name, { location: 'Pub' });
    const report = await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ id: String(id), code: 'TARGET_EDITED' })]);
    expect(hub.rows.get(id)).toMatchObject({ location: 'Town hall', approved: true });
    expect(lineOf(hub, 'LOCATION')).toBe('Pub');
  });

  test('such a review stays open, run after run, and costs no write on either side', async () => {
    const { hub, name } = await approved();
    hub.objects.edit(name, { location: 'Pub' });
    await hub.run();
    const before = [hub.rows.all().map((row) => row.date_updated), hub.objects.get(name)?.etag];

    const reports = [await hub.run(), await hub.run({ full: true })];

    expect(reports.map(({ problems }) => problems.map(({ code }) => code))).toEqual([['TARGET_EDITED'], ['TARGET_EDITED']]);
    expect([hub.rows.all().map((row) => row.date_updated), hub.objects.get(name)?.etag]).toEqual(before);
  });

  test('a review is over when somebody makes both sides agree by hand', async () => {
    const { hub, id, name } = await approved();
    hub.objects.edit(name, { location: 'Pub' });
    await hub.run();

    hub.rows.edit(id, { location: 'Pub' });
    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('a pending event follows every edit of its author, whatever the field', async () => {
    const { hub, id, name } = await pending();

    hub.objects.edit(name, { summary: 'Picnic with music', location: 'Lake', start: '20270502T110000Z', description: 'Bring cake' });
    await hub.run();

    expect(hub.rows.get(id)).toMatchObject({ title: 'Picnic with music', location: 'Lake', start_date: '2027-05-02T11:00:00.000Z', description: 'Bring cake', approved: false });
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('an imported event is reviewed as any other from the moment somebody approves it', async () => {
    const { hub, id, name } = await pending();
    hub.rows.edit(id, { approved: true });
    await hub.run();

    hub.objects.edit(name, { summary: 'Something else' });
    const report = await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ code: 'TARGET_EDITED' })]);
    expect(hub.rows.get(id)).toMatchObject({ title: 'Picnic', approved: true });
  });

  const trashes: readonly Partial<NextcloudTraps>[] = [
    { trashedUid: 'error-500' }, { trashedUid: 'refused-400' }, { trashedUid: 'accepted-once' }, { trashRetentionSeconds: 0 },
  ];

  test.each(trashes)('an approved event that a member deleted is put back, as often as they do it, through the trash (%o)', async (traps) => {
    const { hub, id } = await approved({ nextcloud: { traps } });

    for (let turn = 0; turn < 4; turn++) {
      hub.objects.remove(hub.objects.all()[0]?.name ?? '');
      const report = await hub.run();

      expect(report.problems).toEqual([]);
      expect(hub.objects.all().map(({ uid }) => uid)).toEqual([`nonprofit-${id}@directus`]);
    }
    expect(hub.rows.get(id)).toMatchObject({ approved: true, status: 'draft' });
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('a pending event that its author deleted stays in Directus, untouched, and approving it brings it back', async () => {
    const { hub, id, name } = await pending();

    hub.objects.remove(name);
    const report = await hub.run();
    const whilePending = hub.rows.get(id);
    hub.rows.edit(id, { approved: true });
    await hub.run();

    expect(report.problems).toEqual([]);
    expect(whilePending).toMatchObject({ title: 'Picnic', status: 'draft', date_updated: null });
    expect(hub.objects.all().map(({ uid }) => uid)).toEqual(['member-1@example.org']);
  });

  test('by default no row is ever deleted or archived, whatever is deleted in the calendar', async () => {
    const hub = calendarHub();
    for (let n = 0; n < 3; n++) hub.rows.add({ title: `Ours ${n}`, start_date: at, approved: true });
    for (let n = 0; n < 3; n++) hub.objects.put({ uid: `theirs-${n}@example.org`, summary: `Theirs ${n}`, start: '20270501T100000Z' });
    await hub.run();
    const before = hub.rows.all();

    for (const { name } of hub.objects.all()) hub.objects.remove(name);
    await hub.run({ full: true });

    expect(hub.rows.all()).toEqual(before);
  });
});

describe('deletes: withdraw', () => {
  const site = { directus: { deletes: 'withdraw' } };

  test('a pending event that its author deleted is archived in Directus, and stays away', async () => {
    const { hub, id, name } = await pending({ site });

    hub.objects.remove(name);
    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(hub.rows.all()).toEqual([expect.objectContaining({ id, status: 'archived', approved: false })]);
    expect(hub.objects.size).toBe(0);
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test.each(['moderated', 'two-way'] as const)('an approved event that was deleted in the calendar is put back all the same (%s)', async (policy) => {
    const { hub, id } = await approved({ site: { ...site, policy } });

    hub.objects.remove(hub.objects.all()[0]?.name ?? '');
    await hub.run();

    expect(hub.objects.size).toBe(1);
    expect(hub.rows.get(id)).toMatchObject({ status: 'draft', approved: true });
  });

  test('what a moderator wrote into the row meanwhile is still there when it is archived', async () => {
    const { hub, id, name } = await pending({ site });

    hub.objects.remove(name);
    hub.rows.edit(id, { title: 'Picnic, second try' });
    await hub.run();

    expect(hub.rows.get(id)).toMatchObject({ title: 'Picnic, second try', status: 'archived' });
  });

  test('many deletions at once are held until a person releases them', async () => {
    const hub = calendarHub({ site });
    for (let n = 0; n < 8; n++) hub.objects.put({ uid: `theirs-${n}@example.org`, summary: `Theirs ${n}`, start: '20270501T100000Z' }, `${n}.ics`);
    await hub.run();

    for (let n = 0; n < 7; n++) hub.objects.remove(`${n}.ics`);
    const report = await hub.run();

    expect([report.state, report.held.map(({ code }) => code)]).toEqual(['held', ['TOO_MANY_WITHDRAWALS']]);
    expect(hub.rows.all().filter(({ status }) => status === 'archived')).toEqual([]);
  });
});

describe('two-way', () => {
  const site = { policy: 'two-way' };

  test('an edit of an approved event in the calendar comes to Directus, and it stays approved', async () => {
    const { hub, id, name } = await approved({ site });

    hub.objects.edit(name, { location: 'Pub' });
    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(hub.rows.get(id)).toMatchObject({ title: 'Meeting', location: 'Pub', approved: true });
  });

  test('edits of different fields on both sides both arrive', async () => {
    const { hub, id, name } = await approved({ site });

    hub.objects.edit(name, { location: 'Pub' });
    hub.rows.edit(id, { title: 'Open meeting' });
    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(hub.rows.get(id)).toMatchObject({ title: 'Open meeting', location: 'Pub' });
    expect([lineOf(hub, 'SUMMARY'), lineOf(hub, 'LOCATION')]).toEqual(['Open meeting', 'Pub']);
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('the same field edited differently on both sides waits for a person, while both keep their own', async () => {
    const { hub, id, name } = await approved({ site });

    hub.objects.edit(name, { location: 'Pub' });
    hub.rows.edit(id, { location: 'Library' });
    const report = await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ id: String(id), code: 'BOTH_EDITED' })]);
    expect([hub.rows.get(id)?.location, lineOf(hub, 'LOCATION')]).toEqual(['Library', 'Pub']);
  });

  test('an event that goes to and fro within the hour is parked, and goes on once a person has said what holds', async () => {
    const { hub, id, name } = await approved({ site });
    const places = ['Pub', 'Library', 'Pub', 'Library'];
    for (const [round, location] of places.entries()) {
      if (round % 2 === 0) hub.objects.edit(name, { location });
      else hub.rows.edit(id, { location });
      const report = await hub.run();
      expect(report.problems.map(({ code }) => code)).toEqual(round < 3 ? [] : ['TO_AND_FRO']);
    }
    expect([hub.rows.get(id)?.location, lineOf(hub, 'LOCATION')]).toEqual(['Library', 'Pub']);

    const key = (await hub.linkOf(id))?.key ?? '';
    const answer = await settleConflict(hub.world(), hub.connector(), { stream: 'events', key, by: 'a test' }, () => 'source');
    hub.objects.edit(name, { location: 'Garden' });
    const later = await hub.run();

    expect(answer).toMatchObject({ kind: 'done', fields: ['location'] });
    expect(later.problems).toEqual([]);
    expect([hub.rows.get(id)?.location, lineOf(hub, 'LOCATION')]).toEqual(['Garden', 'Garden']);
  });

  test('edits that follow one another from day to day are no quarrel', async () => {
    const { hub, id, name } = await approved({ site });
    for (const round of [0, 1, 2, 3, 4, 5]) {
      if (round % 2 === 0) hub.objects.edit(name, { location: `Place ${round}` });
      else hub.rows.edit(id, { location: `Place ${round}` });
      hub.clock.advance(3_600_000);

      expect((await hub.run()).problems).toEqual([]);
    }
    expect([hub.rows.get(id)?.location, lineOf(hub, 'LOCATION')]).toEqual(['Place 5', 'Place 5']);
  });

  test('the same edit made on both sides is no conflict', async () => {
    const { hub, id, name } = await approved({ site });

    hub.objects.edit(name, { location: 'Pub' });
    hub.rows.edit(id, { location: 'Pub' });

    expect((await hub.run()).problems).toEqual([]);
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('what was deleted in the calendar stays away, with its row untouched; where archiving is allowed the row is archived', async () => {
    const kept = await approved({ site });
    const archived = await approved({ site: { ...site, directus: { deletes: 'archive' } } });
    for (const { hub, name } of [kept, archived]) {
      hub.objects.remove(name);
      await hub.run();
      await hub.run({ full: true });
    }

    expect([kept.hub.objects.size, archived.hub.objects.size]).toEqual([0, 0]);
    expect([kept.hub.rows.get(kept.id)?.status, archived.hub.rows.get(archived.id)?.status]).toEqual(['draft', 'archived']);
  });
});

describe('mirror', () => {
  const site = { policy: 'mirror', importForeign: false };

  test('an edit of an approved event in the calendar is put back, field by field', async () => {
    const { hub, id, name } = await approved({ site });

    hub.objects.edit(name, { location: 'Pub', lines: ['X-SEATS:40'] });
    await hub.run();

    expect(lineOf(hub, 'LOCATION')).toBe('Town hall');
    expect(hub.rows.get(id)).toMatchObject({ location: 'Town hall', date_updated: null });
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('an event that was deleted in the calendar is put back', async () => {
    const { hub, name } = await approved({ site });

    hub.objects.remove(name);
    await hub.run();

    expect(lineOf(hub, 'SUMMARY')).toBe('Meeting');
  });

  test('what people add to the calendar stays there, and does not come to Directus', async () => {
    const { hub, name } = await pending({ site });

    hub.objects.edit(name, { summary: 'Picnic with music' });
    await hub.run({ full: true });

    expect(hub.rows.all()).toEqual([]);
    expect(lineOf(hub, 'SUMMARY')).toBe('Picnic with music');
  });
});
