import { expect, test } from 'vitest';
import { editObject, newObject } from '../../../shared/vendors/nextcloud/icalendar.ts';
import { anEvent, anObject, codeOf, linesOf, read, style } from './samples.ts';

const times = (text: string): object => {
  const { start, end, allDay } = read(text).event;
  return { start, end, allDay };
};
const startsAt = (dtstart: string): string => read(anObject([dtstart])).event.start;
const edited = (text: string, changes: Parameters<typeof editObject>[1]): readonly string[] =>
  linesOf(editObject(text, changes, { ...style, stamp: '2027-01-10T08:00:00Z' }));

test.each([
  ['UTC', 'DTSTART:20270304T180000Z', '2027-03-04T18:00:00Z'],
  ['an IANA zone without VTIMEZONE', 'DTSTART;TZID=Europe/Berlin:20270304T180000', '2027-03-04T17:00:00Z'],
  ['summer time', 'DTSTART;TZID=Europe/Berlin:20270704T180000', '2027-07-04T16:00:00Z'],
  ['a vendor prefix', 'DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20270304T180000', '2027-03-04T17:00:00Z'],
  ['a vendor prefix with a version', 'DTSTART;TZID=/mozilla.org/20050126_1/America/Argentina/Buenos_Aires:20270304T180000', '2027-03-04T21:00:00Z'],
  ['a Windows name', 'DTSTART;TZID="W. Europe Standard Time":20270304T180000', '2027-03-04T17:00:00Z'],
  ['another Windows name', 'DTSTART;TZID=Pacific Standard Time:20270304T180000', '2027-03-05T02:00:00Z'],
  ['letter case', 'DTSTART;TZID=europe/berlin:20270304T180000', '2027-03-04T17:00:00Z'],
  ['no zone at all: the calendar’s', 'DTSTART:20270304T180000', '2027-03-04T17:00:00Z'],
  ['a gap (02:30 does not exist): the offset before it', 'DTSTART;TZID=Europe/Berlin:20270328T023000', '2027-03-28T01:30:00Z'],
  ['an overlap (02:30 comes twice): the first', 'DTSTART;TZID=Europe/Berlin:20271031T023000', '2027-10-31T00:30:00Z'],
  ['a gap of half an hour', 'DTSTART;TZID=Australia/Lord_Howe:20271003T021500', '2027-10-02T15:45:00Z'],
  ['the year 1600', 'DTSTART:16000101T000000Z', '1600-01-01T00:00:00Z'],
  ['the year 9999', 'DTSTART:99991231T235959Z', '9999-12-31T23:59:59Z'],
])('%s', (_, dtstart, start) => {
  expect(startsAt(dtstart)).toBe(start);
});

const customZone = [
  'BEGIN:VTIMEZONE',
  'TZID:Customized Time Zone',
  'BEGIN:STANDARD',
  'DTSTART:16011028T030000',
  'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:16010325T020000',
  'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
];

test('a zone that nobody knows is read from the object’s own description', () => {
  const winter = anObject(['DTSTART;TZID=Customized Time Zone:20270304T180000'], customZone);
  const summer = anObject(['DTSTART;TZID=Customized Time Zone:20270704T180000'], customZone);

  expect(read(winter).event.start).toBe('2027-03-04T17:00:00Z');
  expect(read(summer).event.start).toBe('2027-07-04T16:00:00Z');
});

test('a known name wins over a description that says otherwise', () => {
  const outdated = customZone.map((line) => line.replace('Customized Time Zone', 'Europe/Moscow'));

  expect(read(anObject(['DTSTART;TZID=Europe/Moscow:20270304T180000'], outdated)).event.start).toBe('2027-03-04T15:00:00Z');
});

test('the place that a description names is used before its rules', () => {
  const located = [...customZone.slice(0, 2), 'X-LIC-LOCATION:America/New_York', ...customZone.slice(2)];

  expect(read(anObject(['DTSTART;TZID=Customized Time Zone:20270304T180000'], located)).event.start).toBe('2027-03-04T23:00:00Z');
});

test.each([
  ['a zone that is neither known nor described', ['DTSTART;TZID=Nowhere/Else:20270304T180000'], 'E_ZONE_UNKNOWN'],
  ['day 32', ['DTSTART;VALUE=DATE:20270332'], 'E_DATE_UNREADABLE'],
  ['30 February', ['DTSTART:20270230T100000Z'], 'E_DATE_UNREADABLE'],
  ['hour 25', ['DTSTART:20270304T250000Z'], 'E_DATE_UNREADABLE'],
  ['words', ['DTSTART:tomorrow'], 'E_DATE_UNREADABLE'],
  ['a year', ['DTSTART:2027'], 'E_DATE_UNREADABLE'],
  ['a date as end of a timed event', ['DTSTART:20270304T180000Z', 'DTEND;VALUE=DATE:20270305'], 'E_DATE_UNREADABLE'],
  ['a time as end of an all-day event', ['DTSTART;VALUE=DATE:20270304', 'DTEND:20270305T100000Z'], 'E_DATE_UNREADABLE'],
  ['an end before the start', ['DTSTART:20270304T180000Z', 'DTEND:20270304T170000Z'], 'E_END_BEFORE_START'],
  ['an all-day end before the start', ['DTSTART;VALUE=DATE:20270304', 'DTEND;VALUE=DATE:20270303'], 'E_END_BEFORE_START'],
  ['a negative duration', ['DTSTART:20270304T180000Z', 'DURATION:-PT1H'], 'E_END_BEFORE_START'],
])('%s rejects the item by name', (_, lines, code) => {
  expect(codeOf(() => read(anObject(lines)))).toBe(code);
});

test('an end is compared across zones', () => {
  const text = anObject(['DTSTART;TZID=America/New_York:20270304T100000', 'DTEND;TZID=Europe/Berlin:20270304T170000']);

  expect(times(text)).toEqual({ start: '2027-03-04T15:00:00Z', end: '2027-03-04T16:00:00Z', allDay: false });
});

test.each([
  ['exclusive end, three days', ['DTEND;VALUE=DATE:20270307'], '2027-03-06'],
  ['exclusive end, one day', ['DTEND;VALUE=DATE:20270305'], '2027-03-04'],
  ['the same day as end, as some programs write one day', ['DTEND;VALUE=DATE:20270304'], '2027-03-04'],
  ['a duration in days', ['DURATION:P3D'], '2027-03-06'],
  ['a duration in weeks', ['DURATION:P1W'], '2027-03-10'],
  ['a duration in hours', ['DURATION:PT24H'], '2027-03-04'],
  ['no end', [], null],
])('an all-day event with %s', (_, lines, end) => {
  expect(times(anObject(['DTSTART;VALUE=DATE:20270304', ...lines]))).toEqual({ start: '2027-03-04', end, allDay: true });
});

test('a date that is not declared as one is a date all the same', () => {
  expect(times(anObject(['DTSTART:20270304']))).toEqual({ start: '2027-03-04', end: null, allDay: true });
});

test('a timed event without an end has no length', () => {
  expect(times(anObject([]))).toEqual({ start: '2027-03-04T18:00:00Z', end: null, allDay: false });
});

test('a day of a duration is a calendar day, an hour is an hour, when the clocks change', () => {
  const start = 'DTSTART;TZID=Europe/Berlin:20270327T180000';

  expect(times(anObject([start, 'DURATION:P1D']))).toMatchObject({ end: '2027-03-28T16:00:00Z' });
  expect(times(anObject([start, 'DURATION:PT24H']))).toMatchObject({ end: '2027-03-28T17:00:00Z' });
});

test('a new all-day event is written with an exclusive end and no zone', () => {
  const text = newObject({ uid: 'u', event: anEvent({ allDay: true, start: '2027-03-04', end: '2027-03-06' }), stamp: '2027-01-10T08:00:00Z' }, style);

  expect(linesOf(text)).toContain('DTSTART;VALUE=DATE:20270304');
  expect(linesOf(text)).toContain('DTEND;VALUE=DATE:20270307');
});

test('a changed time stays in the zone it had', () => {
  const text = anObject(['DTSTART;TZID=Europe/Berlin:20270304T180000', 'DTEND;TZID=Europe/Berlin:20270304T193000']);

  const lines = edited(text, { start: '2027-07-04T16:00:00Z', end: '2027-07-04T17:30:00Z' });

  expect(lines).toContain('DTSTART;TZID=Europe/Berlin:20270704T180000');
  expect(lines).toContain('DTEND;TZID=Europe/Berlin:20270704T193000');
});

test('only the moment that changes is written', () => {
  const text = anObject(['DTSTART;TZID=Europe/Berlin:20270304T180000', 'DTEND;TZID=America/New_York:20270304T133000']);

  const lines = edited(text, { start: '2027-03-04T16:00:00Z' });

  expect(lines).toContain('DTSTART;TZID=Europe/Berlin:20270304T170000');
  expect(lines).toContain('DTEND;TZID=America/New_York:20270304T133000');
});

test('an instant that its zone cannot tell (the second of an overlap) is written in UTC', () => {
  const lines = edited(anObject(['DTSTART;TZID=Europe/Berlin:20271030T180000']), { start: '2027-10-31T01:30:00Z' });

  expect(lines).toContain('DTSTART:20271031T013000Z');
});

test('a time in a zone that only the object describes changes to UTC', () => {
  const text = anObject(['DTSTART;TZID=Customized Time Zone:20270304T180000'], customZone);

  expect(edited(text, { start: '2027-03-04T18:00:00Z' })).toContain('DTSTART:20270304T180000Z');
});

test('a floating time that changes becomes an instant', () => {
  expect(edited(anObject(['DTSTART:20270304T180000']), { start: '2027-03-04T18:00:00Z' })).toContain('DTSTART:20270304T180000Z');
});

test('a duration gives way to an end in the same zone once times change, and stays while they do not', () => {
  const text = anObject(['DTSTART;TZID=Europe/Berlin:20270304T180000', 'DURATION:PT1H']);

  const moved = edited(text, { start: '2027-03-04T16:00:00Z' });
  const renamed = edited(text, { title: 'Other' });

  expect(moved).toContain('DTEND;TZID=Europe/Berlin:20270304T190000');
  expect(moved.some((line) => line.startsWith('DURATION'))).toBe(false);
  expect(renamed).toContain('DURATION:PT1H');
});

test('a timed event becomes an all-day one and back', () => {
  const text = anObject(['DTSTART;TZID=Europe/Berlin:20270304T180000', 'DTEND;TZID=Europe/Berlin:20270304T193000']);

  const allDay = editObject(text, { allDay: true, start: '2027-03-04', end: '2027-03-05' }, { ...style, stamp: '2027-01-10T08:00:00Z' });
  const back = edited(allDay, { allDay: false, start: '2027-03-04T17:00:00Z', end: null });

  expect(linesOf(allDay)).toContain('DTSTART;VALUE=DATE:20270304');
  expect(linesOf(allDay)).toContain('DTEND;VALUE=DATE:20270306');
  expect(back).toContain('DTSTART:20270304T170000Z');
  expect(back.some((line) => line.startsWith('DTEND'))).toBe(false);
});

test('the same instant in other words is no change', () => {
  const text = anObject(['DTSTART;TZID=Europe/Berlin:20270304T180000']);

  expect(editObject(text, { start: '2027-03-04T18:00:00+01:00' }, { ...style, stamp: '2027-01-10T08:00:00Z' })).toBe(text);
});

test('an edit that would end before the start is refused', () => {
  expect(codeOf(() => edited(anObject(['DTEND:20270304T190000Z']), { start: '2027-03-05T18:00:00Z' }))).toBe('E_END_BEFORE_START');
});

test('the times of a series are never written, its texts are', () => {
  const text = anObject(['RRULE:FREQ=WEEKLY;BYDAY=TH']);

  expect(codeOf(() => edited(text, { start: '2027-03-11T18:00:00Z' }))).toBe('E_SERIES_TIMES');
  expect(codeOf(() => edited(text, { recurrence: null }))).toBe('E_SERIES_TIMES');
  expect(edited(text, { title: 'Other' })).toEqual(expect.arrayContaining(['SUMMARY:Other', 'RRULE:FREQ=WEEKLY;BYDAY=TH', 'DTSTART:20270304T180000Z']));
});
