/**
 * ServiceReef's lists: `page` and `pageSize` in, `{PageInfo, Results}` out (confirmed), and how a list that moves while it is read
 * looks from outside. Refusals are an ErrorResult: `{Message, ValidationErrors}` (confirmed).
 */
import type { Call } from './call.ts';
import type { ServiceReefSettings } from './servicereef-settings.ts';
import type { WireRow } from './servicereef-wire.ts';
import { json } from './simulator.ts';

/** One page of `rows`, or 400 for a query that makes no sense. Only the rows that are shown are written out by `wire`. */
export function pageOf<Row>(
  call: Call,
  rows: readonly Row[],
  wire: (row: Row) => WireRow,
  how: { readonly settings: ServiceReefSettings; readonly random: () => number },
): Response {
  const { settings } = how;
  const wrong: Record<string, readonly string[]> = {};
  const page = positive(call, 'page', 1, wrong);
  const pageSize = Math.min(positive(call, 'pageSize', settings.pageSizeDefault, wrong), settings.pageSizeMax);
  if (Object.keys(wrong).length > 0) return errorResult(400, 'Invalid request.', wrong);

  const shift = { not: 0, repeats: -1, skips: 1 }[settings.rowsMove];
  const from = (page - 1) * (pageSize + shift);
  const ordered = settings.order === 'shuffled' ? shuffled(rows, how.random) : rows;
  const shown = settings.emptyPage === page ? [] : ordered.slice(from, from + pageSize).map(wire);
  const answer = json(200, settings.lists === 'array' ? shown : { PageInfo: { TotalRecords: rows.length, Page: page, PageSize: pageSize }, Results: shown });
  settings.afterPage?.({ path: call.path, page });
  return answer;
}

export function errorResult(
  status: number,
  message: string,
  validationErrors: Readonly<Record<string, readonly string[]>> = {},
  headers: Readonly<Record<string, string>> = {},
): Response {
  return json(status, { Message: message, ValidationErrors: validationErrors }, headers);
}

function positive(call: Call, name: string, fallback: number, wrong: Record<string, readonly string[]>): number {
  const sent = parameter(call, name);
  if (sent === undefined) return fallback;
  if (/^[1-9]\d{0,8}$/.test(sent)) return Number(sent);
  wrong[name] = [`The value '${sent}' is not valid.`];
  return fallback;
}

/** Query names are found whatever their case, as ASP.NET finds them. */
export function parameter(call: Call, name: string): string | undefined {
  for (const [sent, value] of call.url.searchParams) if (sent.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}

function shuffled<Row>(rows: readonly Row[], random: () => number): readonly Row[] {
  return rows
    .map((row) => ({ row, at: random() }))
    .sort((left, right) => left.at - right.at)
    .map(({ row }) => row);
}
