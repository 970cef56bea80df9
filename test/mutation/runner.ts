/**
 * One child of mutate.ts: keeps vitest and the instrumented text warm, and runs the named test files for one mutant after
 * another. A mutant that never returns is ended from outside, with this whole process.
 */
import { join } from 'node:path';
import { createVitest } from 'vitest/node';
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
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, false);
  const passed = testModules.length > 0 && unhandledErrors.length === 0 && testModules.every((module) => module.ok());
  process.send?.({ passed });
}
