/**
 * `npm run e2e -- <connector> [--json]`: checks the promises of `test/real/<connector>.ts` against real servers.
 * Text goes to standard output, or to standard error with `--json`, which leaves one document on standard output.
 * Ends with 1 when a promise failed, 2 when the command line is wrong.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunnableScenario } from './run-scenario.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const known = scenarioNames();
  const flags = args.filter((arg) => arg.startsWith('-'));
  const [connector, ...rest] = args.filter((arg) => !arg.startsWith('-'));
  if (connector === undefined || !known.includes(connector) || rest.length > 0 || flags.some((flag) => flag !== '--json')) {
    process.stderr.write(`usage: npm run e2e -- <connector> [--json]\nconnectors with real servers: ${known.join(', ')}\n`);
    return 2;
  }

  const isJson = flags.length > 0;
  const from = performance.now();
  const tell = (line: string) => void (isJson ? process.stderr : process.stdout).write(`${line}\n`);
  const report = await (await scenarioOf(connector)).runWith(tell);
  tell(`${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`);
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ connector, durationMs: Math.round(performance.now() - from), ...report }, undefined, 2)}\n`);
  }
  return report.failed > 0 ? 1 : 0;
}

/** Every file beside this one that is neither the runner nor a test of it. */
function scenarioNames(): readonly string[] {
  return readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !name.startsWith('run') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .sort();
}

async function scenarioOf(connector: string): Promise<RunnableScenario> {
  const found: unknown = await import(pathToFileURL(join(import.meta.dirname, `${connector}.ts`)).href);
  if (isScenarioFile(found)) return found.default;
  throw new Error(`test/real/${connector}.ts has no default export made with defineScenario`);
}

function isScenarioFile(value: unknown): value is { default: RunnableScenario } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'default' in value &&
    typeof value.default === 'object' &&
    value.default !== null &&
    'runWith' in value.default
  );
}
