/** What the diet leaves of a package still does what we use of it. */
import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';
import { findIana, WINDOWS_TO_IANA_MAP } from 'windows-iana';
import { allCuts, diet, zoneLists } from '../../bin/bundle-diet.ts';
import { buildFunctions } from '../../bin/bundles.ts';
import { limitOf } from '../bench/bundles.ts';

async function zoneTable(plugin: Plugin): Promise<Pick<typeof import('windows-iana'), 'findIana' | 'findWindows'>> {
  const { outputFiles: [file] } = await build({ stdin: { contents: "export { findIana, findWindows } from 'windows-iana';", resolveDir: import.meta.dirname }, bundle: true, write: false, format: 'esm', plugins: [plugin] });
  return import(`data:text/javascript;base64,${Buffer.from(file?.contents ?? '').toString('base64')}`);
}

test.each([['in the functions', diet().plugin], ['in the command line', zoneLists]])('%s Windows’ names lead to the same zones, and no other word does', async (_where, plugin) => {
  const table = await zoneTable(plugin);

  for (const name of new Set(WINDOWS_TO_IANA_MAP.map(({ windowsName }) => windowsName))) expect(table.findIana(name)[0]).toBe(findIana(name)[0]);
  expect([table.findIana('constructor'), table.findIana('Europe/Berlin'), table.findWindows('Nowhere/Else')]).toEqual([[], [], []]);
});

test('every zone that the package knows is known to the command line without asking ICU', async () => {
  const table = await zoneTable(zoneLists);

  expect(WINDOWS_TO_IANA_MAP.flatMap(({ iana }) => iana).filter((zone) => table.findWindows(zone).length === 0)).toEqual([]);
});

test('HTML of a trip still becomes text, without what writes HTML', async () => {
  const { plugin } = diet();
  const contents = "import { convert } from 'html-to-text';\nexport const text = convert('<h1>Who</h1><p>Home&nbsp;repair &amp; <a href=\"https://trips.example.org/1\">day camp</a>.</p><ul><li>Gloves</li></ul><table><tr><td>1</td></tr></table>', { wordwrap: false });\n";
  const { outputFiles: [file] } = await build({ stdin: { contents, resolveDir: import.meta.dirname }, bundle: true, write: false, format: 'esm', platform: 'node', mainFields: ['module', 'main'], plugins: [plugin] });

  const { text }: { text: string } = await import(`data:text/javascript;base64,${Buffer.from(file?.contents ?? '').toString('base64')}`);

  expect(text).toBe('WHO\n\nHome\u00a0repair & day camp [https://trips.example.org/1].\n\n * Gloves\n\n1');
});

test('every cut finds what it is for, and every bundle is within its limit', async () => {
  const bundles = await buildFunctions({ write: false });

  expect(bundles.length).toBeGreaterThan(4);
  expect(bundles.filter(({ name, bytes }) => bytes > limitOf(name) * 1024).map(({ name, bytes }) => `${name}: ${bytes}`)).toEqual([]);
});

test('what is left of the XML parser reads what servers send, signs by number too', async () => {
  const { outputFiles: [bundle] } = await build({
    stdin: { contents: "import { xml2js } from 'xml-js'; export { xml2js };", resolveDir: import.meta.dirname },
    bundle: true, write: false, platform: 'node', format: 'esm', plugins: [diet().plugin],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('file:///');" },
  });
  const { xml2js } = await import(`data:text/javascript;base64,${Buffer.from(bundle?.contents ?? []).toString('base64')}`);

  expect(xml2js('<d:a xmlns:d="DAV:" b="&lt;">x &amp; &#128512;<![CDATA[<c>]]></d:a>', { compact: true })).toEqual({
    'd:a': { _attributes: { 'xmlns:d': 'DAV:', b: '<' }, _text: 'x & \u{1F600}', _cdata: '<c>' },
  });
  expect(bundle?.text).not.toMatch(/SAXStream|stringFromCharCode/);
});

test('a package that no longer holds what is cut ends the build', async () => {
  const { plugin, made } = diet();
  await build({ stdin: { contents: "export { sync } from 'nothing';", resolveDir: import.meta.dirname }, bundle: true, write: false, external: ['nothing'], plugins: [plugin] });

  expect([...made]).toEqual([]);
  expect(allCuts.length).toBeGreaterThan(5);
});
