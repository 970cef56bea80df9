/** What the parts of the table contract share: rows that state only what matters, and ways to fill and to list a table. */
import type { Clock } from '../../shared/base/clock.ts';
import type { Condition, Key, Page, RowDraft, Table, TableWrite } from '../../shared/base/table.ts';

export interface TableUnderTest {
  readonly table: Table;
  readonly clock: Clock & { advance(ms: number): void };
  close?(): Promise<void> | void;
}

export function keyOf(sk: string, rest: Partial<Key> = {}): Key {
  return { table: 'links', pk: 'partition', sk, ...rest };
}

export function aRow(row: Partial<RowDraft> = {}): RowDraft {
  return { table: 'links', pk: 'partition', sk: 'row', body: { colour: 'green' }, ...row };
}

export function put(row: Partial<RowDraft> = {}, when: Condition = 'any'): TableWrite {
  return { kind: 'put', row: aRow(row), when };
}

/** Follows the pages to the end; a listing that never ends fails here instead of hanging. */
export async function allPages<T>(ask: (after: string | undefined) => Promise<Page<T>>): Promise<{ readonly rows: readonly T[]; readonly sizes: readonly number[] }> {
  const rows: T[] = [];
  const sizes: number[] = [];
  let after: string | undefined;
  do {
    const page = await ask(after);
    rows.push(...page.rows);
    sizes.push(page.rows.length);
    after = page.next;
    if (sizes.length > 1000) throw new Error('the listing does not end');
  } while (after !== undefined);
  return { rows, sizes };
}

export function from(after: string | undefined): { after?: string } {
  return after === undefined ? {} : { after };
}

export function sortKeys(rows: readonly { readonly sk: string }[]): readonly string[] {
  return rows.map((row) => row.sk);
}

/** Groups of 100, so that a listing can be filled quickly. */
export async function fill(table: Table, rows: readonly Partial<RowDraft>[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 100) await table.write(rows.slice(at, at + 100).map((row) => put(row)));
}
