/**
 * A way to a server that breaks in the middle of a run: after a number of writes every connection is broken, until it is mended.
 * So a test need not hit the moment.
 */
import { startGate, type Gate } from './gate.ts';

export interface BreakingGate extends Gate {
  /** Resolves when the way breaks. */
  readonly broken: Promise<void>;
  mend(): void;
}

export async function startBreakingGate(facts: { origin: string; afterWrites: number }): Promise<BreakingGate> {
  let writes = 0;
  let isBroken = false;
  const broken = Promise.withResolvers<void>();
  const gate = await startGate(Number(new URL(facts.origin).port), {
    admit: (incoming, answer, pass) => {
      if (!isBroken) return pass();
      incoming.resume();
      answer.destroy();
    },
    answered: ({ method }) => {
      writes += method === 'PUT' ? 1 : 0;
      if (writes !== facts.afterWrites || method !== 'PUT') return;
      isBroken = true;
      broken.resolve();
    },
  });
  return { ...gate, broken: broken.promise, mend: () => (isBroken = false) };
}
