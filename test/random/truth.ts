/**
 * The truth about both systems, which the hub can only read: when each item was gone or did not belong, what its fields ever held.
 * It looks after everything that changes something, so nothing happens unseen.
 */
import type { Digester } from '../../shared/sync/digest.ts';
import type { SideName } from './history.ts';
import type { Seen, SimulatedPair } from './world.ts';

interface Record {
  thing: string;
  version: string;
  /** Since when it is gone or does not belong; undefined while it is there. */
  absentSince: number | undefined;
  /** When the last absence ended. */
  lastAbsentAt: number;
  readonly held: Map<string, Set<string>>;
}

export class Truth {
  readonly everSent = new Set<string>();
  private readonly pair: SimulatedPair;
  private readonly digests: Digester;
  private readonly now: () => number;
  private readonly records = { source: new Map<string, Record>(), target: new Map<string, Record>() };

  constructor(pair: SimulatedPair, digests: Digester, now: () => number) {
    this.pair = pair;
    this.digests = digests;
    this.now = now;
  }

  get thingsEver(): number {
    return new Set([...this.records.source.values(), ...this.records.target.values()].map(({ thing }) => thing)).size;
  }

  look(): void {
    for (const side of ['source', 'target'] as const) {
      const standing = this.pair.standing(side);
      for (const [id, seen] of standing) this.note(side, id, seen);
      for (const [id, record] of this.records[side]) if (!standing.has(id)) record.absentSince ??= this.now();
    }
  }

  private note(side: SideName, id: string, seen: Seen): void {
    const known = this.records[side].get(id);
    if (known !== undefined && known.version === seen.version && known.absentSince === undefined) return;
    const record = known ?? { thing: seen.thing, version: '', absentSince: undefined, lastAbsentAt: -Infinity, held: new Map<string, Set<string>>() };
    this.records[side].set(id, record);
    if (seen.belongs && record.absentSince !== undefined) [record.lastAbsentAt, record.absentSince] = [this.now(), undefined];
    if (!seen.belongs) record.absentSince ??= this.now();
    if (record.version === seen.version) return;
    record.version = seen.version;
    const entity = this.pair.entity(side, id);
    if (entity === undefined) return;
    for (const [field, digest] of Object.entries(this.digests.entity(entity).fields)) {
      const held = record.held.get(field) ?? new Set<string>();
      held.add(digest);
      this.everSent.add(digest);
      record.held.set(field, held);
    }
  }

  wasAbsentSince(side: SideName, id: string, sinceMs: number): boolean {
    const record = this.records[side].get(id);
    return record === undefined || record.absentSince !== undefined || record.lastAbsentAt >= sinceMs;
  }

  everHeld(side: SideName, id: string): ReadonlyMap<string, ReadonlySet<string>> | undefined {
    return this.records[side].get(id)?.held;
  }

  thingOf(side: SideName, id: string | undefined): string | undefined {
    return id === undefined ? undefined : this.records[side].get(id)?.thing;
  }
}
