/**
 * The hub of a history and all its processes: runs on one machine (a queue of its own, and a dead process is known to be dead), or
 * functions that share a queue and know nothing of each other. It keeps the truth that the watch needs: what every item ever
 * held, and when it was gone.
 */
import { AnotherRunActive } from '../../shared/base/errors.ts';
import type { Table } from '../../shared/base/table.ts';
import type { Connector } from '../../shared/engine/connector.ts';
import type { Hint } from '../../shared/engine/plan.ts';
import { releasePlan } from '../../shared/engine/word.ts';
import type { LookMessage, World } from '../../shared/engine/ports.ts';
import { runConnector, type RunOptions } from '../../shared/engine/run.ts';
import { applyMessage } from '../../shared/engine/work.ts';
import { dailyQuota, unlimited, type Budget } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { pick } from '../../shared/simulators/world.ts';
import { budgetStore } from '../../shared/stores/budget-store.ts';
import { linkStore } from '../../shared/stores/links.ts';
import { localQueue, type LocalQueue } from '../../shared/stores/local-queue.ts';
import { runStore } from '../../shared/stores/runs.ts';
import { digester } from '../../shared/sync/digest.ts';
import type { RunReport } from '../../shared/sync/report.ts';
import { laggingTable } from './lagging-table.ts';
import type { Process } from './scheduler.ts';
import { tableFor } from './shared-table.ts';
import { steppedQueue } from './stepped-queue.ts';
import { steppedTable } from './stepped-table.ts';
import { Truth } from './truth.ts';
import { Watch } from './watch.ts';
import type { Effect, SimulatedPair, Stage } from './world.ts';

const digestKey = 'invented key for tests only '.repeat(2);
const digestOf = (text: string): string => digester(digestKey, []).text(text);
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const callsPerDay = 60;

export class HubHouse {
  readonly watch: Watch;
  readonly truth: Truth;
  readonly reports: RunReport[] = [];
  readonly effects: Effect[] = [];
  private readonly stage: Stage;
  private readonly pair: SimulatedPair;
  private readonly table: Table;
  private readonly id: string;
  private readonly isCloud: boolean;
  private readonly skewMs: number;
  private readonly shared: LocalQueue<LookMessage>;
  private readonly processes = new Map<string, Process>();
  private readonly hasQuota: boolean;
  private readonly callsByDay = new Map<string, number>();
  private lastMessage: LookMessage | undefined;
  private readonly unrecorded = new Set<Effect>();
  /** See `History`. */
  readonly unsure = new Set<string>();

  /** @param isCloud  Functions that share a queue; else one machine. Drawn where nobody says. */
  constructor(stage: Stage, pair: SimulatedPair, isCloud = stage.random() < 0.5) {
    const { scheduler, box, random } = stage;
    this.stage = stage;
    this.pair = pair;
    this.truth = new Truth(pair, digester(digestKey, pair.compared), () => scheduler.now);
    const { table, place } = tableFor(scheduler.worldClock);
    this.table = stage.lag === undefined ? table : laggingTable(table, { ...stage.lag, now: () => scheduler.now });
    this.id = `${pair.name}.${place}`;
    this.isCloud = isCloud;
    this.skewMs = box.strikes('clock-ahead') ? dayMs : box.strikes('clock-behind') ? -dayMs : 0;
    this.shared = localQueue<LookMessage>({ clock: scheduler.worldClock, visibilityMs: 15 * 60_000, maxReceiveCount: 5, shuffle: random });
    this.hasQuota = pair.name !== 'notebooks' && pair.house.policy === 'two-way';
    if (this.hasQuota) scheduler.onCall = (system) => this.called(system);
    this.watch = new Watch(this.id, {
      now: () => scheduler.now,
      isAlive: (worker) => this.isAlive(worker),
      wasAbsentSince: (side, id, sinceMs) => this.truth.wasAbsentSince(side, id, sinceMs),
      everHeld: (side, id) => this.truth.everHeld(side, id),
      everSent: this.truth.everSent,
      rejectedWithdraws: pair.house.rejectedWithdraws,
    });
  }

  /** After anything that changed something in a system. */
  look(): void {
    this.truth.look();
    for (const made of this.unrecorded) {
      if (this.pair.standing(made.side).has(made.id)) continue;
      this.unrecorded.delete(made);
      const thing = this.truth.thingOf(made.side, made.id);
      if (thing !== undefined && this.watch.linkOf(made.side, made.id) === undefined) this.unsure.add(thing);
    }
  }

  effect(effect: Effect): void {
    this.effects.push(effect);
    if (effect.before === undefined) this.unrecorded.add(effect);
    // Sent, given up, done again, undone by a person, and then carried out all the same.
    if (effect.isLate === true && effect.after) this.unsure.add(effect.after.thing);
    this.look();
    this.watch.effect(effect);
  }

  /** First runs without any fault, so that there is something to lose. */
  async undisturbed(): Promise<void> {
    const { box, scheduler } = this.stage;
    const armed = box.pause();
    this.look();
    this.run({});
    await scheduler.run(hourMs, 20_000);
    box.resume(armed);
  }

  /** One or two planners, workers where the queue is shared, and whatever wakes them too early, too late or twice. */
  async round(stepsMax: number): Promise<void> {
    const { box, scheduler, random } = this.stage;
    this.look();
    scheduler.fateOf = (process) => this.fateOf(process);
    const hint = box.pick(['hint-early', 'hint-late', 'hint-repeated']);
    if (hint === 'hint-early') this.run({ hints: this.hints() });
    this.run({ full: random() < 0.15 });
    if (box.strikes('two-planners')) this.run({});
    await scheduler.run(20 * 60_000, stepsMax);
    if (hint === 'hint-late' || hint === 'hint-repeated') {
      const hints = this.hints();
      for (let n = hint === 'hint-late' ? 1 : 2; n > 0; n--) this.run({ hints });
      await scheduler.run(20 * 60_000, stepsMax);
    }
    if (this.isCloud) {
      const workers = 1 + Math.floor(random() * 3);
      for (let n = 0; n < workers; n++) this.work();
      await scheduler.run(20 * 60_000, stepsMax);
    }
    if (random() < 0.4) await this.releaseAll();
    scheduler.fateOf = () => 'go';
  }

  private hints(): Hint[] {
    const side = pick(this.stage.random, ['source', 'target'] as const);
    const ids = [...this.pair.standing(side).keys()].slice(0, 2);
    const stream = this.connectorFor('hint').streams[0]?.name ?? '';
    return [{ stream, side, ids }];
  }

  private fateOf(process: Process) {
    const { box } = this.stage;
    const fault = box.pick(['killed-before', 'killed-after', 'zombie']);
    if (fault === 'killed-before') return 'kill-before';
    if (fault === 'killed-after') return 'kill-after';
    return fault === 'zombie' && !process.wasSuspended ? { suspendMs: 16 * 60_000 } : 'go';
  }

  private isAlive(worker: string): boolean {
    const process = this.processes.get(worker);
    return process !== undefined && (process.state === 'running' || process.state === 'suspended');
  }

  /** A planner; on one machine it works its own queue too. */
  run(options: Partial<RunOptions> = {}): void {
    const { box } = this.stage;
    this.start('plan', async (world, connector) => {
      let asked = 0;
      const mustStop = (): boolean => box.strikes('time-up') && ++asked > 0;
      const report = await runConnector(world, connector, { calls: () => ({}), applies: this.isCloud ? 'elsewhere' : 'here', mustStop, ...options });
      this.reports.push(report);
      this.watch.reported(report);
    });
  }

  /** A worker with what the shared queue holds now. */
  work(): void {
    this.start('work', async (world, connector) => {
      for (const { message, receipt } of await world.queue.receive(10)) {
        await applyMessage(world, connector, message.plan, message);
        await world.queue.done(receipt);
      }
    });
  }

  /** The last message is delivered once more, to another worker. */
  repeatMessage(): void {
    if (this.lastMessage) void this.shared.send([this.lastMessage]);
    this.work();
  }

  private start(kind: string, work: (world: World, connector: Connector) => Promise<void>): void {
    const name = `${kind}-${this.processes.size + 1}`;
    const ended = (error: unknown): void => {
      if (!(error instanceof AnotherRunActive)) this.watch.ended(error);
    };
    const process = this.stage.scheduler.start(name, this.skewMs, async (self) => {
      this.processes.set(name, self);
      const world = this.worldOf(self);
      await work(world, this.connectorFor(name, self));
    }, ended);
    this.processes.set(name, process);
  }

  private worldOf(process: Process): World {
    const { scheduler } = this.stage;
    const table = steppedTable(this.table, process, this.stage, (by, group) => this.watch.wrote(by, group));
    const clock = scheduler.clockOf(process);
    const queue = this.isCloud ? this.shared : localQueue<LookMessage>({ clock: scheduler.worldClock, visibilityMs: 15 * 60_000 });
    return {
      links: linkStore(table, this.id, clock), runs: runStore(table, this.id, clock), clock, digestKey, worker: process.name,
      isDead: (worker) => !this.isCloud && !this.isAlive(worker),
      queue: steppedQueue(queue, process, this.stage, (message) => {
        this.lastMessage = message;
        this.watch.sent(message);
      }),
    };
  }

  private connectorFor(name: string, process: Process = { name, state: 'ended', skewMs: 0, wakesAt: 0, wasSuspended: false, isWaking: false }): Connector {
    const { scheduler } = this.stage;
    return this.pair.connector({ process, clock: scheduler.clockOf(process), calls: callCounter(), budget: this.budgetOf(process), digest: digestOf, table: this.table });
  }

  /** Some sites have a day's quota; notebooks make no calls that it could count. */
  private budgetOf(process: Process): Budget {
    const { scheduler } = this.stage;
    if (!this.hasQuota || !this.processes.has(process.name)) return unlimited;
    const table = steppedTable(this.table, process, this.stage, () => {});
    return dailyQuota({ clock: scheduler.clockOf(process), store: budgetStore({ table, connector: this.id }) }, { perDay: callsPerDay, blockSize: 5 });
  }

  private called(system: string): void {
    const day = `${system} ${Math.floor(this.stage.scheduler.now / dayMs)}`;
    const calls = (this.callsByDay.get(day) ?? 0) + 1;
    this.callsByDay.set(day, calls);
    this.watch.hold('budget is kept', calls <= callsPerDay, () => `${calls} calls on one day to ${system}`);
  }

  /** A person looks at every held plan and lets it go. */
  private async releaseAll(): Promise<void> {
    const { scheduler } = this.stage;
    this.start('person', async (world) => {
      for (const plan of await world.runs.plans()) if (plan.state === 'held') await releasePlan(world, plan.id, 'a person');
    });
    await scheduler.run(hourMs, 4000);
  }

  /** What an undisturbed run on one machine says it made, a system has seen being made: in this run, or before, by an open create that it found. */
  private addUp(report: RunReport | undefined, effects: readonly Effect[], openBefore: number): void {
    if (report?.state !== 'finished') return;
    const told = Object.values(report.streams).reduce((sum, { created }) => sum + created, 0);
    const seen = effects.filter(({ before }) => before === undefined).length;
    this.watch.hold('outcomes add up', told >= seen && told <= seen + openBefore, () => `${told} created by its own account, ${seen} made, ${openBefore} open before`);
  }

  /** A run and what it leaves to do, to the end. */
  async settle(): Promise<void> {
    const { scheduler } = this.stage;
    this.look();
    if (this.watch.hasHeldPlan()) await this.releaseAll();
    const [effects, reports] = [this.effects.length, this.reports.length];
    const open = this.isCloud ? 0 : this.watch.links().filter(({ claim }) => claim !== undefined).length;
    this.run({});
    await scheduler.run(hourMs, 20_000);
    if (!this.isCloud && this.reports.length === reports + 1) this.addUp(this.reports.at(-1), this.effects.slice(effects), open);
    for (let worker = 0; worker < 3 && this.shared.size().visible > 0; worker++) {
      this.work();
      await scheduler.run(hourMs, 20_000);
    }
  }
}
