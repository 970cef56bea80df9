/**
 * Two notebooks as a pair of systems (see test/samples/notebook.ts): the simplest there is, in every manner of reading and every
 * power that a side can have, so that rules for systems that no connector has yet are proven too. Fast: most histories happen here.
 */
import type { Looked, Power, Side, Sighting, SideWrite, WriteResult } from '../../shared/engine/side.ts';
import type { Connector, Stream } from '../../shared/engine/connector.ts';
import { QuotaExhausted, VendorAnswerInvalid, VendorRateLimited, VendorSignInFailed, VendorUnavailable } from '../../shared/base/errors.ts';
import type { GuardLimits } from '../../shared/sync/guard.ts';
import type { Item } from '../../shared/sync/item.ts';
import { mirror, moderated, oneWay, twoWay, type Policy } from '../../shared/sync/policy.ts';
import type { ReadingEnd } from '../../shared/sync/scan.ts';
import { pick } from '../../shared/simulators/world.ts';
import { Notebook, notebookKey, type NotebookSettings, type PageOf } from '../samples/notebook.ts';
import { faultsOfTheHub } from './faults.ts';
import type { House, SideName } from './history.ts';
import type { Process } from './scheduler.ts';
import { effectsBetween, thingIn } from './seen.ts';
import type { People, ProcessDeps, Seen, SimulatedPair, Stage } from './world.ts';

const policies: { readonly [name in House['policy']]: Policy } = { moderated, 'two-way': twoWay, mirror, 'one-way': oneWay };
const indexDelayMs = 120_000;

/** How the two notebooks are, and what the site chooses; a history draws it. */
export interface NotebookSite {
  readonly policy: House['policy'];
  readonly archives: boolean;
  readonly powers: Readonly<Record<SideName, Power>>;
  readonly manners: Readonly<Record<SideName, Partial<NotebookSettings>>>;
  readonly oneWriter: boolean;
  readonly guard: GuardLimits;
}

export function notebookPair(stage: Stage, site: NotebookSite = drawn(stage.random)): SimulatedPair {
  const { random, scheduler } = stage;
  const { policy: policyName, archives, guard } = site;
  const targetPower = site.powers.target;
  const policy = settled(policies[policyName], archives);
  const source = new Notebook({ system: 'source', power: site.powers.source, archives: true, ...site.manners.source });
  const target = new Notebook({ system: 'target', power: targetPower, ...site.manners.target, ...(stage.box.isArmed('server-rewrites') && { rewrite: trimmed }) });
  target.oneWriter = site.oneWriter;
  const books = { source, target };
  const madeAt = new Map<string, number>();
  const house: House = {
    policy: policyName, imports: policy.targetNew === 'import', deletes: archives ? 'archive' : 'never', rejectedWithdraws: false, power: targetPower,
  };

  function connector({ process }: ProcessDeps): Connector {
    const stream: Stream = {
      name: 'pages',
      source: new WatchedBook({ book: source, sideName: 'source', process, stage, madeAt }),
      target: new WatchedBook({ book: target, sideName: 'target', process, stage, madeAt }),
      fields: ['title', 'place'], shape: 'notebook/1', policy, guard, keyFor: notebookKey, fullEveryMs: 24 * 3_600_000,
    };
    return { id: 'notebooks', title: 'Notebooks', streams: [stream], everyMinutes: 60 };
  }

  return {
    name: 'notebooks', house, power: targetPower, fields: ['title', 'place'],
    connector,
    standing: (side) => seenPages(books[side], side),
    entity: (side, id) => books[side].pages.get(id)?.entity,
    compared: ['title', 'place'],
    typed: (field, thing, value) => (field === 'title' ? `${thing} ${value}` : value),
    people: peopleOf(books, archives),
    misbehave() {
      const side = pick(random, ['source', 'target'] as const);
      const [id] = books[side].pages.keys();
      if (id === undefined) return false;
      const strikes = stage.box.pick(['etag-changing', 'deleted-and-remade']);
      if (strikes === 'etag-changing') books[side].touch(id);
      else if (strikes !== undefined) books[side].remake(id);
      return strikes !== undefined;
    },
    calm: () => scheduler.note('calm'),
  };
}

/** A row that the site lets nobody delete stays; both sides agree that the page is absent. */
function settled(policy: Policy, archives: boolean): Policy {
  const orAccept = <T>(choice: T): T | 'accept' => (!archives && choice === 'withdraw' ? 'accept' : choice);
  return { ...policy, targetDeleted: orAccept(policy.targetDeleted), targetDeletedWhilePending: orAccept(policy.targetDeletedWhilePending) };
}

function drawn(random: () => number): NotebookSite {
  return {
    policy: pick(random, ['moderated', 'two-way', 'mirror', 'one-way'] as const),
    archives: random() < 0.5,
    powers: { source: pick(random, ['own-id', 'find'] as const), target: pick(random, ['own-id', 'find', 'idempotency-key', 'none'] as const) },
    manners: { source: manners(random), target: manners(random) },
    oneWriter: random() < 0.3,
    guard: pick(random, [{ shareMax: 0.2, countMax: 5 }, { shareMax: 0.2, countMax: 0 }, { shareMax: 0.4, countMax: 1 }]),
  };
}

function manners(random: () => number): Partial<NotebookSettings> {
  const reads = pick(random, ['delta', 'scan'] as const);
  return {
    delta: reads === 'delta', reads, authoritative: random() < 0.4, secondLook: pick(random, ['look-up', 'second-scan'] as const),
    silentWrites: random() < 0.25,
  };
}

const trimmed = (entity: Item['entity']): Item['entity'] => Object.fromEntries(Object.entries(entity).map(([field, value]) => [field, typeof value === 'string' ? value.trimEnd() : value]));

/** Everything but what only a wire of HTTP can do, and what only a calendar knows. */
export const notebookFaults: readonly string[] = [
  'http-401', 'http-403-quota', 'http-429-seconds', 'http-503', 'reset-before-send', 'answer-lost', 'half-body', 'http-400', 'http-412',
  'page-repeated', 'page-missing', 'page-shifted', 'index-lags', 'etag-missing', 'etag-changing', 'token-expired', 'token-skips', 'deleted-and-remade',
  ...faultsOfTheHub,
];

interface Watched {
  readonly book: Notebook;
  readonly sideName: SideName;
  readonly process: Process;
  readonly stage: Stage;
  readonly madeAt: Map<string, number>;
}

/** A notebook as one process reaches it: over a wire that may fail, every call a step of the scheduler. */
class WatchedBook implements Side {
  readonly system: string;
  readonly power: Power;
  readonly reads: Side['reads'];
  readonly versioned: boolean;
  readonly tombstones: Side['tombstones'];
  readonly secondLook: Side['secondLook'];
  readonly oneWriter: boolean;
  readonly batchMax: number;
  readonly indexDelayMs: number;
  private readonly parts: Watched;

  constructor(parts: Watched) {
    const { book } = parts;
    this.parts = parts;
    this.system = book.system;
    this.power = book.power;
    this.reads = book.reads;
    this.versioned = book.versioned;
    this.tombstones = book.tombstones;
    this.secondLook = book.secondLook;
    this.oneWriter = book.oneWriter;
    this.batchMax = 3;
    this.indexDelayMs = book.power === 'find' ? indexDelayMs : 0;
  }

  identity(): string {
    return this.parts.book.identity();
  }

  async *read(want: { cursor?: string | undefined; full: boolean }): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    const { book, stage: { box } } = this.parts;
    const isExpired = want.cursor !== undefined && box.strikes('token-expired');
    const { lines: all, end } = await this.call('list', () => book.readNow(isExpired ? { ...want, full: true } : want));
    const hidden = end.kind === 'delta' && all.length > 0 && box.strikes('token-skips') ? new Set([all[0]]) : new Set<Sighting>();
    const lines = all.filter((line) => !hidden.has(line));
    const pages: (readonly Sighting[])[] = [];
    for (let at = 0; at < lines.length; at += 2) pages.push(lines.slice(at, at + 2));
    for (const [at, page] of pages.entries()) {
      const shown = await this.call(`page ${at + 1}`, async () => page);
      if (end.kind === 'scan' && at > 0 && box.strikes('page-missing')) continue;
      // Somebody deleted a line of an earlier page meanwhile: one line slips over the edge and is seen by nobody.
      if (end.kind === 'scan' && at > 0 && end.declared === undefined && box.strikes('page-shifted')) yield shown.slice(1);
      else yield shown;
      if (box.strikes('page-repeated')) yield shown;
    }
    return end;
  }

  lookUp(ids: readonly string[]): Promise<readonly Looked[]> {
    return this.call('look up', () => this.parts.book.lookUp(ids));
  }

  lookForOurs(writes: readonly SideWrite[]): Promise<readonly (readonly Item[])[]> {
    const { book, stage: { box, scheduler }, madeAt } = this.parts;
    return this.call('look for ours', async () => {
      const found = await book.lookForOurs(writes);
      return found.map((items) => {
        const [item] = items;
        const isFresh = item !== undefined && items.length === 1 && scheduler.now - (madeAt.get(item.id) ?? 0) < indexDelayMs;
        return isFresh && this.power === 'find' && box.strikes('index-lags') ? [] : items;
      });
    });
  }

  /** Each write is a call of its own, so that some of them may land and others not. */
  async write(writes: readonly SideWrite[]): Promise<readonly WriteResult[]> {
    return Promise.all(writes.map((write) => this.writeOne(write)));
  }

  private async writeOne(write: SideWrite): Promise<WriteResult> {
    const { book, stage, madeAt, sideName, process } = this.parts;
    const { box, scheduler } = stage;
    try {
      return await this.call(`${write.staged.kind} ${write.staged.kind === 'create' ? write.staged.key : (write.id ?? '')}`, async () => {
        if (box.strikes('http-400')) return { kind: 'refused', code: 'E_REFUSED', message: 'not like this' };
        if (write.staged.kind !== 'create' && this.versioned && box.strikes('http-412')) return { kind: 'stale' };
        const before = seenPages(book, sideName);
        const [result] = await book.write([write]);
        const guarded = write.staged.kind === 'create' || !this.versioned || write.version !== undefined;
        for (const effect of effectsBetween(before, seenPages(book, sideName))) {
          if (effect.before === undefined) madeAt.set(effect.id, scheduler.now);
          stage.onEffect({ process, side: sideName, guarded, named: write.id, ...effect });
        }
        return silenced(result, box.strikes('etag-missing'));
      });
    } catch (error) {
      if (error instanceof VendorUnavailable) return { kind: 'lost', sent: error.sent, code: error.code };
      if (error instanceof VendorRateLimited) return { kind: 'lost', sent: false, code: error.code, retryAt: error.retryAt };
      throw error;
    }
  }

  /** One call over the wire, with what may go wrong on it. */
  private call<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { process, stage: { scheduler, box } } = this.parts;
    const facts = { vendor: this.system, call: what };
    return scheduler.step(process, `${this.system} ${what}`, async () => {
      const fault = box.pick(['http-401', 'http-403-quota', 'http-429-seconds', 'reset-before-send', 'http-503']);
      if (fault === 'http-401') throw new VendorSignInFailed({ ...facts, status: 401 });
      if (fault === 'http-403-quota') throw new QuotaExhausted({ ...facts, resetsAt: scheduler.now + 3_600_000 });
      if (fault === 'http-429-seconds') throw new VendorRateLimited({ ...facts, status: 429, retryAt: scheduler.now + 30_000 });
      if (fault === 'http-503' || fault === 'reset-before-send') throw new VendorUnavailable({ ...facts, sent: fault === 'http-503' });
      const answer = await work();
      if (box.strikes('answer-lost')) throw new VendorUnavailable({ ...facts, sent: true });
      if (box.strikes('half-body')) throw what.startsWith('list') ? new VendorAnswerInvalid(facts) : new VendorUnavailable({ ...facts, sent: true });
      return answer;
    }, () => new VendorUnavailable({ ...facts, sent: true }));
  }
}

function silenced(result: WriteResult | undefined, isSilent: boolean): WriteResult {
  if (result === undefined) throw new Error('a write without a result');
  return isSilent && result.kind === 'done' ? { kind: 'done', id: result.id } : result;
}

const seenOf = new WeakMap<PageOf, Seen>();

function seenPages(book: Notebook, side: SideName): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const [id, page] of book.pages) {
    let shown = seenOf.get(page);
    if (!shown) seenOf.set(page, (shown = seenPage(page, side)));
    seen.set(id, shown);
  }
  return seen;
}

function seenPage({ id, version, entity, approved, extra }: PageOf, side: SideName): Seen {
  const text = (field: string) => (typeof entity[field] === 'string' ? entity[field].trimEnd() : null);
  const title = text('title');
  const isReadable = title !== null;
  return { id, thing: thingIn(title ?? text('was') ?? ''), version: String(version), fields: { title, place: text('place') }, belongs: side === 'target' || approved, readable: isReadable, extra: extra ?? '' };
}

function peopleOf(books: Readonly<Record<SideName, Notebook>>, archives: boolean): People {
  return {
    verdicts: archives ? ['approve', 'unapprove', 'archive'] : ['approve', 'unapprove'],
    canSpoil: ['source'],
    add: (side, thing, fields, approved) => books[side].put(`${thing}-${side}`, { ...fields, was: thing }, side === 'target' || approved, `extra of ${thing}`),
    edit: (side, id, fields) => books[side].put(id, fields, books[side].pages.get(id)?.approved ?? true),
    remove: (side, id) => books[side].drop(id),
    judge: (id, verdict) => books.source.put(id, {}, verdict === 'approve'),
    spoil: (side, id) => books[side].put(id, { title: null }, books[side].pages.get(id)?.approved ?? true),
    mend: (side, id, title) => books[side].put(id, { title }, books[side].pages.get(id)?.approved ?? true),
  };
}
