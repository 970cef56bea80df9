/**
 * How SKY reads a body: by content type, as JSON, against its shape. What does not fit is 400; a whole body that does not bind is told
 * in the framework's words ("The eventAdd field is required.", likely), which mean no field of that name.
 */
import * as z from 'zod';
import type { Call } from './call.ts';
import { badRequest, SkyRefusal } from './sky-errors.ts';

export interface BodyRules {
  /** `ignored`: unknown properties are left out without a word. */
  readonly unknown?: 'ignored' | 'refused';
  /** `refused`: no null is taken anywhere. */
  readonly nulls?: 'clear' | 'refused';
  /** The framework's name of the body: what a value of a wrong type is complained about with. */
  readonly bodyName?: string;
}

/** @throws SkyRefusal 415 for another content type, 400 for anything that does not fit. */
export function bodyOf<Shape extends z.ZodType>(call: Call, shape: Shape, rules: BodyRules = {}): z.infer<Shape> {
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(call.headers.get('content-type') ?? '')) throw new SkyRefusal(415, 'Unsupported Media Type');
  const sent = parsedJson(call.body);
  if (rules.nulls === 'refused' && hasNull(sent)) throw badRequest();
  const first = shape.safeParse(sent);
  const read = first.success || rules.unknown !== 'ignored' ? first : shape.safeParse(withoutUnknown(sent, first.error.issues));
  if (read.success) return read.data;
  throw badRequest(complaint(read.error.issues[0], sent, rules));
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw badRequest();
  }
}

function hasNull(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.values(value).some(hasNull));
}

/** A copy without the properties that the shape does not know, at whatever depth. */
function withoutUnknown(sent: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(sent);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = valueAt(copy, issue.path);
    if (isObject(holder)) for (const key of issue.keys) delete holder[key];
  }
  return copy;
}

function complaint(issue: z.core.$ZodIssue | undefined, sent: unknown, rules: BodyRules): string | undefined {
  if (issue === undefined) return undefined;
  const where = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') return `The property '${issue.keys[0] ?? ''}' is not part of the request body.`;
  if (issue.code === 'invalid_type' && isObject(sent) && issue.path.length > 0 && valueAt(sent, issue.path) === undefined) return `The ${where} field is required.`;
  if (issue.code === 'invalid_type') return rules.bodyName === undefined ? undefined : `The ${rules.bodyName} field is required.`;
  return where === '' ? undefined : `The ${where} field is not valid.`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((holder, key) => (isObject(holder) ? holder[String(key)] : Array.isArray(holder) ? (holder as readonly unknown[])[Number(key)] : undefined), value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
