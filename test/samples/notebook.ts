/**
 * The simplest system there is, for tests of the engine: a notebook of pages, each with a number as its version. It can list
 * itself, tell what changed since a number, and misbehave on request. Powers and reading manners are settings.
 */
import type { KeyFor, Looked, Power, Side, Sighting, SideWrite, WriteResult } from '../../shared/engine/side.ts';
import type { Entity, Item } from '../../shared/sync/item.ts';
import type { ReadingEnd } from '../../shared/sync/scan.ts';

export interface PageOf {
  readonly id: string;
  readonly version: number;
  readonly entity: Entity;
  readonly approved: boolean;
  readonly key?: string | undefined;
  /** What stands on the page beside its fields, in somebody's hand: nobody else may touch it. */
  readonly extra?: string | undefined;
}

export interface NotebookSettings {
  readonly system: string;
  readonly power?: Power;
  readonly delta?: boolean;
  readonly reads?: Side['reads'];
  readonly authoritative?: boolean;
  readonly secondLook?: Side['secondLook'];
  readonly versioned?: boolean;
  /** Answers to writes name no version. */
  readonly silentWrites?: boolean;
  /** What the system makes of an entity before storing it. */
  readonly rewrite?: (entity: Entity) => Entity;
  readonly parents?: (page: PageOf) => Item['parents'];
  /** A deletion by the hub only takes the page's approval away. */
  readonly archives?: boolean;
}

export type Trouble = 'refuse' | 'lose-answer' | 'lose-request';

export class Notebook implements Side {
  readonly system: string;
  readonly power: Power;
  readonly reads: Side['reads'];
  readonly versioned: boolean;
  readonly tombstones = 'sure';
  readonly secondLook: Side['secondLook'];
  oneWriter = false;
  readonly batchMax = 100;
  readonly pages = new Map<string, PageOf>();
  readonly calls: string[] = [];
  /** By key or id of the write that shall go wrong, once. */
  readonly troubles = new Map<string, Trouble>();
  address = 'here';
  /** Called between reading and the next step, for edits in the middle of a run. */
  afterRead: (() => Promise<void> | void) | undefined;
  /** A scan that does not reach its last page. */
  cutShort = false;
  private readonly settings: NotebookSettings;
  private readonly history: { readonly at: number; readonly id: string }[] = [];
  /** By the key that the call carried: what it made, for ever. */
  private readonly made = new Map<string, PageOf>();
  private counter = 0;

  constructor(settings: NotebookSettings) {
    this.settings = settings;
    this.system = settings.system;
    this.power = settings.power ?? 'own-id';
    this.reads = settings.reads ?? (settings.delta ? 'delta' : 'scan');
    this.versioned = settings.versioned ?? true;
    this.secondLook = settings.secondLook ?? 'look-up';
  }

  identity(): string {
    return `${this.system}@${this.address}`;
  }

  /** A person's edit. */
  put(id: string, entity: Entity, approved = true, extra = this.pages.get(id)?.extra): void {
    this.store(id, { ...this.pages.get(id)?.entity, ...entity }, approved, { key: this.pages.get(id)?.key, extra });
  }

  /** The page's version moves, and nothing else. */
  touch(id: string): void {
    const page = this.pages.get(id);
    if (page) this.store(id, page.entity, page.approved, page);
  }

  /** Torn out and put back: whoever looks in between misses it. */
  remake(id: string): void {
    const page = this.pages.get(id);
    if (!page) return;
    this.drop(id);
    this.store(id, page.entity, page.approved, page);
  }

  drop(id: string): void {
    this.pages.delete(id);
    this.history.push({ at: ++this.counter, id });
  }

  text(id: string): unknown {
    return this.pages.get(id)?.entity['title'];
  }

  get titles(): string[] {
    return [...this.pages.values()].map((page) => String(page.entity['title'])).sort((a, b) => a.localeCompare(b));
  }

  /** The whole reading at once, for somebody who hands its pages on. */
  async readNow(want: { cursor?: string | undefined; full: boolean }): Promise<{ readonly lines: readonly Sighting[]; readonly end: ReadingEnd }> {
    const lines: Sighting[] = [];
    const pages = this.read(want);
    for (let page = await pages.next(); ; page = await pages.next()) {
      if (page.done) return { lines, end: page.value };
      lines.push(...page.value);
    }
  }

  async *read(want: { cursor?: string | undefined; full: boolean }): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    this.calls.push('read');
    const cursor = String(this.counter);
    const authoritative = this.settings.authoritative ?? true;
    if (this.settings.delta && !want.full && want.cursor !== undefined) {
      const since = Number(want.cursor);
      const ids = [...new Set(this.history.filter((entry) => entry.at > since).map((entry) => entry.id))];
      yield ids.map((id) => this.sighting(id));
      await this.afterRead?.();
      return { kind: 'delta', cursor, lastPageSeen: true, authoritative };
    }
    const ids = [...this.pages.keys()];
    const shown = this.cutShort ? ids.slice(0, 1) : ids;
    yield shown.map((id) => this.sighting(id));
    await this.afterRead?.();
    return { kind: 'scan', cursor, declared: authoritative ? ids.length : undefined, lastPageSeen: !this.cutShort, authoritative };
  }

  async lookUp(ids: readonly string[]): Promise<readonly Looked[]> {
    this.calls.push('look-up');
    return ids.map((id) => this.looked(id));
  }

  async lookForOurs(writes: readonly SideWrite[]): Promise<readonly (readonly Item[])[]> {
    this.calls.push('find');
    return writes.map(({ staged }) => {
      const key = staged.kind === 'create' ? staged.key : '';
      return [...this.pages.values()].filter((page) => page.key === key || page.id === key).map((page) => this.itemOf(page));
    });
  }

  async write(writes: readonly SideWrite[]): Promise<readonly WriteResult[]> {
    return writes.map((write) => this.writeOne(write));
  }

  private writeOne(write: SideWrite): WriteResult {
    const { staged } = write;
    const name = staged.kind === 'create' ? staged.key : (write.id ?? '');
    this.calls.push(`${staged.kind} ${name}`);
    const trouble = this.troubles.get(name);
    this.troubles.delete(name);
    if (trouble === 'refuse') return { kind: 'refused', code: 'E_REFUSED', message: 'not like this' };
    if (trouble === 'lose-request') return { kind: 'lost', sent: true, code: 'E_UNAVAILABLE' };
    const result = this.effect(write, name);
    return trouble === 'lose-answer' ? { kind: 'lost', sent: true, code: 'E_UNAVAILABLE' } : result;
  }

  private effect({ staged, version }: SideWrite, name: string): WriteResult {
    const page = this.pages.get(name);
    if (staged.kind === 'create') {
      if (this.power === 'own-id' && page) return { kind: 'exists', id: name };
      const made = this.power === 'idempotency-key' ? this.made.get(name) : undefined;
      if (made) return this.answer(this.pages.get(made.id) ?? made);
      const id = this.power === 'own-id' ? name : `${this.system}-${++this.counter}`;
      const stored = this.store(id, staged.entity, false, { key: staged.key });
      this.made.set(name, stored);
      return this.answer(stored);
    }
    if (!page) return { kind: 'missing' };
    if (this.versioned && String(page.version) !== version) return { kind: 'stale' };
    if (staged.kind === 'delete') {
      if (this.settings.archives) return this.answer(this.store(name, page.entity, false, page));
      this.drop(name);
      return { kind: 'done', id: name };
    }
    return this.answer(this.store(name, { ...page.entity, ...staged.fields }, page.approved, page));
  }

  private answer(page: PageOf): WriteResult {
    return this.settings.silentWrites ? { kind: 'done', id: page.id } : { kind: 'done', id: page.id, version: String(page.version), item: this.itemOf(page) };
  }

  private store(id: string, entity: Entity, approved: boolean, { key, extra }: Pick<PageOf, 'key' | 'extra'>): PageOf {
    const page = { id, version: ++this.counter, entity: this.settings.rewrite?.(entity) ?? entity, approved, key, extra };
    this.pages.set(id, page);
    this.history.push({ at: this.counter, id });
    return page;
  }

  private sighting(id: string): Sighting {
    const page = this.pages.get(id);
    return page ? { kind: 'listed', id, version: String(page.version) } : { kind: 'gone', id };
  }

  private looked(id: string): Looked {
    const page = this.pages.get(id);
    if (!page) return { kind: 'absent', id };
    if (typeof page.entity['title'] !== 'string') return { kind: 'rejected', rejected: { id, version: String(page.version), code: 'E_TITLE_MISSING', message: 'title is missing' } };
    return { kind: 'present', item: this.itemOf(page) };
  }

  private itemOf(page: PageOf): Item {
    return {
      id: page.id,
      version: String(page.version),
      entity: page.entity,
      belongs: page.approved ? true : { absentBecause: 'not approved' },
      matchKeys: [{ strength: 'likely', text: String(page.entity['title']) }],
      parents: this.settings.parents?.(page),
    };
  }
}

export const notebookKey: KeyFor = (side, from, lives) => `${side === 'target' ? 'copy' : 'import'}-${from.id}${lives > 0 ? `-${lives}` : ''}`;
