/** Invented pages that two sides hold, for tests that read a decision whole: its writes, and what the link remembers. */
import { digester } from '../../shared/sync/digest.ts';
import type { Entity, Item } from '../../shared/sync/item.ts';
import type { Base, Link } from '../../shared/sync/link.ts';
import type { Policy } from '../../shared/sync/policy.ts';
import { makeBase, type Rules, type View } from '../../shared/sync/views.ts';

export const agreed: Entity = { title: 'Choir', place: 'Hall', notes: 'Bring chairs' };
export const digests = digester('an invented key, long enough', ['title', 'place', 'notes']);

export const rulesOf = (policy: Policy): Rules => ({ policy, digests, shape: 'pages-1', keyFor: (side, from, lives) => `${side}/${from.id}/${lives}` });

const present = (id: string, entity: Entity, more: Partial<Item>): View => ({ kind: 'present', item: { id, entity: { ...agreed, ...entity }, belongs: true, ...more } });
export const source = (entity: Entity = {}, more: Partial<Item> = {}): View => present('s1', entity, more);
export const target = (entity: Entity = {}, more: Partial<Item> = {}): View => present('t1', entity, more);
export const draft = (entity: Entity = {}): View => source(entity, { belongs: { absentBecause: 'draft' } });
export const gone: View = { kind: 'gone', proof: { kind: 'tombstone' } };

/** What is remembered where the source held `ours` and the target `theirs`. */
export const baseFor = (ours: Entity = {}, theirs: Entity = ours): Base =>
  makeBase({ shape: 'pages-1' }, digests.entity({ ...agreed, ...ours }), digests.entity({ ...agreed, ...theirs }));

export const bare: Link = { stream: 'pages', key: 'k', origin: 'created', versions: {}, state: 'agreed', lives: 0, log: [], touched: 0, rev: 1 };
export const linked = (some: Partial<Link> = {}): Link => ({ ...bare, sourceId: 's1', targetId: 't1', base: baseFor(), ...some });
