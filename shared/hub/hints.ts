/**
 * What webhooks have told and no run has looked at yet. A hint is kept before anybody is asked to act on it, so that a queue which refuses
 * or a process that dies loses nothing: the next run of the connector takes what is there.
 *
 *   runs  pk <connector>#heard  sk <digest of the sender's id>   a message that came; kept longer than senders repeat it
 *   runs  pk <connector>#hint   sk new/<digest>                  what it told, until a run takes it
 *                               sk taken/<digest>                taken by a run that has not ended well yet
 */
import { hash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { ConditionFailed } from '../base/errors.ts';
import { fieldsOf } from '../base/fields-of.ts';
import type { Key, Row, Table, TableWrite } from '../base/table.ts';
import type { Hint } from '../engine/plan.ts';
import type { SideName } from '../sync/link.ts';
import type { RunReport } from '../sync/report.ts';

const keptMs = 4 * 86_400_000; // senders repeat for three days at most (Standard Webhooks)
const rowsMax = 2000;
const idsMax = 500; // more than that is read whole as cheaply

export interface Message {
  /** The sender's own; a message without one is known by what it says. */
  readonly id?: string | undefined;
  readonly content: Uint8Array;
  /** Which items; without them the connector looks at everything, as in any run. */
  readonly hints: readonly Hint[];
}

export interface HintBox {
  /**
   * In one write, which fails as a whole. A message without an id is known only until a run takes it: the same words may mean something new later.
   * @returns whether it was new.
   */
  keep(message: Message): Promise<boolean>;
  /** Takes all that is there, also what an earlier run took and did not finish. @param settleMs  waits until the youngest is that old. */
  take(options?: { readonly settleMs?: number | undefined; readonly signal?: AbortSignal | undefined }): Promise<Taken>;
}

export interface Taken {
  readonly count: number;
  /** Undefined: one of them names no items, or they are too many; then everything has to be looked at. */
  readonly hints: readonly Hint[] | undefined;
  /** The run has ended well: they are forgotten. */
  done(): Promise<void>;
}

export function hintBox({ table, clock }: { readonly table: Table; readonly clock: Clock }, connector: string): HintBox {
  const key = (sk: string): Key => ({ table: 'runs', pk: `${connector}#hint`, sk });
  return {
    async keep({ id, content, hints }) {
      const name = digestOf(id ?? content);
      const [at, expiresAt] = [clock.now(), clock.now() + keptMs];
      const hint: TableWrite = { kind: 'put', row: { ...key(`new/${name}`), body: { at, hints: hints.map(({ stream, side, ids }) => ({ stream, side, ids: [...ids] })) }, expiresAt }, when: id === undefined ? 'absent' : 'any' };
      const heard: TableWrite = { kind: 'put', row: { table: 'runs', pk: `${connector}#heard`, sk: name, body: { at }, expiresAt }, when: 'absent' };
      try {
        await table.write(id === undefined ? [hint] : [heard, hint]);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },
    async take({ settleMs = 0, signal } = {}) {
      const first = await waiting(table, key);
      const youngest = Math.max(-Infinity, ...first.map(heardAt));
      const waitMs = Math.min(settleMs, youngest + settleMs - clock.now());
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      const rows = youngest === -Infinity ? [] : waitMs > 0 ? await waiting(table, key) : first;
      const moves = rows.map((row): { readonly writes: readonly TableWrite[]; readonly taken: Key } => {
        const { sk, body, expiresAt } = row;
        const taken = key(`taken/${sk.slice(sk.indexOf('/') + 1)}`);
        return { taken, writes: sk === taken.sk ? [{ kind: 'put', row: { ...taken, body, expiresAt }, when: { rev: row.rev } }] : [{ kind: 'delete', key: key(sk), when: { rev: row.rev } }, { kind: 'put', row: { ...taken, body, expiresAt }, when: 'any' }] };
      });
      const outcomes = moves.length === 0 ? [] : await table.writeGroups(moves.map(({ writes }) => writes));
      // One that another run has taken in this moment is that run's.
      const mine = rows.flatMap((row, at) => {
        const outcome = outcomes[at];
        return outcome?.ok === true ? [{ row, taken: moves[at]?.taken ?? key(row.sk), rev: outcome.revs.at(-1) ?? 0 }] : [];
      });
      return {
        count: mine.length,
        hints: together(mine.map(({ row }) => hintsIn(row))),
        done: async () => {
          await table.writeGroups(mine.map(({ taken, rev }) => [{ kind: 'delete', key: taken, when: { rev } }]));
        },
      };
    },
  };
}

/** A run that reads all there is sees by itself what hints tell. */
export async function runPastHints(box: HintBox, run: () => Promise<RunReport>): Promise<RunReport> {
  const taken = await box.take();
  return forgetting(taken, await run());
}

/** Runs only where there are hints. @param run  is given none where everything has to be looked at. */
export async function runOverHints(box: HintBox, options: { readonly settleMs: number; readonly signal?: AbortSignal | undefined }, run: (hints: readonly Hint[] | undefined) => Promise<RunReport>): Promise<RunReport | undefined> {
  const taken = await box.take(options);
  return taken.count === 0 ? undefined : forgetting(taken, await run(taken.hints));
}

async function forgetting(taken: Taken, report: RunReport): Promise<RunReport> {
  if (taken.count > 0 && (report.state === 'finished' || report.state === 'held')) await taken.done();
  return report;
}

async function waiting(table: Table, key: (sk: string) => Key): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: { readonly after?: string } = {};
  while (rows.length < rowsMax) {
    const page = await table.query({ table: 'runs', pk: key('').pk, ...after });
    rows.push(...page.rows);
    if (page.next === undefined) break;
    after = { after: page.next };
  }
  return rows;
}

const digestOf = (content: string | Uint8Array): string => hash('sha256', content, 'base64url').slice(0, 32);
const heardAt = ({ body: { at } }: Row): number => (typeof at === 'number' ? at : 0);

function hintsIn({ body: { hints } }: Row): readonly Hint[] {
  if (!Array.isArray(hints)) return [];
  return hints.flatMap((hint): Hint[] => {
    const { stream, side, ids } = fieldsOf(hint);
    return typeof stream === 'string' && isSide(side) && Array.isArray(ids) ? [{ stream, side, ids: ids.filter((id) => typeof id === 'string') }] : [];
  });
}

const isSide = (text: unknown): text is SideName => text === 'source' || text === 'target';

/** One hint for each stream and side, each id once. */
function together(all: readonly (readonly Hint[])[]): readonly Hint[] | undefined {
  if (all.some((hints) => hints.length === 0)) return undefined;
  const groups = Map.groupBy(all.flat(), ({ stream, side }) => `${side} ${stream}`);
  const hints = [...groups.values()].flatMap((group): Hint[] => (group[0] ? [{ ...group[0], ids: [...new Set(group.flatMap(({ ids }) => ids))] }] : []));
  return hints.reduce((sum, { ids }) => sum + ids.length, 0) > idsMax ? undefined : hints;
}
