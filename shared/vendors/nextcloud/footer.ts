/**
 * The block under a description that tells people in the calendar what Directus knows besides:
 *
 *   Bring your own cup.
 *
 *   ––– Weitere Angaben –––
 *   Veranstalter: Ada Example
 *   Preis: free
 *
 * A person may edit its lines; they are read back. The block starts at the last separator line; a separator that somebody
 * wrote as text carries a backslash (`escapeBody`), so the two cannot be mistaken for each other in an object that we wrote.
 */
import { createHash } from 'node:crypto';
import { normaliseLine, normaliseText } from './text.ts';

/** The words before the colons. They must differ from each other; changing them makes existing footers read as edited. */
export interface FooterLabels {
  readonly separator: string;
  readonly organizer: string;
  readonly cost: string;
  readonly categories: string;
  readonly website: string;
}

/** As the script wrote them that this connector replaces; the separator is ours. */
export const germanLabels: FooterLabels = {
  separator: '––– Weitere Angaben –––',
  organizer: 'Veranstalter',
  cost: 'Preis',
  categories: 'Kategorien',
  website: 'Website',
};

const fields = ['organizer', 'cost', 'categories', 'website'] as const;
export type FooterField = (typeof fields)[number];

/** One line of text per field that has a value. */
export type FooterValues = Readonly<Partial<Record<FooterField, string>>>;

export interface SplitText {
  /** What a person wrote, above the footer and below it. */
  readonly body: string;
  /** Undefined when the text has no footer. */
  readonly footer: FooterValues | undefined;
}

/** The footer without what stands above it; empty when no field has a value. */
export function footerText(values: FooterValues, labels: FooterLabels): string {
  const lines = fields.flatMap((field) => (values[field] === undefined ? [] : [`${labels[field]}: ${values[field]}`]));
  return lines.length === 0 ? '' : [normaliseLine(labels.separator), ...lines].join('\n');
}

/** Description and footer as they stand in the calendar. */
export function joinText(body: string, values: FooterValues, labels: FooterLabels): string {
  return [escapeBody(body, labels), footerText(values, labels)].filter((part) => part !== '').join('\n\n');
}

/** Takes a text of ours apart. Only for objects that we wrote: elsewhere a text that looks like a footer is just text. */
export function splitText(text: string, labels: FooterLabels): SplitText {
  const lines = normaliseText(text).split('\n');
  const separator = lines.findLastIndex((line) => backslashesBefore(line, labels) === 0);
  if (separator < 0) return { body: unescapeBody(lines, labels), footer: undefined };

  const footer: Partial<Record<FooterField, string>> = {};
  const below: string[] = [];
  for (const line of lines.slice(separator + 1)) {
    const read = labelled(line, labels);
    if (read === undefined || footer[read.field] !== undefined) below.push(line);
    else footer[read.field] = read.value;
  }
  const parts = [lines.slice(0, separator), below].map((part) => unescapeBody(part, labels));
  return { body: parts.filter((part) => part !== '').join('\n\n'), footer: withoutEmpty(footer) };
}

/** Tells an untouched footer from an edited one: 16 hex digits over its lines, blind to the margins around them. */
export function footerDigest(values: FooterValues, labels: FooterLabels): string {
  return createHash('sha256').update(footerText(values, labels)).digest('hex').slice(0, 16);
}

function labelled(line: string, labels: FooterLabels): { field: FooterField; value: string } | undefined {
  for (const field of fields) {
    const label = normaliseLine(labels[field]);
    const trimmed = normaliseLine(line);
    if (!trimmed.startsWith(label)) continue;
    const rest = trimmed.slice(label.length).trimStart();
    if (rest.startsWith(':')) return { field, value: rest.slice(1).trim() };
  }
  return undefined;
}

function withoutEmpty(values: FooterValues): FooterValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

function escapeBody(body: string, labels: FooterLabels): string {
  return body
    .split('\n')
    .map((line) => (backslashesBefore(line, labels) === undefined ? line : `\\${line}`))
    .join('\n');
}

function unescapeBody(lines: readonly string[], labels: FooterLabels): string {
  const plain = lines.map((line) => ((backslashesBefore(line, labels) ?? 0) > 0 ? line.replace('\\', '') : line));
  return normaliseText(plain.join('\n'));
}

/** How many backslashes stand before the separator on its line, blanks or not; undefined for any other line. */
function backslashesBefore(line: string, labels: FooterLabels): number | undefined {
  const [before] = /^[\s\\]*/.exec(line)!;
  return line.slice(before.length).trimEnd() === normaliseLine(labels.separator) ? before.replace(/\s/g, '').length : undefined;
}
