/** Runs of a connector, each in a process of its own on the same tables: it has a name, and is known to be dead when it has ended. */
import type { Clock } from '../../shared/base/clock.ts';
import type { Connector } from '../../shared/engine/connector.ts';
import type { LinkStore, RunStore, World } from '../../shared/engine/ports.ts';
import { runConnector, type RunOptions } from '../../shared/engine/run.ts';
import { localQueue } from '../../shared/stores/local-queue.ts';

export interface ProcessParts {
  readonly clock: Clock;
  readonly links: LinkStore;
  readonly runs: RunStore;
  readonly digestKey: string;
  /** Of a new process. */
  readonly connector: () => Connector;
  readonly calls: () => { readonly [system: string]: number };
}

export function processes({ clock, links, runs, digestKey, connector, calls }: ProcessParts) {
  const dead = new Set<string>();
  let begun = 0;

  const world = (): World => ({
    links, runs, clock, digestKey, worker: `worker-${++begun}`, isDead: (worker) => dead.has(worker),
    queue: localQueue({ clock, visibilityMs: 60_000 }),
  });

  async function run(options: Partial<RunOptions> = {}) {
    const mine = world();
    try {
      return await runConnector(mine, connector(), { calls, ...options });
    } finally {
      dead.add(mine.worker);
    }
  }

  return { world, run, dead };
}
