import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CalendarEvent } from '../../../shared/model/calendar-event.ts';
import { editObject, newObject } from '../../../shared/vendors/nextcloud/icalendar.ts';
import { normaliseEvent, normaliseText } from '../../../shared/vendors/nextcloud/text.ts';
import { anEvent, read, style } from './samples.ts';

const stamp = '2027-01-10T08:00:00Z';
const { separator } = style.labels;
const labelLines = ['Veranstalter: Eve', 'Preis: 5', 'Kategorien: a, b', 'Website: https://x.y', separator, `\\${separator}`, ` ${separator} `, '\\\\', 'Preis:', ''];
/** Every plane of Unicode, lone surrogates, controls, line ends of all kinds, and lines that imitate the footer. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.array(fc.constantFrom('\ud800', '\udfff', '\r', '\n', '\r\n', ';', ',', '\\', '\\n', ':', '"', '\t', '\u0000', '\u0085', '\u2028', '\ufeff', 'ä', 'a\u0308', '😀', '\u{10ffff}', ' '), { maxLength: 60 }).map((parts) => parts.join('')),
  fc.array(fc.oneof(fc.constantFrom(...labelLines), fc.string({ maxLength: 20 })), { maxLength: 10 }).map((lines) => lines.join('\n')),
);
const orNull = (text: fc.Arbitrary<string>): fc.Arbitrary<string | null> => fc.option(text, { nil: null });
const anyEvent: fc.Arbitrary<CalendarEvent> = fc
  .record({
    title: anyText,
    description: orNull(anyText),
    location: orNull(anyText),
    organizer: orNull(anyText),
    cost: orNull(anyText),
    website: orNull(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), anyText)),
    categories: fc.array(fc.oneof(fc.constantFrom('ehrenamt_engagement', 'bildung_beruf', 'a,b', 'ä;\\'), fc.string({ maxLength: 12 })), { maxLength: 4 }),
    allDay: fc.boolean(),
    startDay: fc.integer({ min: 0, max: 40_000 }),
    days: fc.option(fc.integer({ min: 0, max: 400 }), { nil: null }),
    second: fc.integer({ min: 0, max: 86_399 }),
  })
  .map(({ startDay, days, second, ...texts }) => {
    const spell = (day: number): string => {
      const at = new Date((day * 86_400 + (texts.allDay ? 0 : second)) * 1000).toISOString();
      return texts.allDay ? at.slice(0, 10) : at.replace('.000', '');
    };
    return normaliseEvent(anEvent({ ...texts, title: `T${texts.title}`, start: spell(startDay), end: days === null ? null : spell(startDay + days) }));
  });

test('any event comes back from the calendar as it went', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const text = newObject({ uid: 'u@x', event, stamp }, style);

      expect(read(text).event).toEqual(event);
      expect(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75 && !/[\r\n]/.test(line))).toBe(true);
    }),
    { numRuns: 500, seed: 20_261_123 },
  );
});

test('writing what was read gives the same text, so that a server’s copy never starts a loop', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const first = newObject({ uid: 'u@x', event, stamp }, style);
      const second = newObject({ uid: 'u@x', event: read(first).event, stamp }, style);

      expect(second).toBe(first);
      expect(editObject(first, event, { ...style, stamp })).toBe(first);
    }),
    { numRuns: 300, seed: 20_261_124 },
  );
});

test('any event over any other, field by field, reads as the new one', () => {
  fc.assert(
    fc.property(anyEvent, anyEvent, (before, after) => {
      const text = editObject(newObject({ uid: 'u@x', event: before, stamp }, style), after, { ...style, stamp });

      expect(read(text).event).toEqual(after);
    }),
    { numRuns: 300, seed: 20_261_125 },
  );
});

test('any description that a person types over ours, without the separator, is read as typed', () => {
  fc.assert(
    fc.property(anyText, (typed) => {
      fc.pre(!typed.includes(separator));
      const flat = newObject({ uid: 'u@x', event: anEvent({ organizer: 'Ada' }), stamp }, style).replaceAll('\r\n ', '');
      const wire = normaliseText(typed).replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');
      const text = flat.replace(/DESCRIPTION:.*\r\n/, () => `DESCRIPTION:${wire}\r\n`);

      expect(read(text).event).toMatchObject({ description: normaliseText(typed) === '' ? null : normaliseText(typed), organizer: 'Ada' });
    }),
    { numRuns: 300, seed: 20_261_126 },
  );
});

test('normalising twice is normalising once', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const once = normaliseText(text);

      expect(normaliseText(once)).toBe(once);
      expect(once.isWellFormed()).toBe(true);
    }),
    { numRuns: 1000, seed: 20_261_127 },
  );
});
