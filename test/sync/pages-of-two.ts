/** Invented pages that two sides hold, for tests that read a decision whole: its writes, and what the link remembers. */
import type { Entity, Item } from '../../shared/sync/item.ts';
import type { Base, Link } from '../../shared/sync/link.ts';
import type { View } from '../../shared/sync/views.ts';
import { agreed, bareLink, baseOn } from './pages.ts';

const present = (id: string, entity: Entity, more: Partial<Item>): View => ({ kind: 'present', item: { id, entity: { ...agreed, ...entity }, belongs: true, ...more } });
export const source = (entity: Entity = {}, more: Partial<Item> = {}): View => present('s1', entity, more);
export const target = (entity: Entity = {}, more: Partial<Item> = {}): View => present('t1', entity, more);
export const draft = (entity: Entity = {}): View => source(entity, { belongs: { absentBecause: 'draft' } });
export const gone: View = { kind: 'gone', proof: { kind: 'tombstone' } };

/** What is remembered where the source held `ours` and the target `theirs`. */
export const baseFor = (ours: Entity = {}, theirs: Entity = ours): Base =>
  baseOn({ ...agreed, ...ours }, { ...agreed, ...theirs });

export const linked = (some: Partial<Link> = {}): Link => ({ ...bareLink, sourceId: 's1', targetId: 't1', base: baseFor(), ...some });
