/**
 * The two configuration files of the script that many sites come from, `config/directus.json` and `config/nextcloud.json`, read as they
 * are and told as our variables. Whatever is set elsewhere wins over them. Nothing is written, and no value is ever shown.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Variables } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';

export interface SeedConfig {
  readonly variables: Variables;
  /** What was read from where, and what to do about it; one line each. */
  readonly notices: (isUsed: (variable: string) => boolean) => readonly string[];
}

const text = z.optional(z.string('has to be a text').check(z.trim(), z.minLength(1, 'is empty')));
const files = [
  { name: 'directus.json', schema: z.looseObject({ url: text, token: text, collection: text }), variables: { url: 'DIRECTUS_API_URL', token: 'DIRECTUS_API_TOKEN', collection: 'DIRECTUS_COLLECTION' } },
  {
    name: 'nextcloud.json',
    schema: z.looseObject({ url: text, username: text, password: text, calendar_name: text }),
    variables: { url: 'NEXTCLOUD_URL', username: 'NEXTCLOUD_USERNAME', password: 'NEXTCLOUD_PASSWORD', calendar_name: 'NEXTCLOUD_CALENDAR_NAME' },
  },
] as const;

interface Found {
  readonly file: string;
  readonly values: Variables;
  readonly ignored: readonly string[];
  readonly othersMayRead: boolean;
}

/** @throws ConfigurationInvalid that lists what is wrong in the files. */
export function readSeedConfig(folder: string): SeedConfig {
  const problems: string[] = [];
  const found = files.flatMap(({ name, schema, variables }): Found[] => {
    const path = join(folder, name);
    const json = jsonIn(path, problems);
    if (json === undefined) return [];
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      problems.push(...parsed.error.issues.map(({ path: place, message }) => `${path}: ${place.join('.') || 'the file'}: ${message}`));
      return [];
    }
    const named: { readonly [key: string]: unknown } = parsed.data;
    const ours: { readonly [key: string]: string } = variables;
    const values = Object.fromEntries(Object.entries(ours).flatMap(([key, variable]) => (typeof named[key] === 'string' ? [[variable, named[key]]] : [])));
    return [{ file: path, values, ignored: Object.keys(named).filter((key) => !Object.hasOwn(ours, key)), othersMayRead: readableByOthers(path) }];
  });
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return {
    variables: Object.assign({}, ...found.map(({ values }) => values)),
    notices: (isUsed) => found.flatMap((one) => noticesOf(one, isUsed)),
  };
}

function noticesOf({ file, values, ignored, othersMayRead }: Found, isUsed: (variable: string) => boolean): string[] {
  const used = Object.keys(values).filter(isUsed);
  if (used.length === 0) return [];
  const also = ignored.length === 0 ? '' : `; of no use here: ${ignored.join(', ')}`;
  return [
    `${file} of the older script sets ${used.join(', ')}${also}. In .env they would be in one place.`,
    ...(othersMayRead ? [`${file} holds credentials and can be read by others; run: chmod 600 ${file}`] : []),
  ];
}

function jsonIn(path: string, problems: string[]): unknown {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) problems.push(`${path} cannot be read; check its permissions`);
    return undefined;
  }
  try {
    return JSON.parse(content);
  } catch {
    // Without the cause: the parser's message quotes the text, and the text is a password.
    problems.push(`${path} is not valid JSON; look for a missing comma or quote where it was last edited`);
    return undefined;
  }
}

const readableByOthers = (path: string): boolean => process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0; // Windows has no such bits
