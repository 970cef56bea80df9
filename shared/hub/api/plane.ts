/**
 * What the control plane stands on, and how its handlers find what a request means: which connectors, how they are. It knows what is
 * remembered; what needs a vendor's client it asks of its host.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { CatalogEntry } from '../catalog.ts';
import type { Host } from '../errand.ts';
import type { FrontDesk } from '../front-desk.ts';
import type { Memory } from '../memory.ts';
import { statusOf, type ConnectorStatus } from '../status.ts';
import { notFound, RequestRefused } from './problem.ts';
import type { Call } from './route.ts';

export interface ControlPlane {
  readonly clock: Clock;
  readonly log: Log;
  /** Of all connectors of the catalog. */
  readonly memories: readonly Memory[];
  /** What a person asks that needs no vendor. */
  readonly desk: FrontDesk;
  readonly host: Host;
  readonly configured: (entry: CatalogEntry) => boolean;
  /** Whether the worker behind a lease is known to be dead; on AWS nobody can know. */
  readonly isDead: (worker: string) => boolean;
  /** What the public is told; some seconds old, because everybody may ask as often as they like, and each answer reads our tables. */
  readonly openHealth: () => Promise<Health>;
}

/** `attention`: something waits for a person. Public, so it says no more. */
export type Health = 'ok' | 'attention';

export const statuses = ({ memories, clock, configured, isDead }: Pick<ControlPlane, 'memories' | 'clock' | 'configured' | 'isDead'>): Promise<readonly ConnectorStatus[]> =>
  Promise.all(memories.map((memory) => statusOf(memory, { nowMs: clock.now(), configured: configured(memory.entry), isDead })));

export function healthOf(all: readonly ConnectorStatus[]): Health {
  return all.some(({ state }) => state === 'attention' || state === 'held' || state === 'paused') ? 'attention' : 'ok';
}

const freshMs = 15_000;

export function openHealth(plane: Parameters<typeof statuses>[0]): () => Promise<Health> {
  let last: { readonly at: number; readonly health: Promise<Health> } | undefined;
  return () => {
    const now = plane.clock.now();
    if (last === undefined || now - last.at >= freshMs || now < last.at) {
      const health = statuses(plane).then(healthOf);
      last = { at: now, health };
      health.catch(() => { last = undefined; }); // a failure is not remembered
    }
    return last.health;
  };
}

/** @throws RequestRefused (404) */
export function memoryNamed({ memories }: Pick<ControlPlane, 'memories'>, connector: string): Memory {
  const found = memories.find(({ entry }) => entry.id === connector);
  if (found === undefined) throw notFound(`there is no connector ${connector}; there is ${memories.map(({ entry }) => entry.id).join(', ')}`);
  return found;
}

/** Those that `?connector=` names, or all. @throws RequestRefused (404) */
export function memoriesAsked(plane: Pick<ControlPlane, 'memories'>, { request: { query } }: Call): readonly Memory[] {
  return query['connector'] === undefined ? plane.memories : [memoryNamed(plane, query['connector'])];
}

/** @throws RequestRefused (400) */
export function limitIn({ request: { query } }: Call, { usual, max }: { readonly usual: number; readonly max: number }): number {
  const text = query['limit'];
  if (text === undefined) return usual;
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1 || Number(text) > max) throw new RequestRefused({ status: 400, code: 'E_QUERY', message: `limit takes 1 to ${max}` });
  return Number(text);
}

/** Of what several connectors may have under one name: the one that is meant. @throws RequestRefused (404, 409) */
export function onlyOne<T extends { readonly connector: string }>(found: readonly T[], what: string): T {
  const [one, ...others] = found;
  if (one === undefined) throw notFound(`there is no ${what}`);
  if (others.length > 0) throw new RequestRefused({ status: 409, code: 'E_SEVERAL', message: `there is more than one ${what}: name its connector with ?connector=`, problems: found.map(({ connector }) => connector) });
  return one;
}

/** What stands where it is remembered who said something. */
export const byWhom = ({ caller }: Call): string => caller?.name ?? 'unknown';

export const param = ({ params }: Call, name: string): string => params[name] ?? '';
