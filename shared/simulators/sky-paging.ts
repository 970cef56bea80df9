/**
 * SKY's lists. The Event API pages by limit and offset alone; the Constituent API hands a whole `next_link` out, which holds a sort
 * token where the list is one over all constituents (confirmed). `count` is the number before limit and offset.
 */
import type { Call } from './call.ts';
import { badRequest } from './sky-errors.ts';

type WireRow = Readonly<Record<string, unknown>>;

/** `{count, value}`: 500 rows by default, 10 000 at most. Only the rows that are shown are written out. */
export function eventPage<Row>(call: Call, rows: readonly Row[], wire: (row: Row) => WireRow): unknown {
  const { limit, offset } = wishes(call, { fallback: 500, min: 1, max: 10_000 });
  const fields = call.url.searchParams.get('fields')?.split(',').map((name) => name.trim());
  const value = rows.slice(offset, offset + limit).map((row) => chosenFields(wire(row), fields));
  return { count: rows.length, value };
}

/** `{count, next_link, value}`: 500 rows by default, 5000 at most. */
export function constituentPage<Row>(call: Call, rows: readonly Row[], wire: (row: Row) => WireRow, fallback = 500): unknown {
  const { limit, offset } = wishes(call, { fallback, min: 0, max: 5000 });
  const hasMore = limit > 0 && offset + limit < rows.length;
  const next = hasMore ? linkWith(call, { limit: String(limit), offset: String(offset + limit) }) : null;
  return { count: rows.length, next_link: next, value: rows.slice(offset, offset + limit).map(wire) };
}

/** A list over all constituents, in a stable order: its next link goes on after the last row, wherever that is by then. */
export function stablePage<Row extends { readonly id: string }>(call: Call, rows: readonly Row[], wire: (row: Row) => WireRow): unknown {
  const { limit, offset } = wishes(call, { fallback: 500, min: 0, max: 5000 });
  const after = idOfToken(call.url.searchParams.get('sort_token'));
  const ordered = [...rows].sort((left, right) => Number(left.id) - Number(right.id));
  const rest = ordered.filter(({ id }) => Number(id) > after);
  const shown = rest.slice(offset, offset + limit);
  const last = shown.at(-1);
  const hasMore = last !== undefined && offset + limit < rest.length;
  const next = hasMore ? linkWith(call, { limit: String(limit), sort_token: tokenOfId(last.id) }, ['offset']) : null;
  return { count: rows.length, next_link: next, value: shown.map(wire) };
}

function wishes(call: Call, bounds: { fallback: number; min: number; max: number }): { limit: number; offset: number } {
  return { limit: whole(call, 'limit', bounds), offset: whole(call, 'offset', { fallback: 0, min: 0, max: 2_147_483_647 }) };
}

function whole(call: Call, name: string, bounds: { fallback: number; min: number; max: number }): number {
  const sent = call.url.searchParams.get(name);
  if (sent === null) return bounds.fallback;
  const value = Number(sent);
  if (!/^\d+$/.test(sent) || value < bounds.min || value > bounds.max) throw badRequest(`The field ${name} must be between ${bounds.min} and ${bounds.max}.`);
  return value;
}

function linkWith(call: Call, parameters: Readonly<Record<string, string>>, without: readonly string[] = []): string {
  const url = new URL(call.url);
  for (const name of without) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

function tokenOfId(id: string): string {
  return Buffer.from(`after ${id}`).toString('base64url');
}

function idOfToken(token: string | null): number {
  if (token === null) return 0;
  const id = /^after (\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
  if (id === undefined) throw badRequest('The sort_token is not valid.');
  return Number(id);
}

function chosenFields(row: WireRow, fields: readonly string[] | undefined): WireRow {
  if (fields === undefined) return row;
  return Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name)));
}
