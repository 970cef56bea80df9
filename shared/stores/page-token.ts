/**
 * The text that says where a listing goes on: the last row's key, unreadable enough that nobody starts to build on it, plain
 * enough to pass through a URL. It belongs to the listing that gave it.
 */
import { ItemInvalid } from '../base/errors.ts';
import type { Page } from '../base/table.ts';

function pageToken(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * The key parts that a token was made of.
 *
 * @throws ItemInvalid E_PAGE_TOKEN for a text that is not a token of such a listing: it may come from a person's address bar.
 */
export function pageTokenParts(token: string, count: number): readonly string[] {
  const parts = parsed(token);
  if (!Array.isArray(parts) || parts.length !== count || !parts.every((part) => typeof part === 'string')) throw invalidPageToken();
  return parts;
}

function invalidPageToken(): ItemInvalid {
  return new ItemInvalid({ code: 'E_PAGE_TOKEN', field: 'after', message: 'the page token does not belong to this listing; start again without one' });
}

function parsed(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Where a listing of one partition starts. @throws ItemInvalid E_PAGE_TOKEN for the token of another listing. */
export function rangeOf(ask: { readonly pk: string; readonly prefix?: string; readonly after?: string }): { readonly prefix: string; readonly after: string | undefined } {
  const prefix = ask.prefix ?? '';
  if (ask.after === undefined) return { prefix, after: undefined };
  const [pk, after] = pageTokenParts(ask.after, 2);
  if (pk !== ask.pk || after === undefined || !after.startsWith(prefix)) throw invalidPageToken();
  return { prefix, after };
}

/** One row more than wanted was read, to know whether there is a further page. */
export function pageOf<T>(rows: readonly T[], limit: number, keyParts: (row: T) => readonly string[]): Page<T> {
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return { rows };
  return { rows: rows.slice(0, limit), next: pageToken(keyParts(last)) };
}
