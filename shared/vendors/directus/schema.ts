/**
 * The shapes in which Directus answers (12.4, confirmed on SQLite). Rows are read leniently, because the collection is the site's
 * own: an id, and of the rest only the fields that were asked for. What a field's value means is the connector's map to say.
 */
import * as z from 'zod/mini';

/** A number where the key counts up, text where it is a uuid. */
export type RowId = number | string;

/** One item as it came, cut down to the fields that were asked for. */
export interface DirectusRow {
  readonly id: RowId;
  readonly [field: string]: unknown;
}

const row = z.looseObject({ id: z.union([z.number(), z.string().check(z.minLength(1))]) });

/** Counts are numbers; a driver that answers 64-bit counts as text is borne (likely on some databases). */
const count = z.union([z.int().check(z.minimum(0)), z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number))]);

export const rowAnswer = z.object({ data: row });
export const rowsAnswer = z.object({ data: z.array(row) });
/** With `meta=filter_count`: how many rows the filter means, whatever the limit let through. */
export const pageAnswer = z.object({ data: z.array(row), meta: z.object({ filter_count: count }) });
/** A create by a token that may not read is answered with 204. */
export const rowAnswerIfReadable = z.optional(rowAnswer);
export const rowsAnswerIfReadable = z.optional(rowsAnswer);
export const userAnswer = z.object({ data: z.object({ id: z.string() }) });

/**
 * A boolean field as databases deliver it: SQLite without `cast-boolean` answers 0 and 1 (confirmed), some drivers text (likely).
 * Anything else, "maybe" included, does not parse.
 */
export const tolerantBoolean = z.pipe(
  z.union([z.boolean(), z.literal([0, 1, '0', '1', 'true', 'false'])]),
  z.transform((value) => value === true || value === 1 || value === '1' || value === 'true'),
);

/** Cuts a row down to `fields`: what was not asked for does not get in, even if a server sends it. */
export function cutTo(fields: readonly string[], found: DirectusRow): DirectusRow {
  const cut: Record<string, unknown> & { id: RowId } = { id: found.id };
  for (const field of fields) if (field in found) cut[field] = found[field];
  return cut;
}
