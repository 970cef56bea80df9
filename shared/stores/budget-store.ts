/**
 * The row behind a daily quota: how many calls of the day are already handed out, per connector and system. All workers of a
 * connector take from it in blocks, by compare-and-set, so that together they never take more than the day has.
 */
import { ConditionFailed } from '../base/errors.ts';
import type { Condition, RowDraft, Table } from '../base/table.ts';
import type { BudgetStore } from '../http/budget.ts';

const dayMs = 86_400_000;

// Each lost round means that another worker has won one, so this is enough for more workers than a connector may have.
const roundsMax = 100;

/**
 * @param world.dayStartsAtMs  when the vendor's day begins, in ms after midnight UTC, 0 to 86 399 999; default 0 (assumed: vendors rarely say).
 * @throws ConditionFailed from `takeBlock` after 100 lost rounds; nothing was taken.
 */
export function budgetStore(world: { readonly table: Table; readonly connector: string; readonly dayStartsAtMs?: number | undefined }): BudgetStore {
  const { table, connector, dayStartsAtMs = 0 } = world;
  return {
    takeBlock: async (system, ask) => {
      if (!Number.isSafeInteger(ask.size) || ask.size < 1) throw new RangeError(`a block of ${ask.size} calls cannot be taken`);
      const key = { table: 'runs', pk: `budget#${connector}`, sk: system } as const;
      for (let round = 1; ; round += 1) {
        const row = await table.get(key);
        const now = dayOf(ask.nowMs, dayStartsAtMs);
        const stored = { startsAt: Number(row?.body['startsAt'] ?? 0), taken: Number(row?.body['taken'] ?? 0) };
        // A worker whose clock is behind counts on the day that the others are in: the day never goes back.
        const day = stored.startsAt >= now ? stored : { startsAt: now, taken: 0 };
        const resetsAt = day.startsAt + dayMs;
        const granted = Math.max(0, Math.min(ask.size, ask.perDay - day.taken));
        if (granted === 0) return { granted, resetsAt };
        const body = { startsAt: day.startsAt, taken: day.taken + granted };
        const stillSo = row === undefined ? 'absent' : { rev: row.rev };
        if (await isStored(table, { ...key, body, expiresAt: resetsAt + dayMs }, stillSo, round)) return { granted, resetsAt };
      }
    },
  };
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
