/**
 * Keyed digests of entities: what the hub remembers instead of values. It can tell that a phone number changed, not what it
 * is. SHA-256 over a secret prefix and an unambiguous encoding, cut to 128 bits (whole) and 96 bits (a field); the cut is
 * what makes a plain prefix safe as a key. Pure.
 */
import { hash } from 'node:crypto';
import type { Entity, FieldValue } from './item.ts';

/** What one side held: one digest of everything, one for each field. An absent field has the digest `''`. */
export interface Digests {
  readonly whole: string;
  readonly fields: { readonly [field: string]: string };
}

export interface Digester {
  whole(entity: Entity): string;
  entity(entity: Entity): Digests;
  text(text: string): string;
}

const wholeChars = 22;
const fieldChars = 16;

/**
 * @param key     At least 16 characters, secret, the same for the life of a table: another key makes every item look changed.
 * @param fields  The stream's fields in a fixed order; others are not compared.
 */
export function digester(key: string, fields: readonly string[]): Digester {
  const prefix = `${key}\u0000`;
  const whole = (entity: Entity): string => {
    let text = prefix;
    for (const field of fields) text += encode(entity[field]);
    return hash('sha256', text, 'base64url').slice(0, wholeChars);
  };
  return {
    whole,
    entity: (entity) => ({
      whole: whole(entity),
      fields: Object.fromEntries(fields.map((field) => [field, fieldDigest(prefix, entity[field])])),
    }),
    text: (text) => hash('sha256', prefix + text, 'base64url').slice(0, wholeChars),
  };
}

function fieldDigest(prefix: string, value: FieldValue | undefined): string {
  return value === undefined ? '' : hash('sha256', prefix + encode(value), 'base64url').slice(0, fieldChars);
}

/** Length before content, so that no two different entities share an encoding. */
function encode(value: FieldValue | undefined): string {
  if (typeof value === 'string') return `s${value.length}:${value}`;
  if (value === undefined) return '~';
  if (value === null) return '-';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return `n${value};`;
  return `a${value.length}:${value.map(encode).join('')}`;
}

/** The fields in which `now` differs from `base`. What either side does not say (`''`) does not count as a difference. */
export function changedFields(base: Digests, now: Digests): string[] {
  if (base.whole !== '' && base.whole === now.whole) return [];
  return Object.keys(now.fields).filter((field) => {
    const before = base.fields[field] ?? '';
    const after = now.fields[field] ?? '';
    return before !== '' && after !== '' && before !== after;
  });
}

/** `over` where it speaks, `under` where it does not. */
export function overlay(digests: Digester, under: Entity, over: Entity): Digests {
  const merged: { [field: string]: FieldValue | undefined } = { ...under };
  for (const [field, value] of Object.entries(over)) if (value !== undefined) merged[field] = value;
  return digests.entity(merged);
}
