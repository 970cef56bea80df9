/**
 * Credentials that were refused are not tried again for a while, whoever runs us how often: some systems lock out an address that keeps
 * trying (Nextcloud after ten failures in half an hour; confirmed). Other credentials are tried at once, and so is everything when a person
 * asks `doctor`. What is remembered is a keyed digest of them and a time.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { VendorSignInFailed } from '../base/errors.ts';
import type { Connector } from '../engine/connector.ts';
import type { Side } from '../engine/side.ts';
import type { RunReport } from '../sync/report.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Notes } from './notes.ts';

const waitMs = 10 * 60_000;
const note = 'sign-in refused';

export interface SignInWait {
  /** The connector, or in its place one whose runs end like that of the refusal, without a call. */
  guarded(connector: Connector): Connector;
  /** What became of a run of the connector that `guarded` gave. */
  heard(report: RunReport): void;
  /** The same, where there is no report: a worker's call was refused. */
  refused(): void;
  /** Somebody has asked meanwhile, and all was well: the next run need not wait. */
  accepted(): void;
}

export function signInWait(parts: { readonly notes: Notes; readonly clock: Clock; readonly digest: (text: string) => string; readonly variables: Variables }, entry: CatalogEntry): SignInWait {
  const { notes, clock, digest, variables } = parts;
  const credentials = digest(JSON.stringify(entry.variables.map(({ name }) => variables[name] ?? null)));
  let isWaiting = false;
  return {
    guarded(connector) {
      const [who, at] = (notes.get(note) ?? '').split(' ');
      const refusedAt = who === credentials ? Number(at) : -Infinity;
      isWaiting = clock.now() - refusedAt < waitMs && clock.now() >= refusedAt;
      return isWaiting ? refusing(connector, refusedAt + waitMs) : connector;
    },
    heard(report) {
      if (isWaiting) return;
      const isRefused = report.problems.some(({ code }) => code === 'E_SIGN_IN');
      notes.set(note, isRefused ? `${credentials} ${clock.now()}` : undefined);
    },
    refused: () => {
      if (!isWaiting) notes.set(note, `${credentials} ${clock.now()}`);
    },
    accepted: () => notes.set(note, undefined),
  };
}

function refusing(connector: Connector, until: number): Connector {
  const call = `any call (refused before; not tried again before ${new Date(until).toISOString()}, unless the credentials change; concord doctor tries at once)`;
  const refuse = async (): Promise<never> => {
    throw new VendorSignInFailed({ vendor: connector.id, call });
  };
  async function* read(): AsyncGenerator<never, never> {
    for (;;) yield await refuse();
  }
  const closed = (side: Side): Side => ({ ...side, prepare: refuse, read, lookUp: refuse, lookForOurs: refuse, write: refuse });
  return { ...connector, streams: connector.streams.map((stream) => ({ ...stream, source: closed(stream.source), target: closed(stream.target) })) };
}
