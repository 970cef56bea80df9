/**
 * The row behind a system's budget, per connector and system: how many calls of the day are already handed out, and until when the slots of
 * its rate are. All workers of a connector take from it in blocks, by compare-and-set, so that together they never take more than there is.
 */
import { ConditionFailed } from '../base/errors.ts';
import type { Condition, RowDraft, Table } from '../base/table.ts';
import type { BudgetStore } from '../http/budget.ts';
import type { SlotStore } from '../http/shared-rate.ts';

const dayMs = 86_400_000;

// Each lost round means that another worker has won one, so this is enough for more workers than a connector may have.
const roundsMax = 100;

/** Slots are taken seconds ahead. Whoever took some for a later time had a wrong clock, and nobody waits for that. */
const aheadMsMax = 5 * 60_000;

interface Budgeted {
  /** When the day began that `taken` counts, epoch ms; 0 when nothing was counted yet. */
  readonly startsAt: number;
  readonly taken: number;
  /** The end of the last slot that is taken, epoch ms. */
  readonly freeAt: number;
}

/**
 * @param world.dayStartsAtMs  when the vendor's day begins, in ms after midnight UTC, 0 to 86 399 999; default 0 (assumed: vendors rarely say).
 * Both methods throw ConditionFailed after 100 lost rounds; nothing was taken.
 */
export function budgetStore(world: { readonly table: Table; readonly connector: string; readonly dayStartsAtMs?: number | undefined }): BudgetStore & SlotStore {
  const { table, connector, dayStartsAtMs = 0 } = world;

  /** Repeats what `taking` says about the row until nobody has come between. */
  async function take<T>(system: string, taking: (stored: Budgeted) => { readonly left: Budgeted | undefined; readonly got: T }): Promise<T> {
    const key = { table: 'runs', pk: `budget#${connector}`, sk: system } as const;
    for (let round = 1; ; round += 1) {
      const row = await table.get(key);
      const stored = { startsAt: Number(row?.body['startsAt'] ?? 0), taken: Number(row?.body['taken'] ?? 0), freeAt: Number(row?.body['freeAt'] ?? 0) };
      const { left, got } = taking(stored);
      if (left === undefined) return got;
      const expiresAt = Math.max(left.startsAt + dayMs, left.freeAt) + dayMs;
      const stillSo = row === undefined ? 'absent' : { rev: row.rev };
      if (await isStored(table, { ...key, body: { ...left }, expiresAt }, stillSo, round)) return got;
    }
  }

  return {
    takeBlock: async (system, ask) => {
      refuseNoCount(ask.size, 'a block');
      return take(system, (stored) => {
        const now = dayOf(ask.nowMs, dayStartsAtMs);
        // A worker whose clock is behind counts on the day that the others are in: the day never goes back.
        const day = stored.startsAt >= now ? stored : { ...stored, startsAt: now, taken: 0 };
        const granted = Math.max(0, Math.min(ask.size, ask.perDay - day.taken));
        return { left: granted === 0 ? undefined : { ...day, taken: day.taken + granted }, got: { granted, resetsAt: day.startsAt + dayMs } };
      });
    },
    takeSlots: async (system, { count, everyMs, nowMs }) => {
      refuseNoCount(count, 'slots');
      return take(system, (stored) => {
        const at = stored.freeAt > nowMs + aheadMsMax ? nowMs : Math.max(nowMs, stored.freeAt);
        return { left: { ...stored, freeAt: Math.ceil(at + count * everyMs) }, got: at };
      });
    },
  };
}

function refuseNoCount(count: number, what: string): void {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${what} of ${count} calls cannot be taken`);
}

function dayOf(nowMs: number, dayStartsAtMs: number): number {
  return Math.floor((nowMs - dayStartsAtMs) / dayMs) * dayMs + dayStartsAtMs;
}

async function isStored(table: Table, row: RowDraft, when: Condition, round: number): Promise<boolean> {
  try {
    await table.write([{ kind: 'put', row, when }]);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed && round < roundsMax) return false;
    throw error;
  }
}
