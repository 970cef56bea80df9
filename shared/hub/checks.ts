/**
 * What `doctor` is made of: one named question to the world, its answer, and what to do when it is not good. A check never
 * throws: an error is an answer too.
 */
import { ConcordError } from '../base/errors.ts';
import { adviceFor } from '../base/help.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly advice?: string | undefined;
}

export type Answered = Omit<Check, 'name'>;

export async function check(name: string, ask: () => Promise<Answered> | Answered): Promise<Check> {
  try {
    return { name, ...(await ask()) };
  } catch (error) {
    return { name, ...failed(error) };
  }
}

function failed(error: unknown): Answered {
  if (!(error instanceof ConcordError)) return { ok: false, detail: error instanceof Error ? error.message : 'unknown error' };
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : undefined;
  return { ok: false, detail: error.message, advice: adviceFor(error.code, reason) };
}
