/**
 * What the cloud's functions weigh and how long a cold start waits for them to be loaded, beside a bare document client of the SDK in the
 * same run. Sizes are limits and end the bench; times depend on the machine and are there to be compared.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildFunctions, bundleFolder, kib } from '../../bin/bundles.ts';
import { rounded, type Print } from './figures.ts';

/** KiB. A worker holds its connector's clients; the HTTP side holds none. */
export function limitOf(name: string): number {
  if (name === 'webhook' || name === 'oauth') return 360;
  if (name === 'api') return 420;
  return 630; // with the parser of a vendor's format: calendars, or HTML with its names of characters
}

const runs = 7;
// What the stack sets, for whoever reads it while being loaded; no call is made.
const env = { PATH: process.env['PATH'] ?? '', AWS_REGION: 'eu-central-1' };

export default async function bundles(print: Print): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'concord-bundles-'));
  const tooLarge: string[] = [];
  try {
    print({ bench: 'bundles', case: 'bare-sdk', figure: 'import_ms', value: importMs(await bareSdk(scratch), scratch), unit: 'ms' });
    for (const { name, bytes } of await buildFunctions()) {
      print({ bench: 'bundles', case: name, figure: 'kib', value: kib(bytes), unit: 'KiB' });
      print({ bench: 'bundles', case: name, figure: 'import_ms', value: importMs(join(bundleFolder(name), 'index.mjs'), scratch), unit: 'ms' });
      if (kib(bytes) > limitOf(name)) tooLarge.push(`${name}: ${kib(bytes)} KiB, ${limitOf(name)} are allowed`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  if (tooLarge.length > 0) throw new Error(`too large: ${tooLarge.join('; ')}`);
}

/** The least that a function with our tables can be. */
async function bareSdk(scratch: string): Promise<string> {
  const outfile = join(scratch, 'bare-sdk.mjs');
  await build({
    stdin: { contents: "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\nimport { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';\nexport const handler = [DynamoDBClient, DynamoDBDocumentClient, GetCommand];\n", resolveDir: import.meta.dirname },
    outfile, bundle: true, platform: 'node', format: 'esm', target: 'node24', mainFields: ['module', 'main'], minify: true,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outfile;
}

/** The median over processes of their own, each of which loads it for the first time. */
function importMs(file: string, scratch: string): number {
  const probe = join(scratch, 'probe.mjs');
  writeFileSync(probe, 'const from = performance.now();\nawait import(process.argv[2]);\nprocess.stdout.write(String(performance.now() - from));\n');
  const times = Array.from({ length: runs }, () => Number(execFileSync(process.execPath, [probe, pathToFileURL(file).href], { env, encoding: 'utf8' }))).sort((left, right) => left - right);
  return rounded(times[Math.floor(runs / 2)] ?? Number.NaN, 1);
}
