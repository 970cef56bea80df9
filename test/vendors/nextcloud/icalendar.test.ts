import { expect, test } from 'vitest';
import { editObject, newObject, readObject, uidFor } from '../../../shared/vendors/nextcloud/icalendar.ts';
import { matchText } from '../../../shared/vendors/nextcloud/text.ts';
import { anEvent, anObject, codeOf, linesOf, read, style } from './samples.ts';

const stamp = '2027-01-10T08:00:00.000Z';

test('a new object is what the sheet shows, folded, with CRLF', () => {
  const event = anEvent({
    description: 'Agenda by post.',
    location: 'Town hall, room 2',
    website: 'https://example.org/board',
    organizer: 'Ada Example',
    cost: 'free',
    categories: ['ehrenamt_engagement'],
  });

  const text = newObject({ uid: uidFor(41), event, stamp, directusId: 41 }, style);

  expect(linesOf(text)).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Concord//directus-nextcloud//EN',
    'BEGIN:VEVENT',
    'UID:nonprofit-41@directus',
    'DTSTAMP:20270110T080000Z',
    'LAST-MODIFIED:20270110T080000Z',
    'SEQUENCE:0',
    'DTSTART:20270304T180000Z',
    'DTEND:20270304T193000Z',
    'SUMMARY:Open board meeting',
    'LOCATION:Town hall\\, room 2',
    'DESCRIPTION:Agenda by post.\\n\\n––– Weitere Angaben –––\\nVeranstalter: Ada Example\\nPreis: free\\nKategorien: Ehrenamt & Engagemententwicklung\\nWebsite: https://example.org/board',
    'URL:https://example.org/board',
    'CATEGORIES:Ehrenamt & Engagemententwicklung',
    'X-DIRECTUS-ORGANIZER:Ada Example',
    'X-DIRECTUS-COST:free',
    expect.stringMatching(/^X-CONCORD-FOOTER:[0-9a-f]{16}$/),
    'X-DIRECTUS-ID:41',
    'END:VEVENT',
    'END:VCALENDAR',
  ]);
  expect(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
  expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
  expect(newObject({ uid: uidFor(41), event, stamp, directusId: 41 }, style)).toBe(text);
});

test('no text can smuggle a line into the object', () => {
  const attack = 'x\r\nATTENDEE:mailto:a@example.org';
  const event = anEvent({ title: attack, description: attack, location: attack, organizer: attack, cost: attack, categories: [attack], website: `https://x.y/\r\nATTENDEE:b` });

  const text = newObject({ uid: `u\r\nATTENDEE:c`, event, stamp, directusId: `4\r\nATTENDEE:d` }, style);

  expect(linesOf(text).filter((line) => line.startsWith('ATTENDEE'))).toEqual([]);
  expect(read(text).event.website).toBeNull();
});

test.each([
  ['', 'E_ICS_EMPTY'],
  [' \r\n ', 'E_ICS_EMPTY'],
  ['<html>', 'E_ICS_MALFORMED'],
  ['BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:cut off', 'E_ICS_MALFORMED'],
  ['BEGIN:VCARD\nEND:VCARD', 'E_ICS_MALFORMED'],
  ['BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE\nEND:VCALENDAR', 'E_ICS_NO_EVENT'],
  [anObject([]) + anObject([]), 'E_ICS_SEVERAL_EVENTS'],
  [anObject(['UID:1@x', 'END:VEVENT', 'BEGIN:VEVENT', 'UID:2@x']), 'E_ICS_SEVERAL_EVENTS'],
  [anObject(['SUMMARY: ']), 'E_TITLE_MISSING'],
  [anObject(['SUMMARY:x', 'RRULE:FREQ=SOMETIMES']), 'E_ICS_MALFORMED'],
  [anObject(['UID:']), 'E_UID_MISSING'],
  [anObject([`X-LONG:${'x'.repeat(1024 * 1024)}`]), 'E_ICS_TOO_LARGE'],
  [anObject(Array.from({ length: 1001 }, (_, index) => `X-${index}:x`)), 'E_ICS_TOO_LARGE'],
])('damage is rejected by name (%#)', (text, code) => {
  expect(codeOf(() => readObject(text, style))).toBe(code);
});

test('an error about an object does not quote it', () => {
  const broken = 'BEGIN:VCALENDAR\nAda Example is ill\nEND:VCALENDAR';

  expect(() => readObject(broken, style)).toThrow(expect.not.stringContaining('Ada'));
});

test.each(['VTODO', 'VJOURNAL'])('a %s is somebody else’s', (kind) => {
  expect(readObject(`BEGIN:VCALENDAR\nBEGIN:${kind}\nUID:1\nEND:${kind}\nEND:VCALENDAR`, style)).toBeUndefined();
});

test('LF line ends, a byte order mark, lower case and folded lines are read', () => {
  const text = '\ufeffbegin:vcalendar\nbegin:vevent\nuid:1@x\nsummary:Open bo\n ard meeting\ndtstart:20270304T180000Z\nend:vevent\nend:vcalendar';

  expect(read(text).event.title).toBe('Open board meeting');
});

test('what is missing is null', () => {
  expect(read(anObject([])).event).toEqual(anEvent({ end: null }));
});

test('several CATEGORIES are one set of keys; labels are known in any letter case', () => {
  const text = anObject(['CATEGORIES:ehrenamt & engagemententwicklung,Sport', 'CATEGORIES:Bildung\\, Beruf und mehr,Sport']);

  expect(read(text).event.categories).toEqual(['Sport', 'bildung_beruf', 'ehrenamt_engagement']);
});

test('a label with a comma is known also where a server drops its backslash', () => {
  expect(read(anObject(['CATEGORIES:Bildung, Beruf und mehr,Sport'])).event.categories).toEqual(['Sport', 'bildung_beruf']);
});

test('an address that is not of the web is no website, and is left alone', () => {
  const text = anObject(['URL:mailto:ada@example.org']);

  expect(read(text).event.website).toBeNull();
  expect(linesOf(editObject(text, { cost: 'free' }, { ...style, stamp }))).toContain('URL:mailto:ada@example.org');
});

test('our id is read from the UID, else from the property', () => {
  expect(read(anObject(['UID:nonprofit-41@directus', 'X-DIRECTUS-ID:7'])).reference).toBe('41');
  expect(read(anObject(['X-DIRECTUS-ID:7'])).reference).toBe('7');
  expect(read(anObject([])).reference).toBeUndefined();
});

test('a series is recognised, with its rule', () => {
  const exception = anObject(['UID:1@x', 'SUMMARY:Open board meeting', 'DTSTART:20270304T180000Z', 'RRULE:FREQ=WEEKLY;COUNT=3', 'END:VEVENT', 'BEGIN:VEVENT', 'UID:1@x', 'RECURRENCE-ID:20270311T180000Z', 'DTSTART:20270311T190000Z', 'SUMMARY:Later']);

  expect(read(exception)).toMatchObject({ series: true, notes: ['exceptions'], event: { recurrence: 'FREQ=WEEKLY;COUNT=3', title: 'Open board meeting' } });
  expect(read(anObject(['RDATE:20270401T180000Z']))).toMatchObject({ series: true, event: { recurrence: null } });
  expect(read(anObject(['RECURRENCE-ID:20270304T180000Z']))).toMatchObject({ series: true, notes: ['exceptions', 'no-master'] });
});

test('what deserves care is noted', () => {
  const text = anObject(['ATTENDEE:mailto:a@example.org', 'CLASS:CONFIDENTIAL', 'DESCRIPTION:caf\ufffd']);

  expect(read(text).notes).toEqual(['damaged', 'attendees', 'confidential']);
  expect(codeOf(() => editObject(text, { title: 'x' }, { ...style, stamp }))).toBe('E_DAMAGED_TEXT');
});

const foreign = anObject(
  [
    'UID:outlook-1',
    'DTSTART;TZID=Europe/Berlin:20270304T180000',
    'SUMMARY;LANGUAGE=de:Offene Sitzung',
    'COLOR:turquoise',
    'X-FOO;X-BAR="a;b":keep\\,me',
    'CATEGORIES:One',
    'CATEGORIES:Two',
    'SEQUENCE:4',
    'CONFERENCE;VALUE=URI:https://meet.example/x',
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'TRIGGER:-PT15M',
    'DESCRIPTION:soon',
    'END:VALARM',
  ],
  ['BEGIN:VTIMEZONE', 'TZID:Europe/Berlin', 'BEGIN:STANDARD', 'DTSTART:19701025T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'END:STANDARD', 'END:VTIMEZONE'],
);

test('an edit touches its field, the sequence and the stamps, and no other line', () => {
  const before = linesOf(foreign);

  const after = linesOf(editObject(foreign, { title: 'Sitzung' }, { ...style, stamp }));

  expect(before.filter((line) => !after.includes(line))).toEqual(['SUMMARY;LANGUAGE=de:Offene Sitzung', 'SEQUENCE:4']);
  expect(after.filter((line) => !before.includes(line))).toEqual(['SUMMARY;LANGUAGE=de:Sitzung', 'SEQUENCE:5', 'DTSTAMP:20270110T080000Z', 'LAST-MODIFIED:20270110T080000Z']);
});

test('an edit that changes nothing gives the same text', () => {
  const { event } = read(foreign);

  expect(editObject(foreign, {}, { ...style, stamp })).toBe(foreign);
  expect(editObject(foreign, event, { ...style, stamp })).toBe(foreign);
});

test('an edit of another detail leaves foreign categories in their two lines', () => {
  const lines = linesOf(editObject(foreign, { cost: '5 €' }, { ...style, stamp }));

  expect(lines).toEqual(expect.arrayContaining(['CATEGORIES:One', 'CATEGORIES:Two', 'X-DIRECTUS-COST:5 €']));
});

test('an emptied field goes away', () => {
  const text = newObject({ uid: 'u', event: anEvent({ location: 'Here', cost: 'free', description: 'x' }), stamp }, style);

  const bare = editObject(text, { location: null, cost: null, description: null }, { ...style, stamp });

  expect(read(bare).event).toEqual(anEvent());
  expect(linesOf(bare).some((line) => /^(LOCATION|DESCRIPTION|X-DIRECTUS-COST)/.test(line))).toBe(false);
});

test('an outdated copy of the description in HTML goes away with an edit', () => {
  const text = anObject(['DESCRIPTION;ALTREP="data:text/html,old":old', 'X-ALT-DESC;FMTTYPE=text/html:<p>old</p>']);

  const lines = linesOf(editObject(text, { description: 'new' }, { ...style, stamp }));

  expect(lines).toContain('DESCRIPTION:new');
  expect(lines.some((line) => line.includes('old'))).toBe(false);
});

test('a title is cut at 255 characters, not inside one', () => {
  const { title } = read(anObject([`SUMMARY:${'😀'.repeat(300)}`])).event;

  expect(Array.from(title)).toHaveLength(255);
  expect(title.isWellFormed()).toBe(true);
});

test('a recurrence cannot be written', () => {
  expect(codeOf(() => newObject({ uid: 'u', event: anEvent({ recurrence: 'FREQ=DAILY' }), stamp }, style))).toBe('E_SERIES_TIMES');
});

test('equal titles at the same start match, in any width, case and spacing', () => {
  const start = '2027-03-04T18:00:00Z';

  expect(matchText({ title: 'Open  BOARD\tmeeting', start })).toBe(matchText({ title: 'ｏｐｅｎ board meeting ', start }));
  expect(matchText({ title: 'Open board meeting', start })).not.toBe(matchText({ title: 'Open board meeting', start: '2027-03-04' }));
});
