/**
 * Keeps a list of promises against real servers: starts the servers, checks one promise after another, and says what became
 * of each. Promises share the servers and build on each other, as a story does. A promise that fails stays failed; skipped are
 * only those whose server's packages cannot be fetched here.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { PackagesUnreachable } from './servers/packages.ts';

/** A server that the story needs, under the name by which its promises know it. */
export interface NeededServer<Server> {
  /** As in `SKIPPED: real Directus: ...`. */
  readonly title: string;
  /** @throws PackagesUnreachable when it cannot be had on this machine; anything else is a failure. */
  readonly start: () => Promise<Server & { stop(): Promise<void> }>;
}

export interface RealPromise<World> {
  /** In plain words, as a specification reads. */
  readonly name: string;
  /** The servers without which it says nothing; by default all of them. */
  readonly needs?: readonly (keyof World & string)[];
  /** Default 60 000. */
  readonly withinMs?: number;
  readonly run: (world: World) => Promise<void>;
}

export interface Scenario<World> {
  readonly servers: { readonly [name in keyof World & string]: NeededServer<World[name]> };
  readonly promises: readonly RealPromise<World>[];
}

export interface PromiseOutcome {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
  /** Why it failed, with the place; or which server was missing. */
  readonly because?: string;
}

export interface ScenarioReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly promises: readonly PromiseOutcome[];
}

/** A scenario whose world is known only to itself: what the runner finds in a file. */
export interface RunnableScenario {
  runWith(tell: (line: string) => void): Promise<ScenarioReport>;
}

export function defineScenario<World extends object>(scenario: Scenario<World>): RunnableScenario {
  return { runWith: async (tell) => runScenario(scenario, tell) };
}

/**
 * Runs it and stops every server that it started, also after failures.
 *
 * @param tell  Takes each line of the text form as soon as it is known.
 */
export async function runScenario<World extends object>(scenario: Scenario<World>, tell: (line: string) => void): Promise<ScenarioReport> {
  const { world, missing, stop } = await startServers(scenario, tell);
  const promises: PromiseOutcome[] = [];
  try {
    for (const promise of scenario.promises) {
      const outcome = await check(promise, { world, missing, names: Object.keys(scenario.servers) });
      promises.push(outcome);
      tell(`${outcome.outcome.padEnd(8)}${seconds(outcome.ms)}  ${outcome.name}${outcome.because === undefined ? '' : `\n${indent(outcome.because)}`}`);
    }
  } finally {
    await stop();
  }
  const count = (wanted: PromiseOutcome['outcome']) => promises.filter(({ outcome }) => outcome === wanted).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped'), promises };
}

type Started = { world: Record<string, unknown>; missing: Map<string, Missing>; stop: () => Promise<void> };
type Missing = { readonly outcome: 'failed' | 'skipped'; readonly because: string };

/** A server that will not start fails the promises that need it and no others; one that cannot be fetched skips them. */
async function startServers<World extends object>(scenario: Scenario<World>, tell: (line: string) => void): Promise<Started> {
  const world: Record<string, unknown> = {};
  const missing = new Map<string, Missing>();
  const stops: (() => Promise<void>)[] = [];
  for (const [name, needed] of Object.entries<NeededServer<unknown>>(scenario.servers)) {
    const from = performance.now();
    try {
      const server = await needed.start();
      stops.push(async () => server.stop());
      world[name] = server;
      tell(`started ${seconds(performance.now() - from)}  ${needed.title}`);
    } catch (error) {
      const isUnreachable = error instanceof PackagesUnreachable;
      // The whole message stands here once; each promise repeats its first line.
      missing.set(name, { outcome: isUnreachable ? 'skipped' : 'failed', because: `${needed.title}: ${messageOf(error).split('\n', 1)[0]}` });
      tell(`${isUnreachable ? 'SKIPPED' : 'NOT STARTED'}: ${needed.title}: ${messageOf(error)}`);
    }
  }
  return {
    world,
    missing,
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

async function check<World extends object>(
  promise: RealPromise<World>,
  place: { world: Record<string, unknown>; missing: Map<string, Missing>; names: readonly string[] },
): Promise<PromiseOutcome> {
  const lacking = (promise.needs ?? place.names).flatMap((name) => place.missing.get(name) ?? []);
  const worst = lacking.find(({ outcome }) => outcome === 'failed') ?? lacking[0];
  if (worst !== undefined) return { name: promise.name, ms: 0, ...worst };

  const from = performance.now();
  const limitMs = promise.withinMs ?? 60_000;
  const clockStopped = new AbortController();
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every needed server stands in it: that was just checked
    const kept = promise.run(place.world as World).then(() => true);
    const isKept = await Promise.race([kept, delay(limitMs, false, { signal: clockStopped.signal })]);
    if (!isKept) throw new Error(`not kept within ${limitMs / 1000} s`);
    return { name: promise.name, outcome: 'passed', ms: Math.round(performance.now() - from) };
  } catch (error) {
    return { name: promise.name, outcome: 'failed', ms: Math.round(performance.now() - from), because: messageOf(error, { withPlace: true }) };
  } finally {
    clockStopped.abort();
  }
}

function messageOf(error: unknown, options: { withPlace?: boolean } = {}): string {
  if (!(error instanceof Error)) return String(error);
  const place = options.withPlace === true ? (error.stack?.split('\n').find((line) => /test[\\/]real/.test(line)) ?? '') : '';
  const cause = error.cause instanceof Error ? `\n  because: ${error.cause.message.split('\n', 1)[0]}` : '';
  return `${error.message}${cause}${place === '' ? '' : `\n${place}`}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`.padStart(9);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '      ');
}
