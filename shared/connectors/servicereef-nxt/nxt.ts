/** What the three sides of NXT have in common: what they are given, and what NXT's answers to one write mean for its item. */
import type { Clock } from '../../base/clock.ts';
import type { WriteResult } from '../../engine/side.ts';
import type { Entity, Item } from '../../sync/item.ts';
import type { SkyClient } from '../../vendors/sky/client.ts';
import type { Refusal } from '../../vendors/sky/refusals.ts';
import type { Memory } from './rekeyed.ts';

export interface NxtDeps {
  readonly sky: SkyClient;
  readonly skyUrl: string;
  readonly clock: Clock;
  /** Told what an operator should know. */
  readonly notice: (message: string) => void;
  /** Between runs. */
  readonly memory: Memory;
}

/** So many calls are under way that a slow answer of NXT does not hold the rate back. */
export const callsAtOnce = 6;

export const itemOf = (id: string, entity: Entity, reference?: string): Item => ({ id, entity, belongs: true, reference });

export const done = (id: string, entity: Entity): WriteResult => ({ kind: 'done', id, item: itemOf(id, entity) });

export const stopped = (code: string, message: string): WriteResult => ({ kind: 'parked', code, message });

export function refused(what: string, refusal: Refusal): WriteResult {
  if (refusal.kind === 'missing') return { kind: 'refused', code: 'NOT_FOUND', message: `NXT does not have the ${what}, or what it hangs on` };
  return { kind: 'refused', code: refusal.fault.code, message: `the ${what}: ${refusal.fault.message}` };
}
