/** Directus as a side: what it promises to the engine, over the simulated Directus and the real client. */
import { describe, expect, test } from 'vitest';
import { ConfigurationInvalid, VendorRateLimited, VendorSignInFailed } from '../../../shared/base/errors.ts';
import { completeScan } from '../../../shared/sync/scan.ts';
import { aCreate, aDelete, aDirectus, anEntity, anUpdate, itemAt, kindsOf, present, readAll, settingsOf } from './both-sides.ts';

describe('reading', () => {
  test('an unchanged collection costs one call, and its listing is proof of absence', async () => {
    const { directus, side } = aDirectus();
    for (let count = 0; count < 250; count += 1) directus.events.add();

    const { sightings, end } = await readAll(side);

    expect(sightings).toHaveLength(250);
    expect(end).toEqual({ kind: 'scan', declared: 250, lastPageSeen: true, authoritative: true });
    expect(completeScan(end, sightings.length)).toBeDefined();
    expect(directus.journal.count()).toBe(1);
  });

  test('the version moves with every change, and a row never changed has one too', async () => {
    const { directus, clock, side } = aDirectus();
    const { id } = directus.events.add();
    const before = await readAll(side);
    clock.advance(3_600_000);

    const unchanged = await readAll(side);
    directus.events.edit(id, { cost: '5 EUR' });
    const changed = await readAll(side);

    expect(before.sightings[0]).toMatchObject({ kind: 'listed', id: String(id), version: 'created:2026-11-23T09:00:00.250Z' });
    expect(unchanged.sightings).toEqual(before.sightings);
    expect(changed.sightings).not.toEqual(before.sightings);
    expect((await itemAt(side, id)).version).toBe(changed.sightings[0]?.kind === 'listed' ? changed.sightings[0].version : '');
  });

  test('where dates have whole seconds only, a fresh row is looked at once more', async () => {
    // Two changes within one second leave one date; without this the second one would never be seen.
    const { directus, clock, side } = aDirectus({ server: { timestampSeconds: true } });
    const { id } = directus.events.add();
    const fresh = await itemAt(side, id);
    directus.events.edit(id, { cost: '5 EUR' });
    const read = await itemAt(side, id);
    clock.advance(100);
    const settledLater = async () => (await readAll(side)).sightings[0];

    const atOnce = await settledLater();
    clock.advance(3_600_000);
    const later = await settledLater();

    expect(fresh.version).toMatch(/~$/);
    expect(atOnce).toMatchObject({ version: read.version });
    expect(later).toMatchObject({ version: read.version?.replace(/~$/, '') });
  });

  test('a version with that mark still updates', async () => {
    const { directus, side } = aDirectus({ server: { timestampSeconds: true } });
    const { id } = directus.events.add();

    const results = await side.write([anUpdate('source', await itemAt(side, id), { cost: '5 EUR' })]);

    expect(kindsOf(results)).toEqual(['done']);
    expect(directus.events.get(id)?.cost).toBe('5 EUR');
  });

  test('a listing that is refused is an error, never an empty one', async () => {
    const { directus, side } = aDirectus();
    directus.events.add();
    directus.settings.permissions.read = false;

    await expect(readAll(side)).rejects.toThrow('refused');
  });
});

describe('looking up', () => {
  test('tells apart what stands, what cannot be read, and what is gone, in one call', async () => {
    const { directus, side } = aDirectus();
    const good = directus.events.add({ title: 'Choir', approved: true });
    const bad = directus.events.add({ start_date: '2027-03-04T18:00:00Z', end_date: '2027-03-04T17:00:00Z' });

    const [present1, rejected, absent] = await side.lookUp([String(good.id), String(bad.id), '999']);

    expect(present(present1)).toMatchObject({ id: String(good.id), belongs: true, entity: { title: 'Choir' } });
    expect(rejected).toMatchObject({ kind: 'rejected', rejected: { id: String(bad.id), code: 'E_END_BEFORE_START', version: 'created:2026-11-23T09:00:00.250Z' } });
    expect(absent).toEqual({ kind: 'absent', id: '999' });
    expect(directus.journal.count()).toBe(1);
  });

  test('booleans may come as numbers', async () => {
    const { directus, side } = aDirectus({ server: { booleans: 'numbers' } });
    const { id } = directus.events.add({ approved: true, all_day: true, start_date: '2027-03-04T00:00:00Z' });

    expect(await itemAt(side, id)).toMatchObject({ belongs: true, entity: { allDay: true, start: '2027-03-04' } });
  });
});

describe('fields that the collection does not have', () => {
  test('optional ones are switched off with a notice, once', async () => {
    const { directus, side, notices } = aDirectus({ server: { fieldsMissing: ['nextcloud_uid', 'organizer', 'all_day'] } });
    const { id } = directus.events.add({ title: 'Choir' });

    const item = await itemAt(side, id);
    await itemAt(side, id);

    expect(item.entity).toMatchObject({ title: 'Choir', organizer: undefined });
    expect(notices.toSorted()).toEqual([
      'the collection events has no field all_day: allDay is left out',
      'the collection events has no field nextcloud_uid: nextcloudUid is left out',
      'the collection events has no field organizer: organizer is left out',
    ]);
  });

  test('needed ones stop the connector, all by name', async () => {
    const settings = settingsOf({ directus: { fields: { title: 'titel', start: 'beginn' } } });
    const { directus, side } = aDirectus({ settings });
    const { id } = directus.events.add();

    const reading = side.lookUp([String(id)]);

    await expect(reading).rejects.toEqual(
      new ConfigurationInvalid([
        'directus.fields.title: the collection events has no field titel, or does not show it',
        'directus.fields.start: the collection events has no field beginn, or does not show it',
      ]),
    );
  });

  test('a worker that writes first asks before it does, because a wrong name would be ignored in silence', async () => {
    const { directus, anotherWorker } = aDirectus({ server: { fieldsMissing: ['nextcloud_uid'] } });

    const results = await anotherWorker().write([aCreate('source', 'u1@example.org')]);

    expect(kindsOf(results)).toEqual(['done']);
    expect(directus.journal.entries.at(-1)).toMatchObject({ method: 'POST' });
    expect(directus.events.all()[0]).toMatchObject({ title: 'Open board meeting', nextcloud_uid: null });
  });

  test('without dates all values are read, and their digest is the version', async () => {
    const { directus, side } = aDirectus({ server: { fieldsMissing: ['date_updated', 'date_created'] } });
    for (let count = 0; count < 150; count += 1) directus.events.add();

    const before = await readAll(side);
    const again = await readAll(side);
    directus.events.edit(7, { cost: '5 EUR' });
    const after = await readAll(side);

    expect(before.sightings).toHaveLength(150);
    expect(before.end).toEqual({ kind: 'scan', lastPageSeen: true, authoritative: false });
    expect(again.sightings).toEqual(before.sightings);
    expect(after.sightings.filter((sighting, at) => JSON.stringify(sighting) !== JSON.stringify(before.sightings[at]))).toHaveLength(1);
  });

  test('without dates an update still notices that the row is another one by now', async () => {
    const { directus, side } = aDirectus({ server: { fieldsMissing: ['date_updated', 'date_created'] } });
    const first = directus.events.add();
    const second = directus.events.add();
    await readAll(side);
    const items = [await itemAt(side, first.id), await itemAt(side, second.id)] as const;
    directus.events.edit(first.id, { cost: 'free' });

    const results = await side.write(items.map((item) => anUpdate('source', item, { cost: '5 EUR' })));

    expect(kindsOf(results)).toEqual(['stale', 'done']);
    expect(directus.events.all().map(({ cost }) => cost)).toEqual(['free', '5 EUR']);
  });
});

describe('creating', () => {
  test('new rows are unapproved, name their calendar object, and come back as they stand', async () => {
    const { directus, side } = aDirectus();

    const [result] = await side.write([aCreate('source', 'u1@example.org')]);

    const row = directus.events.all()[0];
    expect(row).toMatchObject({
      approved: false, source: 'nextcloud', nextcloud_uid: 'u1@example.org', title: 'Open board meeting', start_date: '2027-03-04T18:00:00.000Z',
      end_date: '2027-03-04T19:30:00.000Z', all_day: false, category: 'ehrenamt_engagement', cost: 'free',
    });
    expect(result).toMatchObject({ kind: 'done', id: String(row?.id), item: { belongs: { absentBecause: 'not approved' }, entity: { title: 'Open board meeting', uid: 'u1@example.org' } } });
    expect(result).toMatchObject({ version: (await itemAt(side, row?.id ?? 0)).version });
  });

  test('a hundred are one call', async () => {
    const { directus, side } = aDirectus();
    await readAll(side);
    const creates = Array.from({ length: 100 }, (_, at) => aCreate('source', `u${at}@example.org`, anEntity({ title: `Event ${at}` })));

    const results = await side.write(creates);

    expect(new Set(kindsOf(results))).toEqual(new Set(['done']));
    expect(results.map((result) => (result.kind === 'done' ? result.item?.entity['title'] : ''))).toEqual(creates.map(({ staged }) => (staged.kind === 'create' ? staged.entity['title'] : '')));
    expect(directus.journal.count('POST /items/events')).toBe(1);
  });

  test('one row that exists and one that is refused do not stop the others of the batch', async () => {
    const { directus, side } = aDirectus();
    const standing = directus.events.add({ nextcloud_uid: 'u3@example.org' });
    const creates = Array.from({ length: 8 }, (_, at) => aCreate('source', `u${at}@example.org`, anEntity(at === 5 ? { title: null } : {})));

    const results = await side.write(creates);

    expect(kindsOf(results)).toEqual(['done', 'done', 'done', 'exists', 'done', 'refused', 'done', 'done']);
    expect(results[3]).toEqual({ kind: 'exists', id: String(standing.id) });
    expect(results[5]).toMatchObject({ code: 'FAILED_VALIDATION', message: 'directus refused POST /items/events (400 FAILED_VALIDATION): title' });
    expect(directus.events.size).toBe(7);
  });

  test('a lost answer is told as sent, and what was made is found again by its UID', async () => {
    const { directus, side } = aDirectus();
    const standing = directus.events.add();
    await itemAt(side, standing.id);
    directus.faults.add({ kind: 'lost-answer', when: { method: 'POST' }, times: 1 });
    const creates = [aCreate('source', 'u1@example.org'), aCreate('source', 'u2@example.org')];

    const results = await side.write(creates);
    const found = await side.lookForOurs([...creates, aCreate('source', 'never@example.org')]);

    expect(results).toEqual([0, 1].map(() => ({ kind: 'lost', sent: true, code: 'E_UNAVAILABLE' })));
    expect(found.map((items) => items.map((item) => item.entity['uid']))).toEqual([['u1@example.org'], ['u2@example.org'], []]);
    expect(directus.events.size).toBe(3);
  });

  test('without a field for the UID, ours are found by title and start among the imported; two of them are several', async () => {
    const { directus, side } = aDirectus({ server: { fieldsMissing: ['nextcloud_uid'] } });
    directus.events.add({ title: 'Open board meeting', start_date: '2027-03-04T18:00:00Z' });
    const create = aCreate('source', 'u1@example.org');

    const before = await side.lookForOurs([create]);
    await side.write([create]);
    const once = await side.lookForOurs([create]);
    await side.write([create]);
    const twice = await side.lookForOurs([create]);

    expect(before).toEqual([[]]);
    expect(once).toMatchObject([[{ entity: { title: 'Open board meeting' } }]]);
    expect(twice.map((items) => items.length)).toEqual([2]);
  });

  test('a bot that may not create gets one refusal each, for one call', async () => {
    const { directus, side } = aDirectus();
    directus.settings.permissions.create = false;

    const results = await side.write([aCreate('source', 'u1@example.org'), aCreate('source', 'u2@example.org')]);

    expect(results).toMatchObject([{ kind: 'refused', code: 'FORBIDDEN' }, { kind: 'refused', code: 'FORBIDDEN' }]);
    expect(directus.journal.count('POST /items/events')).toBe(1);
  });
});

describe('changing', () => {
  test('only the changed fields are written, and the result is the row as it stands', async () => {
    const { directus, side } = aDirectus();
    const { id } = directus.events.add({ title: 'Choir', cost: 'free' });
    const item = await itemAt(side, id);
    directus.journal.clear();

    const [result] = await side.write([anUpdate('source', item, { location: 'Old school, yard' })]);

    expect(directus.events.get(id)).toMatchObject({ title: 'Choir', cost: 'free', location: 'Old school, yard' });
    expect(result).toMatchObject({ kind: 'done', id: String(id), item: { entity: { location: 'Old school, yard' } } });
    expect((await itemAt(side, id)).version).toBe(result?.kind === 'done' ? result.version : '');
  });

  test('a row that somebody changed meanwhile is stale and stays as it is; one that is gone too', async () => {
    const { directus, side } = aDirectus();
    const rows = [directus.events.add(), directus.events.add()];
    const items = await Promise.all(rows.map(({ id }) => itemAt(side, id)));
    directus.events.edit(rows[0]!.id, { cost: 'by donation' });
    directus.events.remove(rows[1]!.id);

    const results = await side.write(items.map((item) => anUpdate('source', item, { cost: '5 EUR' })));

    expect(kindsOf(results)).toEqual(['stale', 'stale']);
    expect(directus.events.all().map(({ cost }) => cost)).toEqual(['by donation']);
  });

  test('by default no row is ever removed or archived', async () => {
    const { directus, side } = aDirectus();
    const { id } = directus.events.add();

    const results = await side.write([aDelete('source', await itemAt(side, id))]);

    expect(results).toMatchObject([{ kind: 'refused', code: 'E_DELETE_OFF' }]);
    expect(directus.journal.writes).toEqual([]);
  });

  test('where archiving is allowed, a deletion archives the row it was decided from', async () => {
    const { directus, side } = aDirectus({ settings: settingsOf({ directus: { deletes: 'archive' } }) });
    const rows = [directus.events.add({ approved: true }), directus.events.add({ approved: true })];
    const items = await Promise.all(rows.map(({ id }) => itemAt(side, id)));
    directus.events.edit(rows[1]!.id, { cost: 'free' });

    const results = await side.write(items.map((item) => aDelete('source', item)));

    expect(results).toMatchObject([{ kind: 'done', item: { belongs: { absentBecause: 'archived' } } }, { kind: 'stale' }]);
    expect(directus.events.all().map(({ status }) => status)).toEqual(['archived', 'draft']);
  });
});

describe('what stops the connector', () => {
  test('a refused sign-in is thrown', async () => {
    const { directus, side } = aDirectus();
    const { id } = directus.events.add();
    const item = await itemAt(side, id);
    directus.settings.suspended = true;

    await expect(side.write([anUpdate('source', item, { cost: '5 EUR' })])).rejects.toThrow(VendorSignInFailed);
  });

  test('being asked to slow down is thrown while nothing was done', async () => {
    const { directus, side } = aDirectus();
    const { id } = directus.events.add();
    const item = await itemAt(side, id);
    directus.faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '600' }, when: {} });

    await expect(side.write([anUpdate('source', item, { cost: '5 EUR' })])).rejects.toThrow(VendorRateLimited);
  });

  test('once something was done, the rest is told as not sent, so that no result is lost', async () => {
    const { directus, clock, side } = aDirectus();
    const rows = Array.from({ length: 6 }, () => directus.events.add());
    const items = await Promise.all(rows.map(({ id }) => itemAt(side, id)));
    directus.faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '600' }, when: { method: 'PATCH', nth: 3 } });

    const results = await side.write(items.map((item) => anUpdate('source', item, { cost: '5 EUR' })));

    const costs = directus.events.all().map(({ cost }) => cost);
    expect(kindsOf(results)).toEqual(costs.map((cost) => (cost === '5 EUR' ? 'done' : 'lost')));
    expect(results[2]).toMatchObject({ kind: 'lost', sent: false, code: 'E_RATE_LIMITED', retryAt: clock.now() + 600_000 });
  });
});

test('another address or collection is another identity', () => {
  const settings = settingsOf({ directus: { collection: 'termine' } });

  expect(aDirectus().side.identity()).toBe('https://directus.test events');
  expect(aDirectus({ settings }).side.identity()).toBe('https://directus.test termine');
});
