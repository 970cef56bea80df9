/**
 * SKY's fuzzy dates, `{"y": 2026, "m": 1, "d": 19}`, of which month and day may be unknown (confirmed), and our texts `2026-01-19`, `2026-01`, `2026`. A text sent in
 * their place is refused (confirmed), so that nothing of ours handles the other form.
 */
import * as z from 'zod/mini';
import { ItemInvalid } from '../../base/errors.ts';

export interface FuzzyDate {
  readonly y: number;
  readonly m?: number;
  readonly d?: number;
}

/** @throws ItemInvalid for what is no date, before anything is sent. */
export function toFuzzyDate(text: string, field: string): FuzzyDate {
  const [, y, m, d] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text) ?? [];
  const whole = `${y}-${m ?? '01'}-${d ?? '01'}`;
  if (y === undefined || !z.iso.date().safeParse(whole).success) throw new ItemInvalid({ code: 'E_DATE', message: `${field} is no date`, field });
  return { y: Number(y), ...(m !== undefined && { m: Number(m) }), ...(d !== undefined && { d: Number(d) }) };
}

const part = z.catch(z.optional(z.int().check(z.minimum(1))), undefined);

/** Without a year there is none. A part that is 0, null or missing is unknown, and so is what is finer. */
export const fuzzyDateOrNone = z.pipe(
  z.nullish(z.object({ y: part, m: part, d: part })),
  z.transform((fuzzy): string | undefined => {
    if (fuzzy?.y === undefined) return undefined;
    const { y, m, d } = fuzzy;
    const known = [String(y).padStart(4, '0'), ...(m === undefined ? [] : [m, d]).flatMap((number) => (number === undefined ? [] : [String(number).padStart(2, '0')]))];
    return known.join('-');
  }),
);
