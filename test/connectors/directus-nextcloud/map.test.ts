/** How a row of Directus reads as an event and back. The calendar object's own side is proven with the iCalendar code. */
import { assert, boolean, constantFrom, date, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ItemInvalid } from '../../../shared/base/errors.ts';
import { importMarks, itemOfObject, itemOfRow, keysFor, valuesOf, type Columns } from '../../../shared/connectors/directus-nextcloud/map.ts';
import type { Settings } from '../../../shared/connectors/directus-nextcloud/settings.ts';
import { newObject, type Style } from '../../../shared/vendors/nextcloud/icalendar.ts';
import { anEntity, digest, settingsOf } from './both-sides.ts';

const columns: Columns = Object.fromEntries(Object.entries(settingsOf().directus.fields).filter(([, name]) => name !== null));

const read = (row: Record<string, unknown>, settings: Settings = settingsOf(), names: Columns = columns) =>
  itemOfRow({ id: 41, title: 'Open board meeting', start_date: '2027-03-04T18:00:00.000Z', ...row }, 'v1', names, settings, digest);

function refusalOf(row: Record<string, unknown>): Pick<ItemInvalid, 'code' | 'field' | 'message'> | undefined {
  try {
    read(row);
  } catch (error) {
    if (error instanceof ItemInvalid) return error;
    throw error;
  }
  return undefined;
}

test('a row becomes an event in plain words', () => {
  const item = read({
    end_date: '2027-03-04T19:30:00.000Z', all_day: 0, description: ' Agenda\r\nby post. ', location: 'Town hall, room 2', website: 'javascript:alert(1)',
    organizer: null, cost: 'free', category: 'b_key, a_key,', approved: 1, nextcloud_uid: null, date_created: '2027-01-10T08:00:00.000Z', date_updated: null,
  });

  expect(item).toMatchObject({
    id: '41',
    version: 'v1',
    belongs: true,
    entity: {
      title: 'Open board meeting', start: '2027-03-04T18:00:00Z', end: '2027-03-04T19:30:00Z', allDay: false, description: 'Agenda\nby post.',
      location: 'Town hall, room 2', website: null, organizer: null, cost: 'free', categories: ['a_key', 'b_key'], changedAt: '2027-01-10T08:00:00.000Z',
    },
  });
  expect(item.entity['recurrence']).toBeUndefined();
  expect(item.matchKeys).toEqual([
    { strength: 'sure', text: 'uid:nonprofit-41@directus' },
    { strength: 'likely', text: 'open board meeting\n2027-03-04T18:00:00Z' },
  ]);
});

test('a row that came from the calendar is known by the UID it had there', () => {
  const item = read({ nextcloud_uid: 'abc@example.org' });

  expect(item.matchKeys?.map(({ text }) => text).slice(0, 2)).toEqual(['uid:abc@example.org', 'uid:nonprofit-41@directus']);
  expect(item.entity['uid']).toBe('abc@example.org');
});

test('a field that the collection does not have is left alone, not emptied', () => {
  const { cost: _, categories: __, ...others } = columns;

  const { entity } = read({ cost: 'free', category: 'a' }, settingsOf(), others);

  expect([entity['cost'], entity['categories']]).toEqual([undefined, undefined]);
});

describe('belonging', () => {
  test.each([
    [{ approved: true }, true],
    [{ approved: '1' }, true],
    [{ approved: false }, 'not approved'],
    [{ approved: null }, 'not approved'],
    [{ approved: true, status: 'archived' }, 'archived'],
    [{ approved: true, status: 'rejected' }, 'rejected'],
    [{ approved: true, status: 'draft' }, true],
  ])('%j by the boolean: %s', (row, expected) => {
    expect(read(row).belongs).toEqual(expected === true ? true : { absentBecause: expected });
  });

  test.each([
    [{ status: 'published', approved: false }, true],
    [{ status: 'draft', approved: true }, 'not approved'],
    [{ status: null }, 'not approved'],
  ])('%j by the status: %s', (row, expected) => {
    const settings = settingsOf({ directus: { approval: { by: 'status' } } });

    expect(read(row, settings).belongs).toEqual(expected === true ? true : { absentBecause: expected });
  });

  test('an approval that is neither yes nor no rejects the row instead of publishing or hiding it', () => {
    expect(refusalOf({ approved: 'maybe' })).toMatchObject({ code: 'E_FIELD_UNREADABLE', field: 'approved' });
  });
});

describe('a row that cannot be read is named by field, never by value', () => {
  test.each([
    [{ title: '  ' }, 'E_TITLE_MISSING', 'title'],
    [{ title: null }, 'E_TITLE_MISSING', 'title'],
    [{ start_date: null }, 'E_DATE_MISSING', 'start_date'],
    [{ start_date: 'geheim' }, 'E_DATE_UNREADABLE', 'start_date'],
    [{ start_date: '2027-02-30T10:00:00.000Z' }, 'E_DATE_UNREADABLE', 'start_date'],
    [{ end_date: 7 }, 'E_DATE_UNREADABLE', 'end_date'],
    [{ end_date: '2027-03-04T17:00:00.000Z' }, 'E_END_BEFORE_START', 'end_date'],
    [{ description: { geheim: 1 } }, 'E_FIELD_UNREADABLE', 'description'],
    [{ category: [1] }, 'E_FIELD_UNREADABLE', 'category'],
    [{ description: 'geheim'.repeat(200_000) }, 'E_TOO_LARGE', undefined],
  ])('%#: %s', (row, code, field) => {
    const refusal = refusalOf(row);

    expect(refusal).toMatchObject({ code, field });
    expect(refusal?.message).not.toMatch(/geheim|2027/);
  });
});

describe('times', () => {
  test.each([
    ['an instant with an offset', { start_date: '2027-03-04T19:00:00+01:00' }, '2027-03-04T18:00:00Z', false],
    ['a wall clock, as dateTime fields have it', { start_date: '2027-07-04T19:00:00' }, '2027-07-04T17:00:00Z', false],
    ['midnight in the calendar zone', { start_date: '2027-03-03T23:00:00.000Z', all_day: true }, '2027-03-04', true],
    ['midnight UTC', { start_date: '2027-03-04T00:00:00.000Z', all_day: true }, '2027-03-04', true],
    ['a wall clock', { start_date: '2027-03-04T00:00:00', all_day: true }, '2027-03-04', true],
    ['a bare date', { start_date: '2027-03-04', all_day: true }, '2027-03-04', true],
  ])('%s', (_, row, start, allDay) => {
    expect(read(row).entity).toMatchObject({ start, allDay });
  });

  test('midnight UTC stays that date west of Greenwich', () => {
    const settings = settingsOf({ calendarZone: 'America/New_York' });

    expect(read({ start_date: '2027-03-04T00:00:00.000Z', all_day: true }, settings).entity).toMatchObject({ start: '2027-03-04' });
  });

  test('the last day of a whole-day event is inclusive', () => {
    const { entity } = read({ start_date: '2027-03-04', end_date: '2027-03-06', all_day: true });

    expect(entity).toMatchObject({ start: '2027-03-04', end: '2027-03-06' });
  });

  test('without a field for it, a bare date means a whole day', () => {
    const { allDay: _, ...others } = columns;

    expect(read({ start_date: '2027-03-04' }, settingsOf(), others).entity).toMatchObject({ start: '2027-03-04', allDay: true });
    expect(read({}, settingsOf(), others).entity).toMatchObject({ allDay: false });
  });

  test.each(['timestamp', 'dateTime'])('what is written as %s reads as the same event, in every zone', (timesAs) => {
    const zones = constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Auckland', 'UTC', 'Africa/Cairo');
    const days = date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
    assert(
      property(zones, days, nat(9), boolean(), (calendarZone, from, length, allDay) => {
        const settings = settingsOf({ calendarZone, directus: { timesAs } });
        const spell = (day: Date) => (allDay ? day.toISOString().slice(0, 10) : `${day.toISOString().slice(0, 11)}12:00:00Z`);
        const event = anEntity({ allDay, start: spell(from), end: spell(new Date(from.getTime() + length * 86_400_000)) });

        const row = valuesOf(event, event, columns, settings);

        expect(read(row, settings).entity).toMatchObject({ start: event['start'], end: event['end'], allDay });
      }),
      { numRuns: 300 },
    );
  });
});

test('a write carries the given fields only, in the collection\'s own words', () => {
  const whole = anEntity();

  const values = valuesOf({ end: null, categories: ['b', 'a, c'], organizer: null }, whole, columns, settingsOf());

  expect(values).toEqual({ end_date: null, category: 'b,a  c', organizer: null });
});

test('an imported row is unapproved and says whence it came', () => {
  expect(importMarks('u1', columns, settingsOf())).toEqual({ approved: false, source: 'nextcloud', nextcloud_uid: 'u1' });
  expect(importMarks('u1', columns, settingsOf({ directus: { approval: { by: 'status' } } }))).toEqual({ status: 'draft', source: 'nextcloud', nextcloud_uid: 'u1' });
});

describe('names of new items', () => {
  const keyFor = keysFor('https://directus.test events');
  const row = read({});

  test('the same row and life make the same name, another life another', () => {
    expect(keyFor('target', row, 0)).toBe(keysFor('https://directus.test events')('target', row, 0));
    expect(keyFor('target', row, 0)).not.toBe(keyFor('target', row, 1));
    expect(keyFor('target', row, 0)).toMatch(/^[0-9a-f]{32}$/);
  });

  test('another Directus with the same ids makes other names', () => {
    expect(keysFor('https://other.test events')('target', row, 0)).not.toBe(keyFor('target', row, 0));
  });

  test('in Directus the name is the UID', () => {
    const object = newObject({ uid: 'u1@example.org', event: { ...anEvent }, stamp: '2027-01-10T08:00:00Z' }, style);

    expect(keyFor('source', itemOfObject('a.ics', object, '"1"', style, digest)!.item, 0)).toBe('u1@example.org');
  });
});

const { calendarZone, categories, labels } = settingsOf();
const style: Style = { calendarZone, categories, labels };
const anEvent = {
  title: 'Choir', start: '2027-03-04T18:00:00Z', end: null, allDay: false, description: null, location: null, website: null, organizer: null, cost: null, categories: [], recurrence: null,
};

test('only an object with our own UID is proof that we made it: a copy carries our mark under another UID', () => {
  const ours = newObject({ uid: 'nonprofit-41@directus', event: anEvent, stamp: '2027-01-10T08:00:00Z', directusId: 41 }, style);
  const copy = ours.replace('UID:nonprofit-41@directus', 'UID:copied@example.org');

  expect(itemOfObject('a.ics', ours, '"1"', style, digest)?.item.reference).toBe('41');
  expect(itemOfObject('b.ics', copy, '"2"', style, digest)?.item.reference).toBeUndefined();
});
