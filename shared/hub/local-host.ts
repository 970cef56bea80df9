/**
 * The host of the control plane on one machine: errands are done in this very process, one at a time for each connector, and whoever asked
 * is kept waiting for a while only.
 */
import type { Clock } from '../base/clock.ts';
import { ConcordError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { RunReport } from '../sync/report.ts';
import { doErrand, type Errand, type ErrandAnswer, type ErrandHub, type Host } from './errand.ts';

export interface LocalHost extends Host {
  /** Waits for its turn with the connector: in one process two runs would take each other for the same one. */
  inTurn<T>(connector: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

export interface LocalHostParts {
  readonly hub: ErrandHub;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
  /** Told of every run that somebody asked for, also when nobody waits for it any more. */
  readonly heard?: ((report: RunReport) => void) | undefined;
  /** How long a caller is kept waiting for an errand; default 20 s, as on AWS. */
  readonly waitMs?: number | undefined;
}

const usualWaitMs = 20_000;

export function localHost({ hub, clock, log, signal, heard = () => {}, waitMs = usualWaitMs }: LocalHostParts): LocalHost {
  const turns = new Map<string, Promise<unknown>>();
  const looksAhead = new Set<string>();

  function inTurn<T>(connector: string, work: () => Promise<T>): Promise<T> {
    const mine = (turns.get(connector) ?? Promise.resolve()).then(work);
    turns.set(connector, mine.catch(() => {})); // whoever comes next does not mind how this one ended
    return mine;
  }

  /** Its caller has gone, and a look has none. Whoever ends us knows that; what was to be looked at is kept. */
  const failed = (connector: string, error: unknown): void => {
    if (signal?.aborted !== true) log.error({ connector, error: error instanceof ConcordError ? error.code : error instanceof Error ? error.name : typeof error }, 'an errand failed after its caller had gone');
  };

  async function carriedOut(errand: Errand): Promise<ErrandAnswer> {
    const answer = await doErrand(hub, errand, signal);
    if (answer.kind === 'reports') answer.reports.forEach((report) => heard(report));
    else if (answer.kind === 'told' && answer.report) heard(answer.report);
    return answer;
  }

  return {
    inTurn,
    idle: async () => {
      await Promise.all(turns.values());
    },
    async start(errand) {
      const answer = inTurn(errand.connector, () => carriedOut(errand));
      const isEnough = new AbortController();
      const underway = clock.sleep(waitMs, isEnough.signal).then(() => 'underway' as const);
      underway.catch(() => {}); // given up below
      try {
        const first: ErrandAnswer | 'underway' = await Promise.race([answer, underway]);
        if (first === 'underway') answer.catch((error: unknown) => failed(errand.connector, error));
        return first;
      } finally {
        isEnough.abort();
      }
    },
    async nudge(connector) {
      // One that has not begun yet will see what is there by then.
      if (looksAhead.has(connector)) return;
      looksAhead.add(connector);
      const looked = inTurn(connector, async () => {
        looksAhead.delete(connector);
        return carriedOut({ kind: 'look', connector });
      });
      looked.then((answer) => {
        if (answer.kind === 'failed') log.warn({ connector, code: answer.error.code }, 'a look at what a webhook told was not possible; the next run does it');
      }, (error: unknown) => failed(connector, error));
    },
  };
}
