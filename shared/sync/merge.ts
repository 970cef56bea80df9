/**
 * Field by field, three ways: what each side changed since both agreed. Works on digests for the past and on values for the
 * present, so nothing but digests has to be remembered. Pure.
 */
import { changedFields, type Digests } from './digest.ts';
import type { Entity, FieldValue } from './item.ts';

export interface Held {
  readonly entity: Entity;
  readonly digests: Digests;
}

export interface Merge {
  /** Fields that only the source moved, with its values. */
  readonly toTarget: Entity;
  readonly toSource: Entity;
  /** Fields that both moved to different values. */
  readonly collisions: readonly string[];
}

/** Splits the differences of a pair by who made them. A side that was not read counts as unchanged. */
export function merge(base: { source: Digests; target: Digests }, source: Held | undefined, target: Held | undefined): Merge {
  const bySource = source ? changedFields(base.source, source.digests) : [];
  const byTarget = target ? changedFields(base.target, target.digests) : [];
  const same = (field: string): boolean => source?.digests.fields[field] === target?.digests.fields[field];
  const collisions = bySource.filter((field) => byTarget.includes(field) && !same(field));
  return {
    toTarget: pick(source?.entity, bySource.filter((field) => !byTarget.includes(field))),
    toSource: pick(target?.entity, byTarget.filter((field) => !bySource.includes(field))),
    collisions,
  };
}

/** A pair that never agreed on anything: blanks are filled from the other side, and where both speak they may differ. */
export function firstMerge(source: Held, target: Held): Merge & { readonly differing: readonly string[] } {
  const toTarget: { [field: string]: FieldValue } = {};
  const toSource: { [field: string]: FieldValue } = {};
  const differing: string[] = [];
  for (const field of Object.keys(source.digests.fields)) {
    const ours = source.entity[field];
    const theirs = target.entity[field];
    if (ours === undefined || theirs === undefined || source.digests.fields[field] === target.digests.fields[field]) continue;
    if (isBlank(theirs) && isBlank(ours)) continue;
    if (isBlank(theirs)) toTarget[field] = ours;
    else if (isBlank(ours)) toSource[field] = theirs;
    else differing.push(field);
  }
  return { toTarget, toSource, collisions: [], differing };
}

const isBlank = (value: FieldValue): boolean => value === null || value === '' || (Array.isArray(value) && value.length === 0);

export function pick(entity: Entity | undefined, fields: readonly string[]): Entity {
  const picked: { [field: string]: FieldValue } = {};
  for (const field of fields) {
    const value = entity?.[field];
    if (value !== undefined) picked[field] = value;
  }
  return picked;
}

export const isEmpty = (fields: Entity): boolean => Object.keys(fields).length === 0;
