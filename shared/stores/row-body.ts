/**
 * Our own plain data in and out of a row's body. What one store wrote, only that store reads, so a look at the required fields is
 * enough to know it again; what comes from outside is parsed at the door instead.
 */
import type { JsonObject, Row } from '../base/table.ts';

/** @param value  Plain data, at any depth; entries that are undefined are not stored. */
export const bodyOf = (value: object): JsonObject => Object.fromEntries(Object.entries(value));

/**
 * @param required  Fields without which it is no T.
 * @throws Error when one is missing: another program, or a release with other rows, has written here.
 */
export function readBody<T>(row: Pick<Row, 'table' | 'pk' | 'body'>, required: readonly (keyof T & string)[]): T {
  const has = (body: unknown): body is T => typeof body === 'object' && body !== null && required.every((field) => Object.hasOwn(body, field));
  const body: unknown = row.body;
  if (!has(body)) throw new Error(`a row of ${row.table} under ${row.pk} lacks ${required.join(' or ')}: it is not from this release`);
  return body;
}
