import { expect, test } from 'vitest';
import type { CalendarEvent } from '../../../shared/model/calendar-event.ts';
import { editObject, newObject } from '../../../shared/vendors/nextcloud/icalendar.ts';
import { anEvent, anObject, read, style } from './samples.ts';

const stamp = '2027-01-10T08:00:00Z';
const { separator } = style.labels;
const written = (facts: Partial<CalendarEvent>, uid = 'u@x'): string => newObject({ uid, event: anEvent(facts), stamp }, style);
const unfold = (text: string): string => text.replaceAll('\r\n ', '');
/** What a person does in the calendar: changes a piece of the object's text. */
const byHand = (text: string, from: string, to: string): string => {
  const flat = unfold(text);
  if (!flat.includes(from)) throw new Error(`the sample does not hold ${from}`);
  return flat.replace(from, to);
};
const full = { description: 'Bring a cup.', organizer: 'Ada', cost: 'free', categories: ['ehrenamt_engagement', 'Sport'], website: 'https://example.org/a' };

test('the footer does not come back as description', () => {
  expect(read(written(full)).event).toEqual(anEvent({ ...full, categories: ['Sport', 'ehrenamt_engagement'] }));
});

test('an event without details has no footer', () => {
  expect(unfold(written({ description: 'Only this.' }))).toContain('DESCRIPTION:Only this.\r\n');
});

test('a line that a person edits in the footer is read back', () => {
  const text = byHand(written(full), 'Preis: free', 'Preis:  5 €');

  expect(read(text).event).toMatchObject({ ...full, cost: '5 €', categories: ['Sport', 'ehrenamt_engagement'] });
});

test('a line that a person removes empties its field, one that is added fills it', () => {
  const removed = byHand(written(full), 'Preis: free\\n', '');
  const added = byHand(written({ cost: 'free' }), 'Preis: free', 'Preis: free\\nVeranstalter: Eve');

  expect(read(removed).event.cost).toBeNull();
  expect(read(added).event.organizer).toBe('Eve');
});

test('categories edited in the footer are keys again, also labels with a comma', () => {
  const text = byHand(written(full), 'Kategorien: Sport\\, Ehrenamt & Engagemententwicklung', 'Kategorien: Bildung\\, Beruf und mehr\\, Musik');

  expect(read(text).event.categories).toEqual(['Musik', 'bildung_beruf']);
});

test('while the footer is untouched, an edit of URL or CATEGORIES counts', () => {
  const text = byHand(byHand(written(full), 'URL:https://example.org/a', 'URL:https://example.org/b'), 'CATEGORIES:Sport,Ehrenamt & Engagemententwicklung', 'CATEGORIES:Musik');

  expect(read(text).event).toMatchObject({ website: 'https://example.org/b', categories: ['Musik'] });
});

test('when the whole footer is removed the fields stay', () => {
  const flat = unfold(written(full));
  const text = flat.replace(/DESCRIPTION:.*\r\n/, 'DESCRIPTION:Bring two cups.\r\n');

  expect(read(text).event).toMatchObject({ ...full, description: 'Bring two cups.', categories: ['Sport', 'ehrenamt_engagement'] });
});

test('what a person writes above and below the footer is description', () => {
  const text = byHand(byHand(written(full), 'Bring a cup.', 'Bring two cups.'), 'https://example.org/a\r\n', 'https://example.org/a\\n\\nWear a helmet.\r\n');

  expect(read(text).event).toMatchObject({ ...full, description: 'Bring two cups.\n\nWear a helmet.', categories: ['Sport', 'ehrenamt_engagement'] });
});

test('an edited line leaves the others as they are stored, also where a line shows less', () => {
  const text = byHand(written({ organizer: 'Ada\nExample', cost: 'free' }), 'Preis: free', 'Preis: 5 €');

  expect(read(text).event).toMatchObject({ organizer: 'Ada\nExample', cost: '5 €' });
});

test('an edit after a person’s edit starts from what the person wrote', () => {
  const text = byHand(written(full), 'Preis: free', 'Preis: 5 €');

  const after = editObject(text, { organizer: 'Eve' }, { ...style, stamp });

  expect(read(after).event).toMatchObject({ cost: '5 €', organizer: 'Eve', description: 'Bring a cup.' });
  expect(unfold(after).match(/Weitere Angaben/g)).toHaveLength(1);
});

test('in an object that we never wrote, a text that looks like a footer is just text', () => {
  const text = anObject([`DESCRIPTION:Hello\\n\\n${separator}\\nPreis: 5 €`, 'X-DIRECTUS-COST:free']);

  expect(read(text).event).toMatchObject({ description: `Hello\n\n${separator}\nPreis: 5 €`, cost: 'free' });
});

test('that text survives when we write such an object for the first time', () => {
  const text = anObject([`DESCRIPTION:Hello\\n\\n${separator}\\nPreis: 5 €`]);

  const after = editObject(text, { organizer: 'Ada' }, { ...style, stamp });

  expect(read(after).event).toMatchObject({ description: `Hello\n\n${separator}\nPreis: 5 €`, organizer: 'Ada', cost: null });
});

test('in an object with our UID the footer is known also after a program dropped our properties', () => {
  const text = unfold(written(full, 'nonprofit-41@directus')).replace(/X-[A-Z-]+:.*\r\n/g, '');

  expect(read(text).event).toMatchObject({ ...full, categories: ['Sport', 'ehrenamt_engagement'] });
});
