/**
 * Description, organiser, cost, categories and website of an event: kept twice in the object, for machines as properties and
 * for people as a footer of the description. X-CONCORD-FOOTER says what the footer was when we wrote it:
 *
 *   footer in the text     truth
 *   as we wrote it         the properties (a person may have edited URL or CATEGORIES)
 *   edited                 its lines, but a line that still shows what the property says leaves the property alone
 *   removed                the properties
 *
 * In an object without that property nothing was written by us, and the description is read as it stands.
 */
import ICAL from 'ical.js';
import type { CalendarEvent } from '../../model/calendar-event.ts';
import { readText, writeText } from './component.ts';
import { footerDigest, joinText, splitText, type FooterLabels, type FooterValues } from './footer.ts';
import { normaliseCategories, normaliseLine, normaliseText, textOrNull, websiteOrNull } from './text.ts';

export type Details = Pick<CalendarEvent, 'description' | 'organizer' | 'cost' | 'categories' | 'website'>;

/** How details are spelt for people. */
export interface Wording {
  readonly labels: FooterLabels;
  /** What people read for a category key; a key without a label is shown as it is. No label may equal another key. */
  readonly categories: Readonly<Record<string, string>>;
}

const digestName = 'x-concord-footer';

export function readDetails(event: ICAL.Component, wording: Wording, isOurs: boolean): Details {
  const text = normaliseText(readText(event, 'description') ?? '');
  const stored = storedDetails(event, wording);
  const digest = readText(event, digestName);
  // Some programs drop X- properties when they save. In an object that carries our UID the footer is still ours.
  if (digest === undefined && !isOurs) return { ...stored, description: textOrNull(text) };

  const { body, footer } = splitText(text, wording.labels);
  const description = textOrNull(body);
  const isUntouched = footer === undefined || footerDigest(footer, wording.labels) === digest;
  return isUntouched ? { ...stored, description } : { ...editedDetails(footer, stored, wording), description };
}

/** Writes all details; what already stands there in other spelling (several CATEGORIES, parameters) is left as it is. */
export function writeDetails(event: ICAL.Component, details: Details, wording: Wording): void {
  const footer = footerOf(details, wording);
  const text = joinText(details.description ?? '', footer, wording.labels);
  if (normaliseText(readText(event, 'description') ?? '') !== text) {
    writeText(event, 'description', text === '' ? null : text);
    // The same text in HTML, as some programs keep it beside ours and prefer to show; now it is outdated.
    event.getFirstProperty('description')?.removeParameter('altrep');
    event.removeAllProperties('x-alt-desc');
  }
  writeWebsite(event, details.website);
  writeCategories(event, details.categories, wording);
  writeText(event, 'x-directus-organizer', details.organizer);
  writeText(event, 'x-directus-cost', details.cost);
  writeText(event, digestName, footerDigest(footer, wording.labels));
}

function storedDetails(event: ICAL.Component, wording: Wording): Omit<Details, 'description'> {
  return {
    organizer: textOrNull(readText(event, 'x-directus-organizer')),
    cost: textOrNull(readText(event, 'x-directus-cost')),
    website: websiteOrNull(readText(event, 'url')),
    categories: normaliseCategories(storedCategories(event, wording).map((label) => keyOf(label, wording))),
  };
}

function editedDetails(footer: FooterValues, stored: Omit<Details, 'description'>, wording: Wording): Omit<Details, 'description'> {
  const shown = footerOf({ ...stored, description: null }, wording);
  const known = [...Object.values(wording.categories), ...stored.categories];
  return {
    organizer: footer.organizer === shown.organizer ? stored.organizer : textOrNull(footer.organizer),
    cost: footer.cost === shown.cost ? stored.cost : textOrNull(footer.cost),
    website: footer.website === shown.website ? stored.website : websiteOrNull(footer.website),
    categories:
      footer.categories === shown.categories
        ? stored.categories
        : normaliseCategories(splitLabels(footer.categories ?? '', known).map((label) => keyOf(label, wording))),
  };
}

function footerOf(details: Details, wording: Wording): FooterValues {
  return {
    ...(details.organizer === null ? {} : { organizer: normaliseLine(details.organizer) }),
    ...(details.cost === null ? {} : { cost: normaliseLine(details.cost) }),
    ...(details.categories.length === 0 ? {} : { categories: details.categories.map((key) => labelOf(key, wording)).join(', ') }),
    ...(details.website === null ? {} : { website: details.website }),
  };
}

function writeWebsite(event: ICAL.Component, website: string | null): void {
  if (websiteOrNull(readText(event, 'url')) !== website) writeText(event, 'url', website);
}

function writeCategories(event: ICAL.Component, keys: readonly string[], wording: Wording): void {
  const current = normaliseCategories(storedCategories(event, wording).map((label) => keyOf(label, wording)));
  if (current.join('\n') === normaliseCategories(keys).join('\n')) return;
  event.removeAllProperties('categories');
  const labels = keys.map((key) => labelOf(key, wording));
  // ical.js takes the comma after an escaped backslash for an escaped comma (2.2.1), so such a label stands alone.
  const alone = labels.filter((label) => label.endsWith('\\'));
  const together = labels.filter((label) => !label.endsWith('\\'));
  for (const values of [together, ...alone.map((label) => [label])].filter((list) => list.length > 0)) {
    const property = new ICAL.Property('categories');
    property.setValues(values);
    event.addProperty(property);
  }
}

function storedCategories(event: ICAL.Component, wording: Wording): readonly string[] {
  return event.getAllProperties('categories').flatMap((property) => {
    const values = property.getValues().map(String);
    // Xandikos 0.2 drops the backslash before a comma (seen), so a label with a comma comes back in pieces.
    return values.some((value) => value.includes(',')) ? values : splitLabels(values.join(','), Object.values(wording.categories));
  });
}

function labelOf(key: string, wording: Wording): string {
  return Object.hasOwn(wording.categories, key) ? normaliseLine(wording.categories[key]!) : key;
}

function keyOf(label: string, wording: Wording): string {
  const plain = normaliseLine(label);
  const known = Object.keys(wording.categories).find((key) => labelOf(key, wording).toLowerCase() === plain.toLowerCase());
  return known ?? plain;
}

/** Splits a line at its commas, but not inside a label that has one itself: the longest known label wins. */
function splitLabels(line: string, known: readonly string[]): readonly string[] {
  const byLength = known.map(normaliseLine).filter((label) => label.includes(',')).sort((a, b) => b.length - a.length);
  const found: string[] = [];
  for (let rest = line.trim(); rest !== ''; ) {
    const label = byLength.find((candidate) => rest.startsWith(candidate) && /^\s*(,|$)/.test(rest.slice(candidate.length)));
    const taken = label ?? rest.split(',', 1)[0]!;
    found.push(taken.trim());
    rest = rest.slice(taken.length).replace(/^\s*,?\s*/, '');
  }
  return found;
}
