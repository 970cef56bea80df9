/**
 * The text that says where a listing goes on: the last row's key, unreadable enough that nobody starts to build on it, plain
 * enough to pass through a URL. It belongs to the listing that gave it.
 */
import { ItemInvalid } from '../base/errors.ts';

export function pageToken(parts: readonly string[]): string {
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

export function invalidPageToken(): ItemInvalid {
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
