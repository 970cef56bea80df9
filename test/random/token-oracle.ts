/**
 * Judges a history of tokens from outside: what the vendor was shown, what the secret and the table held, and when. It knows every token's
 * fate, which the client cannot.
 *
 * A refresh token is spent twice if it is shown to the vendor although somebody knew better: what became of it stands in the secret or on the
 * table, or another worker is still at it. Once an answer was lost, nobody can know, and the token is tried again.
 */
import { digestOfToken } from '../../shared/http/kept-tokens.ts';
import type { Process } from './scheduler.ts';
import type { Presentation, TokenVendor } from './token-vendor.ts';

const skewMs = 60_000; // no clock here is further from the vendor's
const standsMs = 10 * 60_000; // so long a worker may stand still between asking for a token, from when on it counts, and its being given

const marginMs = 5 * 60_000; // so long before its end a token is renewed

export interface Reading {
  readonly access: string | undefined;
  readonly refresh: string | undefined;
}

export interface Verdict {
  readonly spentTwice: number;
  readonly falseAlarms: number;
  /** Refresh tokens that were spent, and whose successor nobody has; a person had not replaced them before that was found out. */
  readonly lost: number;
  /** Of those, how many died with the worker that had just heard the answer; the others' answers were lost on the wire. */
  readonly lostInACrash: number;
  readonly alarms: number;
  /** Dead ones that were tried once more after a lost answer. */
  readonly triedAgain: number;
  readonly broken: readonly string[];
}

export class TokenOracle {
  readonly processes = new Map<string, Process>();
  private readonly vendor: TokenVendor;
  private readonly broken: string[] = [];
  /** Refresh tokens of which it is written down what became of them, by the digest of each. */
  private readonly settled = new Set<string>();
  private readonly alarmed = new Map<string, number>();
  /** Access tokens that have stood in the secret. */
  private readonly kept = new Set<string>();
  private readonly lastRead = new Map<string, Reading>();
  /** What each worker had read when it last spent a refresh token. */
  private readonly spentOver = new Map<string, Reading>();
  /** What the worker whose request is now arriving had read when it sent it. */
  private sentOver: Reading | undefined;
  private spentTwice = 0;
  private falseAlarms = 0;
  private triedAgain = 0;

  constructor(vendor: TokenVendor) {
    this.vendor = vendor;
    vendor.onPresented = (token, by) => this.presented(token, by);
  }

  stored(reading: Reading): void {
    if (reading.access !== undefined) this.kept.add(reading.access);
  }

  read(by: string, reading: Reading): void {
    this.lastRead.set(by, reading);
  }

  /** A worker sends a request. @returns to be called when it arrives, which may be much later. */
  sends(by: string): () => void {
    const reading = this.lastRead.get(by);
    return () => {
      this.sentOver = reading;
    };
  }

  /** A worker has written the secret. */
  written(by: string, before: Reading, after: Reading): void {
    this.stored(after);
    if (before.refresh !== after.refresh) {
      if (before.refresh !== undefined) this.settled.add(digestOfToken(before.refresh));
      const isItsSuccessor = this.vendor.presentations.some((one) => one.token === before.refresh && one.by === by && one.outcome === 'rotated');
      if (!isItsSuccessor) this.complain(`${by} wrote ${after.refresh} over ${before.refresh}, which it had not spent`);
    }
    const isPasted = before.access !== this.spentOver.get(by)?.access && before.refresh === this.spentOver.get(by)?.refresh;
    if (isPasted && before.access !== after.access) this.complain(`${by} wrote ${after.access} over ${before.access}, which a person had pasted meanwhile`);
    this.lastRead.set(by, after);
  }

  /** A worker has written on the table that a refresh token is dead. */
  refused(by: string, digest: string): void {
    const token = this.vendor.presentations.find((one) => digestOfToken(one.token) === digest)?.token;
    if (this.alarmed.has(digest)) this.complain(`a second alarm for ${token}`);
    this.alarmed.set(digest, (this.alarmed.get(digest) ?? 0) + 1);
    this.settled.add(digest);
    if (this.vendor.isAlive(token)) this.falseAlarm(`an alarm for ${token}, which is good`);
    else if (this.lastRead.get(by)?.refresh !== token) this.falseAlarm(`an alarm for ${token}, which ${by} knows is replaced`);
    else if (this.rotationOf(digest) === undefined) this.falseAlarm(`an alarm for ${token}, which was never exchanged`);
  }

  /** `use` has ended with "sign in". */
  signInNeeded(by: string): void {
    const { access, refresh } = this.lastRead.get(by) ?? {};
    if (this.vendor.isAlive(refresh)) this.falseAlarm(`${by} says sign in, and ${refresh} is good`);
    if (this.vendor.isGood(access, standsMs + skewMs)) this.falseAlarm(`${by} says sign in, and ${access} is good`);
  }

  /** An access token goes out. */
  used(by: string, access: string): void {
    if (!this.kept.has(access)) this.complain(`${by} uses ${access}, which is stored nowhere`);
  }

  complain(what: string): void {
    this.broken.push(what);
  }

  /** @param last  what the secret holds at the end, after a worker has had time to find out. */
  verdict(last: Reading): Verdict {
    const lost = this.vendor.presentations.filter(({ token, outcome }) => outcome === 'rotated' && (this.alarmed.has(digestOfToken(token)) || token === last.refresh));
    for (const one of lost) {
      if (!this.isLost(one)) this.complain(`${one.token} is lost, and ${one.by} had the answer`);
      if (!this.alarmed.has(digestOfToken(one.token))) this.complain(`${one.token} is lost, and nobody was told`);
    }
    const { spentTwice, falseAlarms, triedAgain, broken } = this;
    return { spentTwice, falseAlarms, lost: lost.length, lostInACrash: lost.filter(({ isLost }) => !isLost).length, alarms: [...this.alarmed.values()].reduce((sum, count) => sum + count, 0), triedAgain, broken };
  }

  private presented(token: string, by: string): void {
    const { access, refresh } = this.sentOver ?? {};
    this.spentOver.set(by, { access, refresh });
    if (this.vendor.isGood(access, marginMs + standsMs + skewMs)) this.complain(`${by} spends ${token}, and had read ${access}, which is good`);
    const earlier = this.vendor.presentations.filter((one) => one.token === token && one.outcome !== 'kept');
    const [first] = earlier;
    if (first === undefined) return;
    const heard = earlier.find((one) => !this.isLost(one));
    if (this.settled.has(digestOfToken(token)) || heard) {
      this.spentTwice += 1;
      this.complain(`${by} spends ${token} again, after ${(heard ?? first).by}`);
    } else this.triedAgain += 1;
  }

  /** Nobody has heard what came of it, or whoever did is gone. */
  private isLost({ isLost, by }: Presentation): boolean {
    return isLost || this.processes.get(by)?.state === 'killed';
  }

  private rotationOf(digest: string): Presentation | undefined {
    return this.vendor.presentations.find((one) => digestOfToken(one.token) === digest && one.outcome === 'rotated');
  }

  private falseAlarm(what: string): void {
    this.falseAlarms += 1;
    this.complain(what);
  }
}
