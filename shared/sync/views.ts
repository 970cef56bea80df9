/**
 * What the decision stands on: the views of both sides, the rules of a stream, and how a base moves when a write is done. Pure.
 */
import { overlay, type Digester, type Digests } from './digest.ts';
import type { Entity, Item } from './item.ts';
import { baseOf, type Base, type Proof, type SideName } from './link.ts';
import { isEmpty, type Held } from './merge.ts';
import type { Policy } from './policy.ts';

/** What was seen of one side: nothing was looked at, the item as it stands, or proof that it is gone. */
export type View =
  | { readonly kind: 'unseen' }
  | { readonly kind: 'present'; readonly item: Item }
  | { readonly kind: 'gone'; readonly proof: Proof };

export const unseen: View = { kind: 'unseen' };

export interface Rules {
  readonly policy: Policy;
  readonly digests: Digester;
  /** Names the mapping; part of every base. */
  readonly shape: string;
  /** The name that a new item gets on a side; derived from the other side's id, so that a lost table can be rebuilt. */
  readonly keyFor: (side: SideName, from: Item, lives: number) => string;
  /** What is withdrawn stays in the target, marked as over, and is still the one that children name. */
  readonly childrenStay?: boolean | undefined;
  /** Epoch ms. Only what happened within the last hour is judged by it. */
  readonly now: number;
}

export interface HeldItem extends Held {
  readonly item: Item;
}

export function held(rules: Rules, view: View): HeldItem | undefined {
  return view.kind === 'present' ? { item: view.item, entity: view.item.entity, digests: rules.digests.entity(view.item.entity) } : undefined;
}

export function makeBase(rules: Pick<Rules, 'shape'>, source: Digests, target: Digests): Base {
  return { shape: rules.shape, source, target: target.whole !== '' && target.whole === source.whole ? undefined : target };
}

export const written = (rules: Rules, side: HeldItem, fields: Entity): Digests =>
  (isEmpty(fields) ? side.digests : overlay(rules.digests, side.entity, fields));

export function afterTarget(rules: Rules, base: Base, target: HeldItem | undefined, fields: Entity): Digests {
  if (target) return written(rules, target, fields);
  return isEmpty(fields) ? baseOf(base, 'target') : mixed(rules, baseOf(base, 'target'), fields);
}

/** Old digests with the written fields on top; the whole is unknown until the side is read again. */
export function mixed(rules: Rules, old: Digests, fields: Entity): Digests {
  const now = rules.digests.entity(fields).fields;
  return { whole: '', fields: { ...old.fields, ...Object.fromEntries(Object.keys(fields).map((field) => [field, now[field] ?? ''])) } };
}

export function keepFields(now: Digests, old: Digests, kept: ReadonlySet<string>): Digests['fields'] {
  return Object.fromEntries(Object.keys(now.fields).map((field) => [field, (kept.has(field) ? old : now).fields[field] ?? '']));
}
