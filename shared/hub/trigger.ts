/**
 * What wakes the functions of a connector, parsed at the door: a tick of its schedule, a person or program that wants a run, a plan that
 * goes on, messages of the queue. A trigger that is none of these starts nothing.
 */
import * as z from 'zod/mini';
import type { LookMessage } from '../engine/ports.ts';
import type { Errand } from './errand.ts';

const nonEmpty = z.string().check(z.minLength(1));

const runTrigger = z.strictObject({
  /** `again`: a trigger came while a run was under way. `continue`: time was up before the plan was whole. */
  trigger: z.enum(['schedule', 'manual', 'again', 'continue']),
  /** Whose function this should be: a sample event for one connector must not run another one. */
  connector: nonEmpty,
  /** Reads both sides whole. */
  full: z.optional(z.boolean()),
  /** One stream alone. */
  only: z.optional(nonEmpty),
  /** How many invocations have worked on this plan before. */
  continuation: z.optional(z.int().check(z.minimum(1))),
  /** When the schedule meant it; for the log. */
  at: z.optional(z.string()),
});

export type RunTrigger = z.output<typeof runTrigger>;

const side = z.enum(['source', 'target']);
const errandTrigger = z.strictObject({
  trigger: z.literal('errand'),
  errand: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('run'), connector: nonEmpty, full: z.optional(z.boolean()), dry: z.optional(z.boolean()), only: z.optional(nonEmpty), clean: z.optional(z.boolean()) }),
    z.strictObject({ kind: z.literal('look'), connector: nonEmpty }),
    z.strictObject({ kind: z.literal('settle'), connector: nonEmpty, key: nonEmpty, take: z.union([side, z.record(nonEmpty, side)]), by: nonEmpty, version: z.optional(z.string()) }),
    z.strictObject({ kind: z.literal('undo'), connector: nonEmpty, key: nonEmpty, by: nonEmpty }),
    z.strictObject({ kind: z.literal('replay'), connector: nonEmpty, id: z.optional(nonEmpty) }),
    z.strictObject({ kind: z.literal('carry-out'), connector: nonEmpty, plan: nonEmpty }),
  ]),
});

/** What the control plane asks of the function that has a connector's clients. */
export type ErrandTrigger = { readonly trigger: 'errand'; readonly errand: Errand };

/** @returns undefined for anything else. */
export function errandIn(event: unknown): Errand | undefined {
  const parsed = errandTrigger.safeParse(event);
  return parsed.success ? parsed.data.errand : undefined;
}

/** @returns undefined for anything else. */
export function runTriggerIn(event: unknown): RunTrigger | undefined {
  const parsed = runTrigger.safeParse(event);
  return parsed.success ? parsed.data : undefined;
}

/** A look at links, as it travels: with the connector, because what gives up ends in one queue for all. */
export type AddressedLook = LookMessage & { readonly connector: string };

const addressedLook = z.object({
  connector: nonEmpty,
  stream: nonEmpty,
  /** Empty for links that are in no plan. */
  plan: z.string(),
  keys: z.array(nonEmpty).check(z.minLength(1), z.maxLength(1000)),
});

/** @returns undefined for a text that is none. */
export const lookIn = (text: string): AddressedLook | undefined => parsedText(text, addressedLook);

export const startIn = (text: string): RunTrigger | undefined => parsedText(text, runTrigger);

/** Of a message that cannot be read otherwise. */
export const connectorIn = (text: string): string | undefined => parsedText(text, z.object({ connector: nonEmpty }))?.connector;

interface Shape<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

function parsedText<T>(text: string, shape: Shape<T>): T | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = shape.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}
