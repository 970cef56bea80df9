/** A Nextcloud calendar as a side: what it promises to the engine, over the simulated Nextcloud and the real client. */
import { describe, expect, test } from 'vitest';
import { VendorSignInFailed } from '../../../shared/base/errors.ts';
import { trimsDescriptions } from '../../../shared/simulators/nextcloud-traps.ts';
import { aCreate, aDelete, aMemory, aNextcloud, anEntity, anUpdate, itemAt, kindsOf, present, readAll, settingsOf } from './both-sides.ts';

const source = { uid: undefined, changedAt: '2027-01-10T08:00:00.000Z' };

describe('which calendar', () => {
  test('a calendar that was never known is found by name, or made, and remembered', async () => {
    const memory = aMemory();
    const { nextcloud, side } = aNextcloud({ server: { calendars: [] }, deps: { rememberCalendar: memory } });

    await side.prepare?.(true);

    expect(nextcloud.calendars().map(({ displayName }) => displayName)).toEqual(['nonprofit-events']);
    expect(memory.url).toBe(nextcloud.calendarUrl('nonprofit-events'));
  });

  test('with its address remembered, an unchanged calendar costs one call', async () => {
    const first = aNextcloud();
    const memory = aMemory(first.nextcloud.calendarUrl('events'));
    const { nextcloud, side, objects } = aNextcloud({ deps: { rememberCalendar: memory } });
    objects.put({ summary: 'Choir' });
    const { end } = await readAll(side);
    nextcloud.journal.clear();

    await side.prepare?.(true);
    const idle = await readAll(side, { cursor: end.cursor, full: false });

    expect(idle).toEqual({ sightings: [], end: { kind: 'delta', cursor: end.cursor, lastPageSeen: true, authoritative: false } });
    expect(nextcloud.journal.count()).toBe(1);
  });

  test('a remembered address that is gone is searched again by name', async () => {
    const memory = aMemory('https://nextcloud.test/remote.php/dav/calendars/hub/old/');
    const { nextcloud, side, objects } = aNextcloud({ deps: { rememberCalendar: memory } });
    objects.put({ summary: 'Choir' });

    const { sightings } = await readAll(side);

    expect(sightings).toHaveLength(1);
    expect(memory.url).toBe(nextcloud.calendarUrl('events'));
  });

  test('a known calendar that is gone for good is an error, never a fresh empty one', async () => {
    const { nextcloud, side } = aNextcloud();
    await readAll(side);
    nextcloud.calendar('events').remove({ forGood: true });

    await expect(readAll(side)).rejects.toThrow('CALENDAR_MISSING');
    expect(nextcloud.calendars()).toEqual([]);
  });

  test('a calendar in the trash, which answers and takes writes as before, is an error where full readings look for it; a renamed one is not', async () => {
    const { nextcloud, side } = aNextcloud({ deps: { watchesTrash: true } });
    const first = await readAll(side, { full: true });
    nextcloud.calendar('events').rename('Termine');
    const renamed = await readAll(side, { full: true });
    nextcloud.calendar('events').remove();

    await expect(readAll(side, { full: true })).rejects.toThrow('CALENDAR_MISSING');
    expect([first.end.kind, renamed.end.kind]).toEqual(['scan', 'scan']);
    expect((await readAll(side, { cursor: first.end.cursor, full: false })).end.kind).toBe('delta');
  });

  test('another calendar or account is another identity', () => {
    const settings = settingsOf({ nextcloud: { calendarName: 'termine' } });

    expect(aNextcloud().side.identity()).toBe('https://nextcloud.test/remote.php/dav/calendars/hub nonprofit-events hub');
    expect(aNextcloud({ settings }).side.identity()).not.toBe(aNextcloud().side.identity());
  });
});

describe('reading', () => {
  test('the first reading is a scan with a cursor, the next one tells what changed', async () => {
    const { side, objects } = aNextcloud();
    const kept = objects.put({ summary: 'Choir' }, 'a.ics');
    objects.put({ summary: 'Film night' }, 'b.ics');
    const first = await readAll(side);
    objects.remove('b.ics');
    objects.put({ summary: 'Seed swap' }, 'c.ics');

    const delta = await readAll(side, { cursor: first.end.cursor, full: false });
    const full = await readAll(side, { cursor: first.end.cursor, full: true });

    expect(first.end).toMatchObject({ kind: 'scan', lastPageSeen: true, authoritative: false });
    expect(first.sightings).toContainEqual({ kind: 'listed', id: 'a.ics', version: kept.etag });
    expect(delta.end.kind).toBe('delta');
    expect(delta.sightings).toEqual(expect.arrayContaining([{ kind: 'gone', id: 'b.ics' }, { kind: 'listed', id: 'c.ics', version: objects.get('c.ics')?.etag }]));
    expect(full.end.kind).toBe('scan');
    expect(full.sightings.map((sighting) => (sighting.kind === 'listed' ? sighting.id : ''))).toEqual(['a.ics', 'c.ics']);
  });

  test('looking up tells apart events, tasks, what cannot be read and what is gone, in one call', async () => {
    const { nextcloud, side, objects } = aNextcloud();
    objects.put({ summary: 'Choir', uid: 'choir@example.org', start: '2027-03-04T18:00:00Z' }, 'event.ics');
    objects.put(taskText, 'task.ics');
    objects.put(eventText('DTSTART;TZID=Nowhere/Atall:20270304T180000'), 'odd.ics');
    await side.prepare?.(true);
    nextcloud.journal.clear();

    const looked = await side.lookUp(['event.ics', 'task.ics', 'odd.ics', 'gone.ics']);

    expect(looked.map(({ kind }) => kind)).toEqual(['present', 'other', 'rejected', 'absent']);
    expect(present(looked[0])).toMatchObject({
      id: 'event.ics', version: objects.get('event.ics')?.etag, belongs: true, entity: { title: 'Choir', start: '2027-03-04T18:00:00Z' },
      matchKeys: [{ strength: 'sure', text: 'uid:choir@example.org' }, { strength: 'likely', text: 'choir\n2027-03-04T18:00:00Z' }],
    });
    expect(looked[2]).toMatchObject({ rejected: { id: 'odd.ics', code: 'E_ZONE_UNKNOWN', version: objects.get('odd.ics')?.etag } });
    expect(nextcloud.journal.count()).toBe(1);
  });
});

describe('creating', () => {
  test('an event born in Directus has its own UID and comes back as it stands, without another call', async () => {
    const { nextcloud, side, objects } = aNextcloud();
    await side.prepare?.(true);
    nextcloud.journal.clear();

    const [result] = await side.write([aCreate('target', 'k1', anEntity(source), '41')]);

    expect(objects.get('k1.ics')?.text).toContain('UID:nonprofit-41@directus');
    expect(result).toMatchObject({ kind: 'done', id: 'k1.ics', version: objects.get('k1.ics')?.etag, item: { id: 'k1.ics', reference: '41', entity: anEntity() } });
    expect(result?.kind === 'done' ? { ...result.item, seen: '' } : undefined).toEqual({ ...(await itemAt(side, 'k1.ics')), seen: '' });
    expect(nextcloud.journal.entries.map(({ method }) => method)).toEqual(['PUT', 'REPORT']);
  });

  test('the same row makes the same text', async () => {
    const texts = await Promise.all(
      [0, 3_600_000].map(async (laterMs) => {
        const { side, clock, objects } = aNextcloud();
        clock.advance(laterMs);
        await side.write([aCreate('target', 'k1', anEntity(source))]);
        return objects.get('k1.ics')?.text;
      }),
    );

    expect(texts[0]).toBe(texts[1]);
  });

  test('an event born in the calendar goes back under the UID it had there', async () => {
    const { side, objects } = aNextcloud();

    await side.write([aCreate('target', 'k1', anEntity({ uid: 'choir@example.org' }))]);

    expect(objects.byUid('choir@example.org')?.name).toBe('k1.ics');
  });

  test('the same create again exists, and ours is found by its key', async () => {
    const { side } = aNextcloud();
    const create = aCreate('target', 'k1', anEntity());
    await side.write([create]);

    const again = await side.write([create]);
    const found = await side.lookForOurs([aCreate('target', 'k2'), create]);

    expect(again).toEqual([{ kind: 'exists', id: 'k1.ics' }]);
    expect(found).toMatchObject([[], [{ id: 'k1.ics', reference: '41' }]]);
  });

  test('a UID that another object has is not doubled', async () => {
    const { side, objects } = aNextcloud();
    objects.put({ summary: 'Old copy', uid: 'nonprofit-41@directus' }, 'old.ics');

    const silent = await side.write([aCreate('target', 'k1', anEntity())]);

    expect(silent).toMatchObject([{ kind: 'parked', code: 'E_UID_TAKEN' }]);
    expect(objects.size).toBe(1);
  });

  test('where the server names the holder of the UID, that one exists', async () => {
    const { side, objects } = aNextcloud({ server: { traps: { duplicateUid: 'conflict-409' } } });
    objects.put({ summary: 'Old copy', uid: 'nonprofit-41@directus' }, 'old.ics');

    expect(await side.write([aCreate('target', 'k1', anEntity())])).toEqual([{ kind: 'exists', id: 'old.ics' }]);
  });

  test.each(['error-500', 'refused-400', 'accepted-once'] as const)('an event whose UID lies in the trash comes back (%s)', async (trashedUid) => {
    const { side, objects } = aNextcloud({ server: { traps: { trashedUid } } });
    await side.write([aCreate('target', 'k1', anEntity())]);
    objects.remove('k1.ics');

    const results = await side.write([aCreate('target', 'k2', anEntity())]);

    expect(kindsOf(results)).toEqual(['done']);
    expect(objects.byUid('nonprofit-41@directus')?.name).toBe('k2.ics');
  });

  test('so it does where the body of a 500 never reaches us', async () => {
    const { side, objects } = aNextcloud({ answers: [] });
    await side.write([aCreate('target', 'k1', anEntity())]);
    objects.remove('k1.ics');

    const results = await side.write([aCreate('target', 'k2', anEntity())]);

    expect(kindsOf(results)).toEqual(['done']);
    expect(objects.trash()).toEqual([]);
  });

  test('an event that cannot be written does not stop the others', async () => {
    const { side, objects } = aNextcloud();
    const creates = [anEntity(), anEntity({ title: '' }), anEntity({ recurrence: 'FREQ=DAILY' }), anEntity()].map((entity, at) => aCreate('target', `k${at}`, entity, `${at}`));

    const results = await side.write(creates);

    expect(results).toMatchObject([{ kind: 'done' }, { kind: 'refused', code: 'E_TITLE_MISSING' }, { kind: 'refused', code: 'E_SERIES_TIMES' }, { kind: 'done' }]);
    expect(objects.size).toBe(2);
  });

  test('without an etag in the answer there is no version and no item: the engine has to read back', async () => {
    const { side } = aNextcloud({ server: { traps: { rewrite: trimsDescriptions, loseEtags: true } } });

    const [result] = await side.write([aCreate('target', 'k1', anEntity())]);

    expect(result).toEqual({ kind: 'done', id: 'k1.ics', version: undefined, item: undefined });
  });

  test('a lost answer is told as sent, and what was made is found again', async () => {
    const { nextcloud, side } = aNextcloud();
    nextcloud.faults.add({ kind: 'lost-answer', when: { method: 'PUT' }, times: 1 });
    const create = aCreate('target', 'k1', anEntity());

    const [result] = await side.write([create]);
    const [found] = await side.lookForOurs([create]);

    // A create is conditional, so a quick retry may already have found the object.
    expect(['lost', 'exists']).toContain(result?.kind);
    expect(found).toMatchObject([{ id: 'k1.ics' }]);
  });
});

describe('changing', () => {
  test('only the changed fields move; alarms and everything foreign stay', async () => {
    const { nextcloud, side, objects } = aNextcloud();
    objects.put(eventText('DTSTART:20270304T180000Z', 'X-THEIRS:kept', 'SEQUENCE:3'), 'a.ics');
    const item = await itemAt(side, 'a.ics');
    nextcloud.journal.clear();

    const [result] = await side.write([anUpdate('target', item, { location: 'Old school, yard' })]);

    const text = objects.get('a.ics')?.text ?? '';
    expect(text).toContain('X-THEIRS:kept');
    expect(text).toContain('SEQUENCE:4');
    expect(text).toContain('SUMMARY:Choir');
    expect(result).toMatchObject({ kind: 'done', version: objects.get('a.ics')?.etag, item: { entity: { location: 'Old school, yard', title: 'Choir' } } });
  });

  test('fields that are not named stay as they are', async () => {
    const { side } = aNextcloud();
    await side.write([aCreate('target', 'k1', anEntity())]);

    await side.write([anUpdate('target', await itemAt(side, 'k1.ics'), { cost: null })]);

    expect((await itemAt(side, 'k1.ics')).entity).toMatchObject(anEntity({ cost: null }));
  });

  test('ten changes cost eleven calls: one reading, ten writes', async () => {
    const { nextcloud, side } = aNextcloud();
    const names = Array.from({ length: 10 }, (_, at) => `k${at}`);
    await side.write(names.map((key, at) => aCreate('target', key, anEntity(), `${at}`)));
    const items = await Promise.all(names.map((key) => itemAt(side, `${key}.ics`)));
    nextcloud.journal.clear();

    const results = await side.write(items.map((item) => anUpdate('target', item, { cost: '5 EUR' })));

    expect(new Set(kindsOf(results))).toEqual(new Set(['done']));
    expect(nextcloud.journal.count()).toBe(11);
  });

  test('an object that is so already is not written again', async () => {
    const { nextcloud, side } = aNextcloud();
    await side.write([aCreate('target', 'k1', anEntity())]);
    const item = await itemAt(side, 'k1.ics');
    nextcloud.journal.clear();

    const results = await side.write([anUpdate('target', item, { cost: 'free' })]);

    expect(results).toMatchObject([{ kind: 'done', version: item.version }]);
    expect(nextcloud.journal.writes).toEqual([]);
  });

  test('an object that somebody changed meanwhile is stale and stays as it is; a deleted one is missing', async () => {
    const { side, objects } = aNextcloud();
    objects.put({ summary: 'Choir' }, 'a.ics');
    objects.put({ summary: 'Film night' }, 'b.ics');
    const items = [await itemAt(side, 'a.ics'), await itemAt(side, 'b.ics')];
    const theirs = objects.edit('a.ics', { location: 'Riverside garden' });
    objects.remove('b.ics');

    const results = await side.write(items.map((item) => anUpdate('target', item, { location: 'Old school, yard' })));

    expect(kindsOf(results)).toEqual(['stale', 'missing']);
    expect(objects.get('a.ics')?.etag).toBe(theirs.etag);
  });

  test('times of a series, and events with guests, wait for a person', async () => {
    const { side, objects } = aNextcloud();
    objects.put(eventText('DTSTART:20270304T180000Z', 'RRULE:FREQ=WEEKLY'), 'series.ics');
    objects.put(eventText('DTSTART:20270304T180000Z', 'ATTENDEE:mailto:guest@example.org', 'ORGANIZER:mailto:host@example.org').replaceAll('UID:u', 'UID:v'), 'guests.ics');
    const items = [await itemAt(side, 'series.ics'), await itemAt(side, 'guests.ics')] as const;

    const results = await side.write([anUpdate('target', items[0], { start: '2027-03-05T18:00:00Z' }), anUpdate('target', items[1], { location: 'Elsewhere' })]);

    expect(results).toMatchObject([{ kind: 'parked', code: 'E_SERIES_TIMES' }, { kind: 'parked', code: 'E_ATTENDEES' }]);
  });
});

describe('removing', () => {
  test('takes away the version that was decided on, and no other', async () => {
    const { side, objects } = aNextcloud();
    for (const name of ['a.ics', 'b.ics', 'c.ics']) objects.put({ summary: name }, name);
    const items = await Promise.all(['a.ics', 'b.ics', 'c.ics'].map((name) => itemAt(side, name)));
    objects.edit('b.ics', { location: 'Riverside garden' });
    objects.remove('c.ics');

    const results = await side.write(items.map((item) => aDelete('target', item)));

    expect(kindsOf(results).slice(0, 2)).toEqual(['done', 'stale']);
    expect(['missing', 'stale']).toContain(results[2]?.kind);
    expect(objects.all().map(({ name }) => name)).toEqual(['b.ics']);
  });

  test('a name that lies in the trash already waits for a person', async () => {
    const { side, objects } = aNextcloud();
    objects.put({ summary: 'First', uid: 'first@example.org' }, 'a.ics');
    objects.remove('a.ics');
    objects.put({ summary: 'Second', uid: 'second@example.org' }, 'a.ics');

    const results = await side.write([aDelete('target', await itemAt(side, 'a.ics'))]);

    expect(results).toMatchObject([{ kind: 'parked', code: 'E_TRASH_SLOT_TAKEN' }]);
    expect(objects.size).toBe(1);
  });
});

describe('what stops the connector, and what does not', () => {
  test('a share for reading only refuses each write by name, although the server says that nothing is there', async () => {
    const { nextcloud, side, objects } = aNextcloud();
    objects.put({ summary: 'Choir' }, 'a.ics');
    const item = await itemAt(side, 'a.ics');
    nextcloud.calendar('events').setReadOnly(true);

    const results = await side.write([
      aCreate('target', 'k1', anEntity()), anUpdate('target', item, { location: 'Elsewhere' }), aDelete('target', item),
    ]);

    expect(results.map((result) => (result.kind === 'refused' ? result.code : result.kind))).toEqual(['E_READ_ONLY', 'E_READ_ONLY', 'E_READ_ONLY']);
  });

  test('a full disk is tried again later, and nothing was stored', async () => {
    const { nextcloud, side, objects } = aNextcloud();
    nextcloud.faults.add({ kind: 'status', status: 507, when: { method: 'PUT' } });

    const results = await side.write([aCreate('target', 'k1', anEntity())]);

    expect(results).toMatchObject([{ kind: 'lost', sent: false, code: 'E_NO_SPACE' }]);
    expect(objects.size).toBe(0);
  });

  test('a server that is ill for another reason than the trash may have stored the event', async () => {
    const { nextcloud, side } = aNextcloud();
    nextcloud.faults.add({ kind: 'status', status: 500, when: { method: 'PUT' } });

    const results = await side.write([aCreate('target', 'k1', anEntity())]);

    expect(results).toMatchObject([{ kind: 'lost', sent: true }]);
    expect(nextcloud.journal.count('PUT')).toBe(1);
  });

  test('a refused sign-in is thrown', async () => {
    const { nextcloud, side } = aNextcloud();
    await side.prepare?.(true);
    nextcloud.faults.add({ kind: 'status', status: 401, when: {} });

    await expect(side.write([aCreate('target', 'k1', anEntity())])).rejects.toThrow(VendorSignInFailed);
  });

  test('a calendar that is ill while we read for an update has been sent nothing', async () => {
    const { nextcloud, side, objects } = aNextcloud();
    objects.put({ summary: 'Choir' }, 'a.ics');
    const item = await itemAt(side, 'a.ics');
    nextcloud.faults.add({ kind: 'status', status: 503, when: { method: 'REPORT' } });

    const results = await side.write([anUpdate('target', item, { location: 'Elsewhere' }), aCreate('target', 'k1', anEntity())]);

    expect(results).toMatchObject([{ kind: 'lost', sent: false }, { kind: 'done' }]);
  });
});

function eventText(...lines: readonly string[]): string {
  const body = ['UID:u', 'DTSTAMP:20270110T080000Z', 'SUMMARY:Choir', ...lines];
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Example//EN', 'BEGIN:VEVENT', ...body, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
}

const taskText = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Example//EN', 'BEGIN:VTODO', 'UID:t', 'DTSTAMP:20270110T080000Z', 'SUMMARY:Buy seeds', 'END:VTODO', 'END:VCALENDAR', ''].join('\r\n');
