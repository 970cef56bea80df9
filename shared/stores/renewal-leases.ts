/**
 * Who renews a system's token, and what is known of the refresh token that was last spent: one row for each system of a connector.
 *
 *   pk <connector>#oauth   sk <system>   worker, until: the lease; begun: digest of the token that it was taken for; refused: of one that is dead
 *
 * It is held for two minutes more than a function lives, so that whoever had it is gone when it ends, also by a clock that differs; a worker of this
 * machine that is known to be dead is not waited for.
 */
import type { Clock } from '../base/clock.ts';
import { ConditionFailed } from '../base/errors.ts';
import type { Condition, Key, Row, Table } from '../base/table.ts';
import { leaseMs } from '../engine/ports.ts';
import type { RenewalHold, RenewalLease } from '../http/renewal-lease.ts';

export interface RenewalLeaseParts {
  readonly table: Table;
  readonly clock: Clock;
  readonly connector: string;
  readonly system: string;
  /** Differs for every process or invocation. */
  readonly worker: string;
  readonly isDead: (worker: string) => boolean;
}

interface Note {
  readonly worker?: string | undefined;
  readonly until?: number | undefined;
  readonly begun?: string | undefined;
  readonly refused?: string | undefined;
}

const heldMs = leaseMs + 120_000;
const roundsMax = 5;

/** One for a worker: what it holds is known to it alone. */
export function renewalLease({ table, clock, connector, system, worker, isDead }: RenewalLeaseParts): RenewalLease {
  const key: Key = { table: 'runs', pk: `${connector}#oauth`, sk: system };
  let holds = false;

  function isTaken({ worker: holder, until = 0 }: Note): boolean {
    if (holder === undefined || until <= clock.now()) return false;
    // Our own, and we do not have it: the answer to giving it back was lost.
    return holder === worker ? holds : !isDead(holder);
  }

  async function put(note: Note, when: Condition): Promise<number> {
    const [rev = 0] = await table.write([{ kind: 'put', row: { ...key, body: { ...note } }, when }]);
    return rev;
  }

  async function isPut(note: Note, rev: number): Promise<boolean> {
    try {
      await put(note, { rev });
      return true;
    } catch (error) {
      if (error instanceof ConditionFailed) return false;
      throw error;
    }
  }

  async function take(token: string): Promise<RenewalHold | 'busy' | 'refused'> {
    const row = await table.get(key);
    const note = noteIn(row);
    if (note.refused === token) return 'refused';
    if (isTaken(note)) return 'busy';
    const until = clock.now() + heldMs;
    try {
      const rev = await put({ ...note, worker, until, begun: token }, row === undefined ? 'absent' : { rev: row.rev });
      holds = true;
      return held({ rev, until, token, before: note });
    } catch (error) {
      if (error instanceof ConditionFailed) return 'busy';
      throw error;
    }
  }

  function held({ rev: taken, until, token, before }: { readonly rev: number; readonly until: number; readonly token: string; readonly before: Note }): RenewalHold {
    let rev = taken;
    return {
      isBegun: before.begun === token,
      until,
      async end(what) {
        const { refused } = before;
        const after: { readonly [how in typeof what]: Note } = { unspent: { refused, begun: before.begun }, unknown: { refused, begun: token }, settled: { refused }, refused: { refused: token } };
        for (let round = 1; !(await isPut(after[what], rev)); round += 1) {
          const row = await table.get(key);
          const now = noteIn(row);
          if (isSame(now, after[what])) break; // said already, and only the answer was lost
          if (row === undefined || !isSame(now, { worker, until, begun: token, refused }) || round === roundsMax) throw new ConditionFailed(0);
          ({ rev } = row); // still ours: two writes came at once
        }
        holds = false;
      },
    };
  }

  return { take };
}

function noteIn(row: Row | undefined): Note {
  const { worker, until, begun, refused } = row?.body ?? {};
  return { worker: textIn(worker), until: typeof until === 'number' ? until : undefined, begun: textIn(begun), refused: textIn(refused) };
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const isSame = (left: Note, right: Note): boolean => left.worker === right.worker && left.until === right.until && left.begun === right.begun && left.refused === right.refused;
