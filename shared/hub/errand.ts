/**
 * What only the part of the hub can do that has a connector's clients: run it, settle a conflict, look again. The control plane asks for
 * it as plain data, because that part may be another function; what became of it comes back as plain data, too, errors among it.
 */
import type { HandWord } from '../engine/by-hand.ts';
import { hash } from 'node:crypto';
import { assertNever, ConcordError } from '../base/errors.ts';
import type { SideName } from '../sync/link.ts';
import type { RunReport } from '../sync/report.ts';
import { errorFacts, type ErrorFacts } from './api/problem.ts';
import type { Desk, Told } from './desk.ts';
import type { PairShown } from './front-desk.ts';

export type Errand =
  | { readonly kind: 'run'; readonly connector: string; readonly full?: boolean | undefined; readonly dry?: boolean | undefined; readonly only?: string | undefined; readonly clean?: boolean | undefined }
  /** At what webhooks have told since the last run. */
  | { readonly kind: 'look'; readonly connector: string }
  | { readonly kind: 'settle'; readonly connector: string; readonly key: string; readonly take: SideName | { readonly [field: string]: SideName }; readonly by: string; readonly version?: string | undefined }
  | { readonly kind: 'undo'; readonly connector: string; readonly key: string; readonly by: string }
  | { readonly kind: 'done'; readonly connector: string; readonly key: string; readonly word: HandWord; readonly by: string }
  /** Without an id: of all that failed, waits, is parked or in doubt. */
  | { readonly kind: 'replay'; readonly connector: string; readonly id?: string | undefined }
  | { readonly kind: 'carry-out'; readonly connector: string; readonly plan: string };

export type ErrandAnswer =
  | { readonly kind: 'reports'; readonly reports: readonly RunReport[] }
  | { readonly kind: 'told'; readonly answered: Told['answered']; readonly report?: RunReport | undefined }
  | { readonly kind: 'failed'; readonly error: ErrorFacts };

/** The other side of the control plane: a queue in this process, or functions of the cloud. */
export interface Host {
  /** `underway`: it goes on, and takes longer than the caller of an API can be kept waiting; the connector's status tells when it is over. */
  start(errand: Errand): Promise<ErrandAnswer | 'underway'>;
  /** Asks for a `look` that nobody waits for. Returns once it is certain that it will be tried. @throws what keeps it from being asked for. */
  nudge(connector: string): Promise<void>;
}

export type ErrandHub = Pick<Desk, 'pair' | 'settle' | 'undo' | 'done' | 'replay' | 'carryOut'> & {
  run(connector: string, options: { readonly full?: boolean | undefined; readonly dry?: boolean | undefined; readonly only?: string | undefined; readonly clean?: boolean | undefined; readonly signal?: AbortSignal | undefined }): Promise<RunReport>;
  /** Nothing to look at: no report. */
  lookAtHints(connector: string, options: { readonly signal?: AbortSignal | undefined }): Promise<RunReport | undefined>;
};

/** @throws what is no situation that Concord can name, and the signal's reason. */
export async function doErrand(hub: ErrandHub, errand: Errand, signal?: AbortSignal): Promise<ErrandAnswer> {
  try {
    return await done(hub, errand, signal);
  } catch (error) {
    if (!(error instanceof ConcordError)) throw error;
    return { kind: 'failed', error: errorFacts(error) };
  }
}

async function done(hub: ErrandHub, errand: Errand, signal: AbortSignal | undefined): Promise<ErrandAnswer> {
  const { connector } = errand;
  switch (errand.kind) {
    case 'run': {
      const { full, dry, only, clean } = errand;
      return reports(await hub.run(connector, { full, dry, only, clean, signal }));
    }
    case 'look':
      return reports(await hub.lookAtHints(connector, { signal }));
    case 'settle': {
      const { key, take, by, version } = errand;
      const pair = await hub.pair(connector, key);
      if (version !== undefined && version !== versionOf(pair)) return { kind: 'told', answered: { kind: 'changed' } };
      return told(await hub.settle(pair, (field) => (typeof take === 'string' ? take : (take[field] ?? 'source')), by));
    }
    case 'undo':
      return told(await hub.undo(await hub.pair(connector, errand.key), errand.by));
    case 'done':
      return told(await hub.done(await hub.pair(connector, errand.key), errand.word, errand.by));
    case 'replay':
      return { kind: 'reports', reports: await hub.replay(connector, errand.id, { signal }) };
    case 'carry-out':
      return reports(await hub.carryOut(connector, errand.plan));
    default:
      return assertNever(errand);
  }
}

const reports = (report: RunReport | undefined): ErrandAnswer => ({ kind: 'reports', reports: report === undefined ? [] : [report] });
const told = ({ answered, report }: Told): ErrandAnswer => ({ kind: 'told', answered, report });

/** Of what a person was shown: who decides later says with it what the decision is about. */
export const versionOf = ({ state, conflict }: PairShown): string => hash('sha256', JSON.stringify([state, conflict?.code, conflict?.fields]), 'base64url').slice(0, 22);
