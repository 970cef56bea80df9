/**
 * One child of mutate.ts: keeps vitest and the instrumented text warm, and runs the named test files for one mutant after
 * another. A mutant that never returns is ended from outside, with this whole process.
 */
import { join } from 'node:path';
import { createVitest, type TestRunResult } from 'vitest/node';
import * as z from 'zod';
import { instrumentedFiles } from './targets.ts';

const orderSchema = z.object({ mutant: z.number(), hitsFile: z.string(), tests: z.array(z.string()) });
const root = join(import.meta.dirname, '../..');
const { codeOf } = instrumentedFiles(process.argv[2] ?? '');

const vitest = await createVitest('test', {
  root, config: false, watch: false, include: ['test/**/*.test.ts'], setupFiles: [join(import.meta.dirname, 'switch.ts')], env: { TZ: 'UTC' },
  pool: 'threads', maxWorkers: 1, bail: 1, reporters: [{}], testTimeout: 60_000,
  // The cache on disk does not know that the instrumented text depends on this folder, and would bring back an older one.
  fsModuleCache: false,
}, {
  plugins: [{ name: 'mutants', enforce: 'pre', transform: (_code, id) => codeOf.get(id) }],
});
await vitest.standalone();

process.on('message', (message) => {
  void run(orderSchema.parse(message));
});
// A test that hangs would outlive its driver.
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });

async function run(order: z.infer<typeof orderSchema>): Promise<void> {
  vitest.provide('mutant', order.mutant);
  vitest.provide('hitsFile', order.hitsFile);
  const specifications = await vitest.globTestSpecifications(order.tests);
  let result = await vitest.runTestSpecifications(specifications, false);
  // A worker that could not start says nothing about the mutant: only a test or a file that failed does.
  if (!isClean(result) && !hasFailed(result)) result = await vitest.runTestSpecifications(specifications, false);
  const passed = isClean(result);
  process.send?.({ passed });
}

const isClean = ({ testModules, unhandledErrors }: TestRunResult): boolean =>
  testModules.length > 0 && unhandledErrors.length === 0 && testModules.every((module) => module.ok());

const hasFailed = ({ testModules }: TestRunResult): boolean =>
  testModules.some((module) => module.errors().length > 0 || [...module.children.allTests('failed')].length > 0);
