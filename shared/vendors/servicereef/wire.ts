/**
 * The small forms that ServiceReef's answers are made of (ASP.NET; names confirmed, what may be null assumed): nearly everything may be
 * null or missing, a blank text says nothing, and .NET's smallest date means that there is none. What a value means is the connector's to say.
 */
import * as z from 'zod/mini';

/** A date and time as ServiceReef wrote it. */
export interface ReefTime {
  /** `2026-07-12T08:00:00`, without its offset: the clock on the wall where the event is (assumed). */
  readonly written: string;
  /** Epoch milliseconds, where an offset stood with it. */
  readonly instant: number | undefined;
}

export interface ReefAddress {
  readonly address1: string | undefined;
  readonly address2: string | undefined;
  readonly city: string | undefined;
  readonly state: string | undefined;
  readonly zip: string | undefined;
  readonly country: string | undefined;
}

const blankAsNone = (text: string | null | undefined): string | undefined => {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? undefined : trimmed;
};

const textIn = (given: unknown): string | undefined => (typeof given === 'string' ? blankAsNone(given) : undefined);

/** A whole number from 1; 0 stands where there is none (confirmed for participants). */
export const id = z.pipe(z.int().check(z.minimum(1)), z.transform(String));
export const text = z.pipe(z.string().check(z.regex(/\S/)), z.transform((given) => given.trim()));
export const textOrNone = z.pipe(z.nullish(z.string()), z.transform(blankAsNone));
export const countOrNone = z.pipe(z.nullish(z.int()), z.transform((given) => given ?? undefined));
export const amountOrNone = z.pipe(z.nullish(z.number()), z.transform((given) => given ?? undefined));
export const flagOrNone = z.pipe(z.nullish(z.boolean()), z.transform((given) => given ?? undefined));

/** Untyped at the vendor's: text, a number, or something that nobody has seen, which counts as none. */
export const phoneOrNone = z.pipe(
  z.unknown(),
  z.transform((given) => textIn(typeof given === 'number' ? String(given) : given)),
);

const named = z.object({ Name: z.optional(z.unknown()), Value: z.optional(z.unknown()) });

/** Untyped at the vendor's: text, or a small object that holds it. */
export const statusOrNone = z.pipe(
  z.unknown(),
  z.transform((given) => {
    const { data } = named.safeParse(given);
    return [given, data?.Name, data?.Value].map(textIn).find((found) => found !== undefined);
  }),
);

const dateTime = z.iso.datetime({ local: true, offset: true });
const smallest = '0001-01-01';

/** With an offset or without (assumed: without); .NET writes up to seven digits of a second. */
export const timeOrNone = z.pipe(
  z.union([z.null(), z.undefined(), z.literal(''), dateTime]),
  z.transform((given): ReefTime | undefined => {
    if (!given || given.startsWith(smallest)) return undefined;
    const [, written = '', seconds = '00', offset] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-].+)?$/.exec(given) ?? [];
    return { written: `${written}:${seconds}`, instant: offset === undefined ? undefined : Date.parse(given) };
  }),
);

/** The whole of it may be null (confirmed: it has crashed others). One without a word in it is none. Where it lies on the globe is not let in. */
export const addressOrNone = z.pipe(
  z.nullish(
    z.object({
      Address1: z.optional(textOrNone),
      Address2: z.optional(textOrNone),
      City: z.optional(textOrNone),
      State: z.optional(textOrNone),
      Zip: z.optional(textOrNone),
      Country: z.optional(textOrNone),
    }),
  ),
  z.transform((given): ReefAddress | undefined => {
    if (!given || Object.values(given).every((part) => part === undefined)) return undefined;
    return { address1: given.Address1, address2: given.Address2, city: given.City, state: given.State, zip: given.Zip, country: given.Country };
  }),
);
