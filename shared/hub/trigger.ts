/**
 * What wakes the functions of a connector, parsed at the door: a tick of its schedule, a person or program that wants a run, a plan that
 * goes on, an errand of the control plane, messages of the queue. A trigger that is none of these starts nothing. By hand and not by a
 * schema: the schemas' other kinds would be 8 KiB of every bundle.
 */
import { fieldsOf } from '../base/fields-of.ts';
import type { LookMessage } from '../engine/ports.ts';
import type { SideName } from '../sync/link.ts';
import type { Errand } from './errand.ts';

export interface RunTrigger {
  /** `again`: a trigger came while a run was under way. `continue`: time was up before the plan was whole. */
  readonly trigger: 'schedule' | 'manual' | 'again' | 'continue';
  /** Whose function this should be: a sample event for one connector must not run another one. */
  readonly connector: string;
  /** Reads both sides whole. */
  readonly full?: boolean | undefined;
  /** One stream alone. */
  readonly only?: string | undefined;
  /** How many invocations have worked on this plan before. */
  readonly continuation?: number | undefined;
  /** When the schedule meant it; for the log. */
  readonly at?: string | undefined;
}

/** What the control plane asks of the function that has a connector's clients. */
export interface ErrandTrigger {
  readonly trigger: 'errand';
  readonly errand: Errand;
}

/** A look at links, as it travels: with the connector, because what gives up ends in one queue for all. */
export type AddressedLook = LookMessage & { readonly connector: string };

/** @returns undefined for anything else, also for one with something that nobody knows: it may have been meant. */
export function runTriggerIn(event: unknown): RunTrigger | undefined {
  const { trigger, connector, full, only, continuation, at, ...unknown } = fieldsOf(event);
  if (!isRunTrigger(trigger) || !isName(connector) || !isNothing(unknown)) return undefined;
  if (!isFlag(full) || !isNameOrNone(only) || !isNameOrNone(at) || !isCount(continuation)) return undefined;
  return { trigger, connector, full, only, continuation, at };
}

/** @returns undefined for anything else. */
export function errandIn(event: unknown): Errand | undefined {
  const { trigger, errand } = fieldsOf(event);
  const { kind, connector, ...rest } = fieldsOf(errand);
  return trigger === 'errand' && isName(connector) ? errandOf(kind, connector, rest) : undefined;
}

function errandOf(kind: unknown, connector: string, rest: { readonly [name: string]: unknown }): Errand | undefined {
  const { full, dry, only, clean, key, take, by, version, id, plan, ...unknown } = rest;
  if (!isNothing(unknown)) return undefined;
  if (kind === 'look') return { kind, connector };
  if (kind === 'run') return isFlag(full) && isFlag(dry) && isFlag(clean) && isNameOrNone(only) ? { kind, connector, full, dry, only, clean } : undefined;
  if (kind === 'settle') return isName(key) && isName(by) && isNameOrNone(version) && isTake(take) ? { kind, connector, key, take, by, version } : undefined;
  if (kind === 'undo') return isName(key) && isName(by) ? { kind, connector, key, by } : undefined;
  if (kind === 'replay') return isNameOrNone(id) ? { kind, connector, id } : undefined;
  return kind === 'carry-out' && isName(plan) ? { kind, connector, plan } : undefined;
}

const keysMax = 1000;

/** @returns undefined for a text that is none. */
export function lookIn(text: string): AddressedLook | undefined {
  const { connector, stream, plan, keys } = fieldsOf(jsonIn(text));
  if (!isName(connector) || !isName(stream) || typeof plan !== 'string') return undefined; // without a plan: links that are in none
  return Array.isArray(keys) && keys.length > 0 && keys.length <= keysMax && keys.every(isName) ? { connector, stream, plan, keys } : undefined;
}

export const startIn = (text: string): RunTrigger | undefined => runTriggerIn(jsonIn(text));

/** Of a message that cannot be read otherwise. */
export function connectorIn(text: string): string | undefined {
  const { connector } = fieldsOf(jsonIn(text));
  return isName(connector) ? connector : undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRunTrigger = (value: unknown): value is RunTrigger['trigger'] => value === 'schedule' || value === 'manual' || value === 'again' || value === 'continue';
const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isNameOrNone = (value: unknown): value is string | undefined => value === undefined || isName(value);
const isFlag = (value: unknown): value is boolean | undefined => value === undefined || typeof value === 'boolean';
const isCount = (value: unknown): value is number | undefined => value === undefined || (Number.isSafeInteger(value) && Number(value) > 0);
const isNothing = (rest: object): boolean => Object.keys(rest).length === 0;
const isSide = (value: unknown): value is SideName => value === 'source' || value === 'target';

function isTake(value: unknown): value is SideName | { readonly [field: string]: SideName } {
  if (isSide(value)) return true;
  const fields = Object.values(fieldsOf(value));
  return fields.length > 0 && fields.every(isSide);
}
