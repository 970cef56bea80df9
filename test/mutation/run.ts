/**
 * `npm run mutate -- sync|engine [--json] [--max N] [--seed S]`: changes the code in many small ways, one at a time, and tells
 * which changes no test noticed. Stryker mutates and runs; survivors that somebody looked at are explained in `survivors.json`.
 * With `--max` only a seeded sample is tried. With `--json` one document; otherwise lines to read.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { z } from 'zod';
import { isTarget, optionsOf, targets } from './targets.ts';
import { judge, type Judged } from './verdict.ts';

const explainedSchema = z.array(z.strictObject({ file: z.string(), text: z.string(), mutation: z.string(), why: z.string().min(1) }));
const count = z.coerce.number().int().nonnegative();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, max: { type: 'string' }, seed: { type: 'string', default: '1' } },
});
const [target] = positionals;
const [max, seed] = [count.min(1).optional().safeParse(values.max), count.safeParse(values.seed)];
if (!isTarget(target) || positionals.length > 1 || !max.success || !seed.success) {
  process.stderr.write(`npm run mutate -- ${Object.keys(targets).join('|')} [--json] [--max N] [--seed S]\n`);
  process.exit(2);
}

const sample = max.data === undefined ? undefined : { max: max.data, seed: seed.data };
const results = await new Stryker(optionsOf(target, sample, values.json)).runMutationTest();
const fates = results.map((result) => ({ ...result, fileName: relative(process.cwd(), result.fileName) }));
const sources = new Map(fates.map(({ fileName }) => [fileName, readFileSync(fileName, 'utf8')]));
const explained = explainedSchema.parse(JSON.parse(readFileSync(new URL('survivors.json', import.meta.url), 'utf8')));
const judged = judge({ target, sample, sources }, fates, explained);
process.stdout.write(values.json ? `${JSON.stringify(judged.verdict)}\n` : told(judged));

function told({ verdict, stale }: Judged): string {
  const survivors = verdict.survivors.map(({ file, line, mutation, why }) => `${file}:${line}  ${mutation}\n    ${why ?? 'not explained'}\n`);
  const unused = stale.map(({ file, mutation }) => `explained, but not a survivor: ${file}  ${mutation}\n`);
  const { mutants, killed, timedOut, survived, noCoverage, score } = verdict;
  const drawn = sample ? `, drawn with seed ${sample.seed}` : '';
  const sum = `${verdict.target}: ${mutants} mutants${drawn}: killed ${killed}, timed out ${timedOut}, survived ${survived}, not reached ${noCoverage}: score ${score} %\n`;
  return [...survivors, ...unused, sum].join('');
}
