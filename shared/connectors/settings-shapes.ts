/** What the settings of all connectors are made of: values with a default, and one error that lists all that is wrong. */
import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { ConfigurationInvalid } from '../base/errors.ts';

z.config(en()); // what is wrong is told in words; the small zod brings none

export const nonEmpty = z.string().check(z.minLength(1));
export const textOr = (usual: string) => z._default(nonEmpty, usual);
export const textOrNull = (usual: string | null) => z._default(z.nullable(nonEmpty), usual);
export const whole = (min: number, max: number, usual: number) => z._default(z.int().check(z.minimum(min), z.maximum(max)), usual);
/** The first one is the default. */
export const oneOf = <const T extends string>(all: readonly [T, ...T[]]) => z._default(z.enum(all), () => all[0]);
export const flag = (usual: boolean) => z._default(z.boolean(), usual);

/** @throws ConfigurationInvalid that lists all that is wrong, with the place of each. */
export function parsedSettings<T>(schema: z.ZodMiniType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ConfigurationInvalid(parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'the file'}: ${message}`));
}
