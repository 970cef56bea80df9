/**
 * Every way in which a history's world can fail, by name. Each can be switched on alone (`FaultBox.arm`), and counts when it has
 * really struck, not when it was switched on. The hub must survive all of them: nothing is lost, doubled or brought back, and
 * it comes to rest once they are over. What lies outside of what it can promise is said in docs/proof.md.
 */

export interface FaultKind {
  readonly name: string;
  /** Where it strikes: a request to a vendor, the vendor itself, our table, our queue, a process, triggers, time, or what people enter. */
  readonly at: 'wire' | 'vendor' | 'table' | 'queue' | 'process' | 'trigger' | 'time' | 'data';
}

const named = (at: FaultKind['at'], names: string): FaultKind[] => names.split(/\s+/).map((name) => ({ name, at }));

export const faultKinds: readonly FaultKind[] = [
  ...named('wire', 'http-400 http-401 http-403-right http-403-quota http-404 http-408 http-409 http-412 http-413 http-423 http-425'),
  ...named('wire', 'http-429-seconds http-429-date http-429-absurd http-429-silent http-500 http-502 http-503 http-504'),
  ...named('wire', 'reset-before-send reset-after-send answer-lost half-body half-body-broken wrong-body error-in-200 slow-answer'),
  ...named('vendor', 'page-repeated page-missing page-shifted index-lags etag-missing etag-weak etag-changing server-rewrites'),
  ...named('vendor', 'token-expired token-skips deleted-and-remade'),
  ...named('table', 'table-throttled table-answer-lost table-condition table-transaction'),
  ...named('queue', 'message-repeated message-late message-out-of-order message-poison message-visible-again'),
  ...named('process', 'killed-before killed-after zombie time-up'),
  ...named('trigger', 'two-planners hint-early hint-late hint-repeated'),
  ...named('time', 'clock-ahead clock-behind dst'),
  ...named('data', 'huge-item unicode unreadable-item'),
];

const ofTheHub: readonly FaultKind['at'][] = ['table', 'queue', 'process', 'trigger', 'time', 'data'];

/** Faults that have nothing to do with a vendor: they can strike in every pair. */
export const faultsOfTheHub: readonly string[] = faultKinds.filter(({ name, at }) => ofTheHub.includes(at) && name !== 'dst').map(({ name }) => name);

const placeOf = new Map(faultKinds.map(({ name, at }) => [name, at]));

export class FaultBox {
  readonly fired = new Map<string, number>();
  private readonly left = new Map<string, { times: number; readonly share: number }>();
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  /** @param share  How likely it strikes where it can. */
  arm(name: string, times: number, share: number): void {
    if (!placeOf.has(name)) throw new Error(`no fault is called ${name}`);
    this.left.set(name, { times, share });
  }

  calm(): void {
    this.left.clear();
  }

  /** Switches everything off for a while. */
  pause(): ReadonlyMap<string, { times: number; readonly share: number }> {
    const armed = new Map(this.left);
    this.left.clear();
    return armed;
  }

  resume(armed: ReturnType<FaultBox['pause']>): void {
    for (const [name, fault] of armed) this.left.set(name, fault);
  }

  isArmed(name: string): boolean {
    return (this.left.get(name)?.times ?? 0) > 0;
  }

  /** Whether it strikes now, which counts. */
  strikes(name: string): boolean {
    const armed = this.left.get(name);
    if (armed === undefined || armed.times === 0 || this.random() >= armed.share) return false;
    armed.times -= 1;
    this.count(name);
    return true;
  }

  /** The first of these that strikes now. */
  pick(names: readonly string[]): string | undefined {
    if (this.left.size === 0) return undefined;
    return names.find((name) => this.strikes(name));
  }

  count(name: string): void {
    this.fired.set(name, (this.fired.get(name) ?? 0) + 1);
  }

  get total(): number {
    let sum = 0;
    for (const count of this.fired.values()) sum += count;
    return sum;
  }
}
