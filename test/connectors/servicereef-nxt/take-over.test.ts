/** An organisation that ran the older Python service moves over: nothing is made twice, only blanks are filled, and what cannot be told is left to a person. */
import { describe, expect, test } from 'vitest';
import { readOlderMap } from '../../../shared/connectors/servicereef-nxt/older-maps.ts';
import { takeOver } from '../../../shared/connectors/servicereef-nxt/take-over.ts';
import { importTold } from '../../../shared/hub/import-links.ts';
import { missionHub } from '../../samples/mission-hub.ts';

type Files = { readonly events?: { readonly [key: string]: unknown }; readonly people?: { readonly [key: string]: unknown } };

/** A trip that the older service has brought to NXT a day off, and a traveller of it, whose file lacks a phone number. */
function aMission(settings: Parameters<typeof missionHub>[0] = {}) {
  const hub = missionHub(settings);
  const trip = hub.reef.events.add({ name: 'River Team', startsAt: '2026-12-05T09:00:00', endsAt: '2026-12-12T17:30:00', maxRegistrations: 24, approvalRequired: false });
  const event = hub.sky.events.add({ name: 'River Team', start_date: '2026-12-04', description: 'As staff wrote it' });
  const account = hub.reef.members.add({ firstName: 'Dana', lastName: 'Whitlock', email: 'dana@example.org', phone: '(513) 555-0142' });
  const constituent = hub.sky.constituents.add({ first: 'Dana', last: 'Whitlock', email: { address: 'other@example.org', type: 'Email', primary: true } });
  hub.reef.registrations.register({ eventId: trip.eventId, userId: account.userId });

  async function imported({ events, people }: Files, dry = false) {
    const maps = [...(events ? [readOlderMap(JSON.stringify(events), 'event_mapping.json')] : []), ...(people ? [readOlderMap(JSON.stringify(people), 'constituent_mapping.json')] : [])];
    const told = [];
    for (const map of maps) told.push(...(await importTold(hub.world(), hub.connector(), await takeOver(hub.connectorDeps(), hub.site, map), dry)));
    return told;
  }

  const files = { events: { [trip.eventId]: event.id }, people: { [account.userId]: Number(constituent.id) } };
  return { ...hub, trip, event, account, constituent, files, imported, writes: () => hub.sky.journal.writes.map(({ method, path }) => `${method} ${path}`) };
}

describe('moving over', () => {
  test('the import writes nothing, and the first run makes no event and no constituent, finds the participant and fills what is blank', async () => {
    const { imported, files, run, sky, writes, event, constituent } = aMission();
    const participant = sky.participants.add(event.id, { constituent_id: constituent.id, rsvp_status: 'NoResponse', attended: true });

    const told = await imported(files);
    const before = writes();
    const report = await run();

    expect(told).toMatchObject([{ stream: 'events', verdict: 'linked' }, { stream: 'people', verdict: 'linked' }]);
    expect(before).toEqual([]);
    expect([report.state, report.problems]).toEqual(['finished', []]);
    expect([sky.events.all().length, sky.constituents.all().length, sky.participants.all().length]).toEqual([1, 1, 1]);
    expect(sky.events.get(event.id)).toMatchObject({ name: 'River Team', start_date: '2026-12-04', description: 'As staff wrote it', end_date: '2026-12-12', capacity: 24, inactive: false });
    expect(sky.constituents.get(constituent.id)).toMatchObject({ emailaddresses: [{ address: 'other@example.org' }], phones: [{ number: '(513) 555-0142' }] });
    expect(sky.participants.get(participant.id)).toMatchObject({ rsvp_status: 'Attending', attended: true });
  });

  test('a second run has nothing to do, and a change in ServiceReef is carried over as any other', async () => {
    const { imported, files, run, reef, sky, trip, event } = aMission();
    await imported(files);
    await run();

    const quiet = await run();
    reef.events.edit(trip.eventId, { maxRegistrations: 30, startsAt: '2026-12-06T09:00:00' });
    await run();

    expect(quiet.planned).toBe(0);
    expect(sky.events.get(event.id)).toMatchObject({ capacity: 30, start_date: '2026-12-06' });
  });

  test('a place that NXT has not is filled in, and one that it has stays', async () => {
    const address = { Address1: 'Calle Roble 14', Address2: null, City: 'Monterrey', State: 'NL', Zip: '64000', Country: 'MX' };
    const { imported, run, reef, sky } = aMission();
    const [bare, placed] = ['Bare', 'Placed'].map((name) => ({ trip: reef.events.add({ name, address }), event: sky.events.add({ name, start_date: '2026-12-01' }) }));
    sky.events.edit(placed?.event.id ?? '', { location: { locality: 'Mason' } });

    await imported({ events: Object.fromEntries([bare, placed].map((one) => [one?.trip.eventId, one?.event.id])) });
    await run();

    expect([bare, placed].map((one) => sky.events.get(one?.event.id ?? '')?.location?.locality)).toEqual(['Monterrey', 'Mason']);
  });

  test('two accounts of one person are both linked to the one constituent, and stay one participant', async () => {
    const { imported, files, run, reef, sky, trip, account, constituent } = aMission();
    const second = reef.members.add({ firstName: 'Dana', lastName: 'Whitlock', email: 'dana.w@example.org' });
    reef.registrations.register({ eventId: trip.eventId, userId: second.userId });

    const told = await imported({ ...files, people: { ...files.people, [second.userId]: constituent.id } });
    const report = await run();

    expect(told.filter(({ stream }) => stream === 'people')).toMatchObject([
      { target: `${constituent.id}/${account.userId}`, verdict: 'linked' }, { target: `${constituent.id}/${second.userId}`, verdict: 'linked' },
    ]);
    expect(report.problems).toEqual([]);
    expect([sky.constituents.all().length, sky.participants.all().length]).toEqual([1, 1]);
  });

  test('an account on no roster is asked for by its number, and one on a roster is not', async () => {
    const { imported, reef, sky, account, files } = aMission();
    const earlier = reef.members.add({ firstName: 'Theo', lastName: 'Vance' });
    const known = sky.constituents.add({ first: 'Theo', last: 'Vance' });

    const told = await imported({ people: { ...files.people, [earlier.userId]: known.id } });

    expect(told.map(({ source, verdict }) => [source, verdict])).toEqual([[String(account.userId), 'linked'], [String(earlier.userId), 'linked']]);
    expect(reef.journal.entries.map(({ path }) => path).filter((path) => path.startsWith('/v1/members'))).toEqual([`/v1/members/${earlier.userId}`]);
  });

  test('the event of a cancelled trip is told, and becomes inactive with the next run', async () => {
    const { imported, files, run, reef, sky, trip, event } = aMission();
    reef.events.cancel(trip.eventId);

    const told = await imported(files);
    await run();

    expect(told[0]).toMatchObject({ verdict: 'differs', where: ['cancelled in ServiceReef'] });
    expect([sky.events.all().length, sky.events.get(event.id)?.inactive]).toEqual([1, true]);
  });
});

describe('what is left to a person', () => {
  test('what is gone from ServiceReef, or from NXT, or from both', async () => {
    const { imported, reef, sky, trip, event, account, constituent } = aMission();
    const [over, removed] = [reef.events.add(), sky.events.add({ name: 'Removed', start_date: '2026-12-01' })];
    sky.events.remove(removed.id);

    const told = await imported({
      events: { 39999: event.id, [over.eventId]: removed.id, 39998: removed.id },
      people: { 79999: constituent.id, [account.userId]: '29999' },
    });

    expect(told.map(({ source, target, verdict, where }) => [source, target, verdict, where])).toEqual(expect.arrayContaining([
      ['39999', event.id, 'missing', ['source']], [String(over.eventId), removed.id, 'missing', ['target']], ['39998', removed.id, 'missing', ['source', 'target']],
      ['79999', constituent.id, 'missing', ['source']], [String(account.userId), '29999', 'missing', ['target']],
    ]));
    expect(told).toHaveLength(5);
    expect(trip.eventId).not.toBe(over.eventId);
  });

  test('an event of another name and day is not linked, one that shares either is', async () => {
    const { imported, reef, sky, linkOf } = aMission();
    const [renamed, moved, other] = ['Harbour Team', 'Hill Team', 'Lake Team'].map((name) => reef.events.add({ name, startsAt: '2027-01-09T09:00:00' }));
    const targets = [['Port Team', '2027-01-09'], ['HILL  TEAM', '2026-11-02'], ['Gala', '2026-11-02']].map(([name = '', start_date = '']) => sky.events.add({ name, start_date }));

    const told = await imported({ events: Object.fromEntries([renamed, moved, other].map((trip, at) => [trip?.eventId, targets[at]?.id])) });

    expect(told.filter(({ verdict }) => verdict === 'linked')).toHaveLength(2);
    expect(told.filter(({ verdict }) => verdict !== 'linked')).toMatchObject([{ source: String(other?.eventId), verdict: 'ambiguous', where: ['another name', 'another start date'] }]);
    expect(await linkOf('events', other?.eventId ?? '')).toBeUndefined();
  });

  test('two trips on one event are nobody\'s', async () => {
    const { imported, reef, trip, event } = aMission();
    const again = reef.events.add({ name: 'River Team', startsAt: '2027-12-04T09:00:00' });

    const told = await imported({ events: { [trip.eventId]: event.id, [again.eventId]: event.id } });

    expect(told).toMatchObject([{ verdict: 'ambiguous', where: [String(again.eventId)] }, { verdict: 'ambiguous', where: [String(trip.eventId)] }]);
  });

  test.each([
    ['another person', { first: 'Ines', last: 'Okafor' }, ['another first name', 'another last name']],
    ['a parent who shares the e-mail', { first: 'Ruth', last: 'Whitlock', email: { address: 'dana@example.org', type: 'Email' } }, ['another first name']],
    ['a namesake of the first name alone', { first: 'Dana', last: 'Okafor' }, ['another last name']],
    ['somebody who has died', { first: 'Dana', last: 'Whitlock', deceased: true }, ['deceased in NXT']],
    ['an organisation', { type: 'Organization', name: 'Whitlock Invented Ltd' } as const, ['an organization']],
  ])('%s is doubtful, and is told by numbers and reasons alone', async (_who, draft, reasons) => {
    const { imported, reef, sky, account } = aMission();
    const record = sky.constituents.add(draft);

    const told = await imported({ people: { [account.userId]: record.id } });

    expect(told).toEqual([{ stream: 'people', source: String(account.userId), target: record.id, verdict: 'ambiguous', where: reasons }]);
    expect(JSON.stringify(told)).not.toMatch(/Dana|Ruth|Okafor|Whitlock/);
    expect(reef.journal.writes.filter(({ path }) => !/token/i.test(path))).toEqual([]);
  });

  test.each([
    ['a nickname', { first: 'Dan', last: 'Whitlock', preferred_name: 'Dana' }],
    ['a name before a marriage', { first: 'Dana', last: 'Okafor', former_name: 'Whitlock' }],
    ['another last name and the same e-mail', { first: 'Dana', last: 'Okafor', email: { address: 'DANA@example.org', type: 'Email' } }],
    ['no first name', { last: 'Whitlock' }],
  ])('%s is the same person', async (_what, draft) => {
    const { imported, sky, account } = aMission();

    const told = await imported({ people: { [account.userId]: sky.constituents.add(draft).id } });

    expect(told).toMatchObject([{ verdict: 'linked' }]);
  });

  test('keys and values that name nothing are told, and take nothing else with them', async () => {
    const { imported, files } = aMission();

    const told = await imported({ events: { ...files.events, None: '1', 31999: null }, people: { ...files.people, null: '2' } });

    expect(told.map(({ stream, verdict, where }) => `${stream} ${verdict} ${where.join()}`).sort()).toEqual([
      'events linked ', 'events missing target', 'events unreadable source', 'people linked ', 'people unreadable source',
    ]);
  });
});

describe('again, tried only, and late', () => {
  test('a second import links nothing anew', async () => {
    const { imported, files, run } = aMission();
    await imported(files);
    await run();

    expect((await imported(files)).map(({ verdict }) => verdict)).toEqual(['known', 'known']);
    expect((await run()).planned).toBe(0);
  });

  test('tried only, it tells the same and links nothing', async () => {
    const { imported, files, linkOf, trip } = aMission();

    expect((await imported(files, true)).map(({ verdict }) => verdict)).toEqual(['linked', 'linked']);
    expect(await linkOf('events', trip.eventId)).toBeUndefined();
  });

  test('while ServiceReef cannot be read, nothing is imported', async () => {
    const { imported, files, reef, linkOf, trip } = aMission();
    reef.settings.isDown = true;

    await expect(imported(files)).rejects.toMatchObject({ code: expect.stringMatching(/^E_/) });
    expect(await linkOf('events', trip.eventId)).toBeUndefined();
  });
});
