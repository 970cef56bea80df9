/** The settings of a sample site: those that are shipped, with what a test wants otherwise, section by section. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const sections = z.record(z.string(), z.unknown());

export function siteSettings(connector: string, otherwise: { readonly [section: string]: unknown } = {}): { readonly [section: string]: unknown } {
  const shipped = sections.parse(JSON.parse(readFileSync(new URL(`../../config/${connector}.json`, import.meta.url), 'utf8')));
  const merged = Object.entries(otherwise).map(([name, value]) => [name, isSection(shipped[name]) && isSection(value) ? { ...shipped[name], ...value } : value]);
  return { ...shipped, ...Object.fromEntries(merged) };
}

const isSection = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
