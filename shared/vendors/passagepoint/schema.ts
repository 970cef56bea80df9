/**
 * The shapes in which PassagePoint answers (v2; no reference is published). Ids are numbers of 15 digits there and texts with us; times are
 * seconds as text. Lists come in an envelope or bare (likely), so both are read. What is marked assumed nobody has seen.
 */
import * as z from 'zod/mini';

export interface Visitor {
  readonly id: string;
  /** Members beside the id are assumed: missing where the answer has them not, or otherwise. */
  readonly uniqueId?: string | undefined;
  readonly category?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly email?: string | undefined;
}

/** Assumed as a whole. */
export interface PreReg {
  readonly id: string;
  readonly visitorId: string;
  /** Epoch milliseconds. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly destination: string;
  /** `PREREGISTERED`, `SIGNED_IN`, `SIGNED_OUT`, `CANCELLED`, `EXPIRED`. */
  readonly status: string;
}

/** A number beyond what is exact is refused: it would name something else. */
const id = z.pipe(z.union([z.int(), z.string().check(z.minLength(1))]), z.transform(String));
const textOrNone = z.catch(z.optional(id), undefined);
const instant = z.pipe(z.union([z.int(), z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number))]), z.transform((seconds) => seconds * 1000));

function listOf<T>(element: z.ZodMiniType<T>) {
  return z.pipe(z.union([z.array(element), z.object({ data: z.array(element) })]), z.transform((found) => (Array.isArray(found) ? found : found.data)));
}

export const loginAnswer = z.object({ token: z.string().check(z.minLength(1)) });
/** The first is what was made or changed. */
export const idsAnswer = listOf(z.object({ id }));
export const visitorsAnswer = listOf(z.object({ id, uniqueId: textOrNone, category: textOrNone, firstName: textOrNone, lastName: textOrNone, email: textOrNone }));
export const destinationsAnswer = listOf(z.union([z.string(), z.pipe(z.object({ name: z.string() }), z.transform(({ name }) => name))]));
export const preRegsAnswer = listOf(
  z.pipe(
    z.object({ id, visitorId: id, startTime: instant, endTime: instant, destination: z.string(), status: z.string() }),
    z.transform(({ startTime, endTime, ...rest }): PreReg => ({ ...rest, startsAt: startTime, endsAt: endTime })),
  ),
);

/** Epoch seconds as text; numbers are refused (confirmed). */
export function secondsText(instantMs: number): string {
  return String(Math.floor(instantMs / 1000));
}

/**
 * When a token ends: it is Base64 of a small JSON with `exp` in milliseconds (likely, one sample).
 *
 * @returns undefined for any other token.
 */
export function endOfToken(token: string): number | undefined {
  try {
    const { data } = z.object({ exp: z.number() }).safeParse(JSON.parse(Buffer.from(token, 'base64').toString('utf8')));
    return data?.exp;
  } catch {
    return undefined;
  }
}
