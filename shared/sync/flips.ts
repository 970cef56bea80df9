/**
 * A pair that goes to and fro: something else, another script or an app that writes its own copy back, keeps undoing what we carried
 * over. Each round looks like an honest edit, so only the history shows it. Pure; reads the log that every link carries.
 */
import type { Link, Outcome, SideName } from './link.ts';
import type { Rules } from './views.ts';

const hourMs = 3_600_000;

/**
 * How often the direction of our updates has turned within the last hour, an update of `next` included. A person's word starts it anew: what
 * was written before it is no quarrel any more.
 *
 * @param now  Epoch ms.
 */
export function flips(log: readonly Outcome[], next: SideName, now: number): number {
  const told = log.findLastIndex(({ why }) => why === 'told');
  const sides = log.slice(told + 1).flatMap(({ at, kind, what, side }) => (kind === 'applied' && what === 'updated' && side !== undefined && at > now - hourMs ? [side] : []));
  return [...sides, next].filter((side, at, all) => at > 0 && side !== all[at - 1]).length;
}

/** Whether an update of `next` would be one turn too many for the stream's policy. */
export function isQuarrel({ policy, now }: Pick<Rules, 'policy' | 'now'>, { log }: Pick<Link, 'log'>, next: SideName): boolean {
  return policy.flipsPerHourMax !== undefined && flips(log, next, now) > policy.flipsPerHourMax;
}
