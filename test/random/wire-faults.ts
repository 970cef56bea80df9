/** What the wire can do to the calls of a world's systems, drawn for one run of the hub. */
import type { Fault, Faults } from '../../shared/simulators/faults.ts';
import { pick } from '../../shared/simulators/world.ts';

const ways = [
  { kind: 'status', status: 500 }, { kind: 'status', status: 503 }, { kind: 'status', status: 429 }, { kind: 'reset-before' }, { kind: 'lost-answer' }, { kind: 'half-body' }, { kind: 'wrong-body' }, { kind: 'hang' },
] as const satisfies readonly Fault[];

export const wireFaultKinds: readonly string[] = [...new Set(ways.map(({ kind }) => kind))];

interface System {
  readonly faults: Faults;
}

/** One to three faults. @param systems  Whom they may meet; one that stands there twice is met twice as often. @param shareMore  Of the calls, above a fifth. */
export function armWire(systems: readonly System[], random: () => number, shareMore: number): void {
  const count = 1 + Math.floor(random() * 3);
  for (let n = 0; n < count; n += 1) {
    const { faults } = pick(random, systems);
    const when = { share: 0.2 + random() * shareMore };
    const times = 1 + Math.floor(random() * 2);
    const struck = pick(random, ways);
    faults.add('status' in struck ? { ...struck, when, times, afterEffect: random() < 0.3 } : { ...struck, when, times });
  }
}

/** Takes them away, and notes what has struck. */
export function disarmWire(systems: readonly System[], fired: Map<string, number>): void {
  for (const { faults } of systems) {
    for (const [kind, count] of Object.entries(faults.fired)) if (count > 0) fired.set(kind, Math.max(fired.get(kind) ?? 0, count));
    faults.clear();
  }
}

export const note = (fired: Map<string, number>, kind: string): void => void fired.set(kind, (fired.get(kind) ?? 0) + 1);
