/** The small forms that SKY's answers are made of (confirmed unless marked). Ids are texts; a blank text says nothing. */
import * as z from 'zod/mini';

/** Texts of digits; a number is borne. */
export const id = z.union([z.string().check(z.regex(/\S/)), z.pipe(z.int(), z.transform(String))]);
export const idOrNone = z.pipe(z.union([z.null(), z.undefined(), z.literal(''), id]), z.transform((given) => given || undefined));
export const textOrNone = z.pipe(z.nullish(z.string()), z.transform((given) => given?.trim() || undefined));
export const numberOrNone = z.pipe(z.nullish(z.number()), z.transform((given) => given ?? undefined));
export const flagOrNone = z.pipe(z.nullish(z.boolean()), z.transform((given) => given ?? undefined));
const none = z.union([z.null(), z.undefined(), z.literal('')]);
/** `YYYY-MM-DD`; a time behind it is cut off. */
export const dayOrNone = z.pipe(z.union([none, z.string().check(z.regex(/^\d{4}-\d\d-\d\d(?:T|$)/))]), z.transform((given) => given?.slice(0, 10) || undefined));
/** `HH:mm`; seconds are cut off. */
export const timeOrNone = z.pipe(z.union([none, z.string().check(z.regex(/^\d\d:\d\d(?::|$)/))]), z.transform((given) => given?.slice(0, 5) || undefined));

/** For members that must not keep a row from being known: unreadable is as good as missing. */
export function lenient<T>(shape: z.ZodMiniType<T>) {
  return z.catch(z.optional(shape), undefined);
}
