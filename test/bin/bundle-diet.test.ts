/** What the diet leaves of a package still does what we use of it. */
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { findIana, WINDOWS_TO_IANA_MAP } from 'windows-iana';
import { allCuts, diet, windowsZones } from '../../bin/bundle-diet.ts';
import { buildFunctions } from '../../bin/bundles.ts';
import { limitOf } from '../bench/bundles.ts';

test('of Windows’ zone names each means the zone that the whole table names first', () => {
  const names = new Set(WINDOWS_TO_IANA_MAP.map(({ windowsName }) => windowsName));

  expect(Object.keys(windowsZones())).toEqual([...names]);
  for (const [name, [zone]] of Object.entries(windowsZones())) expect(zone).toBe(findIana(name)[0]);
});

test('every cut finds what it is for, and every bundle is within its limit', async () => {
  const bundles = await buildFunctions({ write: false });

  expect(bundles.length).toBeGreaterThan(4);
  expect(bundles.filter(({ name, bytes }) => bytes > limitOf(name) * 1024).map(({ name, bytes }) => `${name}: ${bytes}`)).toEqual([]);
});

test('a package that no longer holds what is cut ends the build', async () => {
  const { plugin, made } = diet();
  await build({ stdin: { contents: "export { sync } from 'nothing';", resolveDir: import.meta.dirname }, bundle: true, write: false, external: ['nothing'], plugins: [plugin] });

  expect([...made]).toEqual([]);
  expect(allCuts.length).toBeGreaterThan(5);
});
