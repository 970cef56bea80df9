/**
 * Watches a history while it happens: after every write of ours, every effect on a system, every message and every report it
 * asks what must always hold. What must hold at the end is judged in model.ts and rest.ts. It keeps a copy of all rows, fed by the
 * writes that were stored, so that a check reads no table.
 */
import type { Json, RowDraft, TableWrite } from '../../shared/base/table.ts';
import type { ConnectorState, LookMessage, PlanRow } from '../../shared/engine/ports.ts';
import { readBody } from '../../shared/stores/row-body.ts';
import type { Digests } from '../../shared/sync/digest.ts';
import { baseOf, isOpen, type Base, type Link } from '../../shared/sync/link.ts';
import type { RunReport } from '../../shared/sync/report.ts';
import type { SideName } from './history.ts';
import type { Process } from './scheduler.ts';
import type { Effect } from './world.ts';

/** Each with what it promises. */
export const invariants = {
  'one owner per lease': 'a lease that is held by a living worker goes to nobody else',
  'one writer per system': 'so does the lease of a system that bears one writer',
  'ids belong to one link': 'a source id and a target id each stand on one link, and the row that says so agrees',
  'withdrawn with proof': 'what is withdrawn was seen gone, or not belonging, on the other side',
  'held means held': 'nothing is written for a plan that is not released',
  'adopted stays': 'what we did not make, and nobody told us to manage, is not deleted',
  'fenced commits nothing': 'a worker records nothing over the claim of another that is alive',
  'base was held': 'what a base says both sides held, that side did hold, or was sent',
  'personal data in its place': 'no value that a person typed stands in a key, head, index, message, report or error',
  'messages are hints': 'a message names links and nothing else',
  'open is on the list': 'every open link stands in the work list',
  'rows stay small': 'ten outcomes, four tries, 350 KB',
  'rows are compared': 'a link is only written over the row that was read',
  'plans are written once': 'a plan is released or held when it is made; a held one is released or replaced, nothing else',
  'runs are numbered': 'the number of runs never falls',
  'tombstones last': 'a link is removed only as a tombstone, 90 days old',
  'writes carry versions': 'no update and no delete goes to a system without the version it was decided from',
  'nothing else is touched': 'what the hub has no business with stays as it is',
  'one item per call': 'a write changes the item it names',
  'a plan writes nothing': 'a dry run changes no row and no item',
  'ends by name': 'a run ends in a report or in an error that has a name',
  'outcomes add up': 'what a run says it did is what the systems saw',
  'budget is kept': 'no more calls go out than the day has',
  'comes to rest': 'once nobody acts and nothing fails, two further runs write nothing to any system',
  'open is looked at again': 'at rest nothing is staged but what a person holds back',
  'state is bounded': 'links do not outnumber the things there ever were by more than their lives',
  'retries are dated': 'a failed item has a time for its next attempt, at most a day away, or a reason that only a person or an edit can mend',
} as const;

export type Invariant = keyof typeof invariants;

export interface Broken {
  readonly invariant: string;
  readonly detail: string;
}

/** What the watch has to know about the world around it. */
export interface Known {
  now(): number;
  /** Whether the worker is alive, as far as the truth goes. */
  isAlive(worker: string): boolean;
  /** Whether the item was gone or did not belong at some moment since then. */
  wasAbsentSince(side: SideName, id: string, sinceMs: number): boolean;
  /** Digests of every value that a field of this item ever had, by side and id. */
  everHeld(side: SideName, id: string): ReadonlyMap<string, ReadonlySet<string>> | undefined;
  readonly everSent: ReadonlySet<string>;
  /** The site lets a rejection take away what people made. */
  readonly rejectedWithdraws: boolean;
}

/** Stands in every value that a person types, and nowhere else. */
export const personalMark = '✦';
const dayMs = 86_400_000;

export class Watch {
  readonly broken: Broken[] = [];
  readonly checked = new Map<Invariant, number>();
  readonly rows = new Map<string, RowDraft>();
  writes = 0;
  linksWritten = 0;
  private readonly known: Known;
  private readonly connector: string;

  constructor(connector: string, known: Known) {
    this.connector = connector;
    this.known = known;
  }

  /** Notes that a promise was looked at, and whether it held. */
  hold(invariant: Invariant, isKept: boolean, detail: () => string): void {
    this.checked.set(invariant, (this.checked.get(invariant) ?? 0) + 1);
    if (!isKept) this.broken.push({ invariant, detail: detail() });
  }

  links(): Link[] {
    return [...this.rows.values()].filter((row) => isLinkRow(row)).map(linkIn);
  }

  linkOf(side: SideName, id: string): Link | undefined {
    return this.links().find((link) => (side === 'source' ? link.sourceId : link.targetId) === id);
  }

  state(): ConnectorState | undefined {
    return readState(this.rows.get(`runs|${this.connector}|state`));
  }

  hasHeldPlan(): boolean {
    return [...this.rows.values()].some((row) => row.pk === `${this.connector}#plan` && row.body['state'] === 'held');
  }

  planOf(id: string): PlanRow | undefined {
    return readPlan(this.rows.get(`runs|${this.connector}#plan|${id}`));
  }

  wrote(process: Process, group: readonly TableWrite[]): void {
    const befores = group.map((write) => this.rows.get(keyOf(write.kind === 'put' ? write.row : write.key)));
    for (const write of group) {
      if (write.kind !== 'check') this.writes += 1;
      if (write.kind === 'put') this.rows.set(keyOf(write.row), write.row);
      else if (write.kind === 'delete') this.rows.delete(keyOf(write.key));
    }
    for (const [at, write] of group.entries()) {
      const before = befores[at];
      if (write.kind === 'put') this.put(process, write.row, before, write.when);
      else if (write.kind === 'delete' && before && isLinkRow(before)) this.removed(linkIn(before));
    }
  }

  private put(process: Process, row: RowDraft, before: RowDraft | undefined, when: unknown): void {
    const text = JSON.stringify(row.body);
    this.private(row, text);
    if (isLinkRow(row)) this.putLink({ process, link: linkIn(row), before: before && linkIn(before), row, when, bytes: text.length });
    else if (row.sk === 'state' && row.pk === this.connector) this.putState(process, readBody<ConnectorState>(row, ['seq']), readState(before));
    else if (row.pk === `${this.connector}#plan`) this.putPlan(readBody<PlanRow>(row, ['id', 'state']), readPlan(before));
  }

  private private(row: RowDraft, bodyText: string): void {
    const isConflict = row.pk.endsWith('#conflict');
    const body = isConflict ? {} : { ...row.body, pending: withoutValues(row.body['pending']) };
    const shown = bodyText.includes(personalMark) ? JSON.stringify(body) : '';
    const text = `${row.pk}${row.sk}${row.head ?? ''}${Object.values(row.index ?? {}).join(' ')}${shown}`;
    this.hold('personal data in its place', !text.includes(personalMark), () => `${row.pk} ${row.sk}: ${text.slice(0, 400)}`);
  }

  private putLink({ process, link, before, row, when, bytes }: LinkPut): void {
    const { known } = this;
    this.linksWritten += 1;
    this.hold('rows are compared', when !== 'any', () => link.key);
    this.hold('open is on the list', !isOpen(link) || row.index?.open !== undefined, () => `${link.key} is ${link.state}`);
    this.hold('rows stay small', link.log.length <= 10 && (link.pending?.tried?.length ?? 0) <= 4 && bytes < 350 * 1024, () => link.key);
    for (const side of ['source', 'target'] as const) {
      const id = side === 'source' ? link.sourceId : link.targetId;
      if (id === undefined) continue;
      const owner = this.rows.get(`links|${row.pk}#id|${side === 'source' ? 's' : 't'}:${id}`);
      this.hold('ids belong to one link', owner?.body['key'] === link.key, () => `${side} ${id} stands on ${link.key} and belongs to ${JSON.stringify(owner?.body['key'])}`);
    }
    const stranger = before?.claim && before.claim.worker !== process.name && before.claim.until > known.now() + process.skewMs && known.isAlive(before.claim.worker);
    const records = before !== undefined && (!isSameBase(link.base, before.base) || link.sourceId !== before.sourceId || link.targetId !== before.targetId);
    this.hold('fenced commits nothing', !(stranger === true && records && link.log.at(-1)?.kind === 'applied'), () => `${process.name} recorded ${link.key} over the claim of ${before?.claim?.worker ?? ''}`);
    for (const write of link.pending?.writes ?? []) {
      if (write.kind !== 'delete' || link.pending?.id === before?.pending?.id) continue;
      const other = write.side === 'target' ? 'source' : 'target';
      const id = other === 'source' ? link.sourceId : (link.targetId ?? before?.targetId);
      const since = (link.pending?.at ?? 0) - process.skewMs - dayMs;
      this.hold('withdrawn with proof', id === undefined || known.wasAbsentSince(other, id, since), () => `${link.key} would delete in the ${write.side} (${write.reason}), and ${other} ${id ?? ''} was there all the time`);
    }
    this.putBase(link, before);
    if (link.state === 'failed' && link.pending) {
      const isDated = link.dueAt !== undefined && link.dueAt <= known.now() + process.skewMs + dayMs + 3_600_000;
      this.hold('retries are dated', isDated, () => `${link.key} failed with ${link.problem?.code ?? ''}, due ${String(link.dueAt)}`);
    }
  }

  private putBase(link: Link, before: Link | undefined): void {
    if (link.base === undefined || link.pending !== undefined || isSameBase(link.base, before?.base)) return;
    for (const side of ['source', 'target'] as const) {
      const id = side === 'source' ? link.sourceId : link.targetId;
      const held = id === undefined ? undefined : this.known.everHeld(side, id);
      if (held === undefined) continue;
      for (const [field, digest] of Object.entries(baseOf(link.base, side).fields)) {
        const isTrue = digest === '' || held.get(field)?.has(digest) === true || this.known.everSent.has(digest);
        this.hold('base was held', isTrue, () => `${link.key} says that ${side} ${id ?? ''} held a ${field} that it never had`);
      }
    }
  }

  private removed(link: Link): void {
    const isOld = link.state === 'gone' && (link.goneAt ?? Infinity) < this.known.now() - 89 * dayMs;
    this.hold('tombstones last', isOld, () => `${link.key} was ${link.state}`);
  }

  private putState(process: Process, state: ConnectorState, before: ConnectorState | undefined): void {
    this.hold('runs are numbered', state.seq >= (before?.seq ?? 0), () => `${before?.seq ?? 0} became ${state.seq}`);
    const takes = (lease: ConnectorState['lease'], held: ConnectorState['lease']): boolean =>
      lease !== undefined && held !== undefined && lease.worker !== held.worker && held.until > this.known.now() + process.skewMs && this.known.isAlive(held.worker);
    this.hold('one owner per lease', !takes(state.lease, before?.lease), () => `${state.lease?.worker ?? ''} took it from ${before?.lease?.worker ?? ''}`);
    for (const [system, lease] of Object.entries(state.writerLeases ?? {})) {
      this.hold('one writer per system', !takes(lease, before?.writerLeases?.[system]), () => `${lease?.worker ?? ''} took ${system}`);
    }
  }

  private putPlan(plan: PlanRow, before: PlanRow | undefined): void {
    const follows = before === undefined ? plan.state !== 'replaced' : before.state === plan.state || (before.state === 'held' && plan.state !== 'held');
    this.hold('plans are written once', follows, () => `${plan.id} went from ${before?.state ?? 'nothing'} to ${plan.state}`);
  }

  effect({ process, side, id, before, after, guarded, isLate, named }: Effect): void {
    this.hold('one item per call', named === undefined || named === id, () => `a write of ${side} ${named ?? ''} changed ${id}`);
    this.hold('writes carry versions', guarded, () => `${side} ${id}`);
    if (before && after) this.hold('nothing else is touched', before.extra === after.extra, () => `${side} ${id}: ${before.extra} became ${after.extra}`);
    // What a sleeper sends after others took over may be out of date; the versions it carries, and the next run, put that right.
    if (process.wasSuspended || isLate === true) return;
    const link = before === undefined ? this.links().find(({ claim, pending }) => claim?.worker === process.name && pending?.writes.some((write) => write.kind === 'create' && write.side === side)) : this.linkOf(side, id);
    const plan = link?.pending && this.planOf(link.pending.plan);
    this.hold('held means held', plan?.state === 'released', () => `${side} ${id} was written under the plan ${link?.pending?.plan ?? 'of nobody'}, which is ${plan?.state ?? 'not there'}`);
    if (before && (after === undefined || (before.belongs && !after.belongs))) {
      this.hold('adopted stays', link?.origin !== 'adopted' || side === 'source' || this.known.rejectedWithdraws, () => `${side} ${id}`);
    }
  }

  sent(message: LookMessage): void {
    const isHint = Object.keys(message).sort().join() === 'keys,plan,stream';
    this.hold('messages are hints', isHint, () => JSON.stringify(message));
    this.hold('personal data in its place', !JSON.stringify(message).includes(personalMark), () => JSON.stringify(message));
  }

  reported(report: RunReport): void {
    const text = JSON.stringify(report);
    this.hold('personal data in its place', !text.includes(personalMark), () => text);
  }

  ended(error: unknown): void {
    const isNamed = error === undefined || (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('E_'));
    this.hold('ends by name', isNamed, () => (error instanceof Error ? (error.stack ?? error.message) : String(error)));
    if (error instanceof Error) this.hold('personal data in its place', !`${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`.includes(personalMark), () => error.message);
  }
}

interface LinkPut {
  readonly process: Process;
  readonly link: Link;
  readonly before: Link | undefined;
  readonly row: RowDraft;
  readonly when: unknown;
  readonly bytes: number;
}

function isSameBase(one: Base | undefined, other: Base | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.shape === other.shape && isSame(one.source, other.source) && (one.target === undefined || other.target === undefined ? one.target === other.target : isSame(one.target, other.target));
}

function isSame(one: Digests, other: Digests): boolean {
  const fields = Object.keys(one.fields);
  return one.whole === other.whole && fields.length === Object.keys(other.fields).length && fields.every((field) => one.fields[field] === other.fields[field]);
}

const keyOf = ({ table, pk, sk }: { readonly table: string; readonly pk: string; readonly sk: string }): string => `${table}|${pk}|${sk}`;
const isLinkRow = (row: RowDraft): boolean => row.table === 'links' && !row.pk.includes('#');

function linkIn(row: RowDraft): Link {
  return { ...readBody<Link>(row, ['state', 'versions', 'log']), stream: row.pk.slice(row.pk.indexOf('/') + 1), key: row.sk };
}

const readState = (row: RowDraft | undefined) => row && readBody<ConnectorState>(row, ['seq']);
const readPlan = (row: RowDraft | undefined) => row && readBody<PlanRow>(row, ['id', 'state']);

const withoutValues = (pending: Json | undefined): object => Object.fromEntries(Object.entries(pending ?? {}).filter(([name]) => name !== 'writes'));
