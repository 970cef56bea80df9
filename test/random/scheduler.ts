/**
 * Owns every await on I/O and every timer of the processes that run in it: nothing goes on before the scheduler says so, and what
 * goes on next is drawn from the seed. So one seed makes one history, step for step, and every step is a place where the world
 * may end: a process that was killed is never woken again (its promises stay open, as in a machine that lost power), and a
 * suspended one stands still while time passes for the others.
 */
import type { Clock } from '../../shared/base/clock.ts';

export interface Process {
  readonly name: string;
  state: 'running' | 'suspended' | 'killed' | 'ended';
  /** How far its clock is from the world's, ms. */
  readonly skewMs: number;
  wakesAt: number;
  /** Stood still for a while: others may have taken over what it held. */
  wasSuspended: boolean;
  /** Woken and not gone on yet: what it was about to send leaves before its own time limit is noticed. */
  isWaking: boolean;
}

/**
 * What becomes of a process at a step. `kill-before`: the call never leaves; `kill-after`: it has its effect, nobody hears of it.
 * `lose-answer`: it has its effect, and the caller gets the error that a broken connection makes. */
export type Fate = 'go' | 'kill-before' | 'kill-after' | 'lose-answer' | { readonly suspendMs: number };

interface Step {
  readonly process: Process;
  readonly label: string;
  go(losesAnswer: boolean): void;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly process: Process | undefined;
  fire(): void;
}

const stepMsMax = 40;

export class Scheduler {
  now: number;
  steps = 0;
  /** Steps that were calls to a vendor. */
  calls = 0;
  /** Decides what happens to the process at this step; asked once for each. */
  fateOf: (process: Process, label: string) => Fate = () => 'go';
  /** Called before each step: where people act in the middle of things. */
  between: () => void = () => {};
  readonly trace: string[] = [];
  /** Told of every call to a vendor that leaves: its system, the first word of the label. */
  onCall: (system: string) => void = () => {};
  private readonly random: () => number;
  private ready: Step[] = [];
  private timers: Timer[] = [];
  private readonly processes: Process[] = [];
  private order = 0;

  constructor(random: () => number, startMs: number) {
    this.random = random;
    this.now = startMs;
  }

  /** Starts a process; what it throws goes to `ended`. */
  start(name: string, skewMs: number, work: (process: Process) => Promise<void>, ended: (error: unknown) => void): Process {
    const process: Process = { name, state: 'running', skewMs, wakesAt: 0, wasSuspended: false, isWaking: false };
    this.processes.push(process);
    const end = (error?: unknown): void => {
      if (process.state === 'killed') return;
      process.state = 'ended';
      ended(error);
    };
    work(process).then(() => end(), end);
    return process;
  }

  clockOf(process: Process): Clock {
    return {
      now: () => this.now + process.skewMs,
      sleep: (ms, signal) => this.sleep(process, ms, signal),
    };
  }

  /** The clock of the world itself: of the vendors, and of the tables. */
  readonly worldClock: Clock = { now: () => this.now, sleep: (ms, signal) => this.sleep(undefined, ms, signal) };

  /** One await on I/O: `call` runs when its turn has come. @param lost  What the caller sees of a broken connection. */
  step<T>(process: Process, label: string, call: () => Promise<T>, lost: () => Error = () => new Error('the connection broke')): Promise<T> {
    return new Promise((resolve, reject) => {
      const unlessKilled = <V>(settle: (value: V) => void) => (value: V): void => {
        if (process.state !== 'killed') settle(value);
      };
      this.ready.push({ process, label, go: (losesAnswer) => void call().then((value) => {
        if (losesAnswer) throw lost();
        return value;
      }).then(unlessKilled(resolve), unlessKilled(reject)) });
    });
  }

  /** Takes over `setTimeout` and `clearTimeout`, which a library may use; the caller gives them back with what this returns. */
  ownTimers(): () => void {
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    // Whoever sets one here asks no more of its handle than to be cleared by it.
    Reflect.set(globalThis, 'setTimeout', (work: () => void, ms = 0) => this.addTimer(undefined, ms, work));
    Reflect.set(globalThis, 'clearTimeout', (timer: Timer | undefined) => this.dropTimer(timer));
    return () => {
      globalThis.setTimeout = set;
      globalThis.clearTimeout = clear;
    };
  }

  /** Goes on until no process can: all have ended, were killed, or stand still for longer than `waitMs`. @returns false when the steps ran out */
  async run(waitMs: number, stepsMax: number): Promise<boolean> {
    const until = this.now + waitMs;
    const stepsUntil = this.steps + stepsMax;
    for (;;) {
      await promisesDone();
      if (!this.ready.some(({ process }) => process.state === 'running')) await drained();
      if (!this.processes.some(({ state }) => state === 'running' || state === 'suspended')) return true;
      this.ready = this.ready.filter(({ process }) => process.state !== 'killed');
      const able = this.ready.filter(({ process }) => process.state === 'running');
      const step = able[Math.floor(this.random() * able.length)];
      if (step === undefined && !this.passTime(until)) return true;
      if (step !== undefined) this.take(step);
      if (this.steps > stepsUntil) return false;
    }
  }

  /** Processes that have not ended, to be let go on later. */
  standing(): readonly Process[] {
    return this.processes.filter(({ state }) => state === 'suspended' || state === 'running');
  }

  private take(step: Step): void {
    this.steps += 1;
    const [place = ''] = step.label.split(' ', 1);
    const isCall = place !== 'table' && place !== 'queue';
    if (isCall) this.calls += 1;
    this.now += 1 + Math.floor(this.random() * stepMsMax);
    this.between();
    this.fireDue();
    const { process, label } = step;
    if (process.state !== 'running') return; // a timer that was due has ended or stopped it
    const fate = this.fateOf(process, label);
    this.note(`${process.name} ${label}${fate === 'go' ? '' : ` ${JSON.stringify(fate)}`}`);
    if (typeof fate === 'object') {
      process.state = 'suspended';
      process.wasSuspended = true;
      process.wakesAt = this.now + fate.suspendMs;
      return;
    }
    this.ready.splice(this.ready.indexOf(step), 1);
    process.isWaking = false;
    if (fate === 'kill-before' || fate === 'kill-after') process.state = 'killed';
    if (isCall && fate !== 'kill-before') this.onCall(place);
    if (fate !== 'kill-before') step.go(fate === 'lose-answer');
  }

  note(line: string): void {
    this.trace.push(`${this.now} ${line}`);
  }

  /** Nobody can go on now: the next timer or the next awakening is due. @returns whether there is one before `until` */
  private passTime(until: number): boolean {
    const sleepers = this.processes.filter(({ state }) => state === 'suspended').map(({ wakesAt }) => wakesAt);
    const timer = this.timers.find(({ process }) => process?.state !== 'suspended');
    const next = Math.min(...sleepers, timer?.at ?? Infinity);
    if (next > until || next === Infinity) return false;
    for (const process of this.processes) process.isWaking = false;
    this.now = Math.max(this.now, next);
    this.fireDue();
    return true;
  }

  private fireDue(): void {
    for (const process of this.processes) {
      if (process.state !== 'suspended' || process.wakesAt > this.now) continue;
      process.state = 'running';
      process.isWaking = true;
    }
    const isDue = ({ at, process }: Timer): boolean => at <= this.now && process?.state !== 'suspended' && process?.isWaking !== true;
    for (let timer = this.timers.find(isDue); timer !== undefined; timer = this.timers.find(isDue)) {
      this.dropTimer(timer);
      timer.fire();
    }
  }

  private sleep(process: Process | undefined, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(reasonOf(signal));
      const timer = this.addTimer(process, ms, resolve);
      signal?.addEventListener('abort', () => {
        this.dropTimer(timer);
        reject(reasonOf(signal));
      }, { once: true });
    });
  }

  private addTimer(process: Process | undefined, ms: number, work: () => void): Timer {
    const timer: Timer = { at: this.now + ms, order: ++this.order, process, fire: () => (process?.state === 'killed' ? undefined : work()) };
    const place = this.timers.findIndex((other) => other.at > timer.at);
    this.timers.splice(place === -1 ? this.timers.length : place, 0, timer);
    return timer;
  }

  private dropTimer(timer: Timer | undefined): void {
    const place = timer === undefined ? -1 : this.timers.indexOf(timer);
    if (place !== -1) this.timers.splice(place, 1);
  }
}

const reasonOf = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'));

const settled = Promise.resolve();
// More promises than follow one another between two calls of the hub; what takes longer is waited for by a turn of the event loop.
const promisesInARow = 40;

/** Lets promises settle that wait for nothing: a small part of the cost of a turn of the event loop. */
async function promisesDone(): Promise<void> {
  for (let n = 0; n < promisesInARow; n++) await settled;
}

/** Lets everything happen that waits for nothing: one turn of the event loop empties all queues of promises. */
const drained = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
