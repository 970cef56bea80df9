/**
 * What workers in other functions made of a run's changes: one row for each message, so that a message which comes twice rewrites what it
 * said and never adds to it. A run's report is the sum of these and of what the planner knew. No row holds what an item says.
 *
 *   pk <connector>#outcome   sk <run>/<message id>
 */
import type { Clock } from '../base/clock.ts';
import type { Key, Table } from '../base/table.ts';
import type { LinkOutcome } from '../sync/report.ts';
import { bodyOf, readBody } from './row-body.ts';

export interface OutcomeStore {
  /** What the same message said of a link before is replaced; of links that it is silent about it is kept. */
  record(run: string, message: string, outcomes: readonly LinkOutcome[]): Promise<void>;
  /** One for each link; where several messages speak of it, the youngest. */
  of(run: string): Promise<readonly LinkOutcome[]>;
}

interface Told {
  readonly at: number;
  readonly outcomes: readonly LinkOutcome[];
}

const keptMs = 90 * 86_400_000; // as the report itself

export function outcomeStore(table: Table, connector: string, clock: Clock): OutcomeStore {
  const keyOf = (run: string, message: string): Key => ({ table: 'runs', pk: `${connector}#outcome`, sk: `${run}/${message}` });
  return {
    async record(run, message, outcomes) {
      if (outcomes.length === 0) return;
      const key = keyOf(run, message);
      const row = await table.get(key);
      const before = row === undefined ? [] : readBody<Told>(row, ['outcomes']).outcomes;
      const told: Told = { at: clock.now(), outcomes: [...byLink([...before, ...outcomes]).values()] };
      await table.write([{ kind: 'put', row: { ...key, body: bodyOf(told), expiresAt: clock.now() + keptMs }, when: 'any' }]);
    },
    async of(run) {
      const told: Told[] = [];
      let after: { readonly after?: string } = {};
      for (;;) {
        const page = await table.query({ table: 'runs', pk: keyOf(run, '').pk, prefix: `${run}/`, ...after });
        told.push(...page.rows.map((row): Told => readBody(row, ['at', 'outcomes'])));
        if (page.next === undefined) break;
        after = { after: page.next };
      }
      return [...byLink(told.sort((left, right) => left.at - right.at).flatMap(({ outcomes }) => outcomes)).values()];
    },
  };
}

const byLink = (outcomes: readonly LinkOutcome[]): ReadonlyMap<string, LinkOutcome> => new Map(outcomes.map((outcome) => [`${outcome.stream} ${outcome.link}`, outcome]));
