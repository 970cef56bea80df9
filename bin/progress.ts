/**
 * One line on the terminal that says how far a long run is, overwritten as it goes on. Only where a person watches.
 */
import type { Progress } from '../shared/engine/ports.ts';
import type { Context } from './context.ts';

export interface ProgressLine {
  readonly progress: Progress | undefined;
  /** Wipes the line, so that what follows starts on a clean one. */
  readonly clear: () => void;
}

const words = { read: 'reading', decide: 'comparing', apply: 'writing' };

export function progressLine(context: Context): ProgressLine {
  if (!context.isInteractive) return { progress: undefined, clear: () => {} };
  let applied = 0;
  return {
    progress: ({ stream, phase, done, total }) => {
      if (phase === 'apply') applied += done; // each report there is of one batch
      const count = phase === 'apply' ? applied : done;
      context.err(`\r\u001B[K  ${stream}: ${words[phase]} ${count}${total === undefined ? '' : ` of ${total}`}`);
    },
    clear: () => context.err('\r\u001B[K'),
  };
}
