/**
 * Problems that a person has seen and does not want to be shown again, as long as they stay what they are. Nothing else follows from it:
 * the item is tried when it is due, every run counts it, and whatever changes about it makes it news.
 *
 *   runs  pk <connector>#dismissed  sk <stream>/<key of the link>
 */
import { hash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Row, Table } from '../base/table.ts';
import type { Link } from '../sync/link.ts';

export interface Dismissal {
  readonly by: string;
  readonly at: number;
}

export interface Dismissals {
  /** Asks which of them still hold. */
  read(): Promise<(link: Link) => Dismissal | undefined>;
  add(link: Link, by: string): Promise<void>;
}

const keptMs = 90 * 86_400_000;

export function dismissalsOf({ table, clock }: { readonly table: Table; readonly clock: Clock }, connector: string): Dismissals {
  const pk = `${connector}#dismissed`;
  return {
    async read() {
      const rows = new Map<string, Row>();
      let after: { readonly after?: string } = {};
      for (;;) {
        const page = await table.query({ table: 'runs', pk, ...after });
        for (const row of page.rows) rows.set(row.sk, row);
        if (page.next === undefined) break;
        after = { after: page.next };
      }
      return (link) => {
        const { mark, by, at } = rows.get(nameOf(link))?.body ?? {};
        return mark === markOf(link) && typeof by === 'string' && typeof at === 'number' ? { by, at } : undefined;
      };
    },
    async add(link, by) {
      const row = { table: 'runs', pk, sk: nameOf(link), body: { mark: markOf(link), by, at: clock.now() }, expiresAt: clock.now() + keptMs } as const;
      await table.write([{ kind: 'put', row, when: 'any' }]);
    },
  };
}

const nameOf = ({ stream, key }: Link): string => `${stream}/${key}`;

/** What the person has seen: which trouble, and which versions of both items. How often it was tried since does not count. */
const markOf = ({ state, problem, versions, sourceId, targetId }: Link): string =>
  hash('sha256', JSON.stringify([state, problem?.code, problem?.message, versions.source, versions.target, sourceId, targetId]), 'base64url').slice(0, 22);
