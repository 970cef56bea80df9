/**
 * The museum of known failures: each is kept away by one defence, and comes back when that defence is taken out. It runs in a
 * process of its own, because the test runner loads modules in its own way and the museum has to load some of them twice.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { patchedText } from './loader.ts';
import { exhibitNames } from './museum.ts';

const shape = z.array(z.object({ name: z.string(), story: z.string(), passesWithDefence: z.boolean(), failsWithoutDefence: z.boolean(), detail: z.string() }));

let shown: z.infer<typeof shape> = [];

beforeAll(async () => {
  shown = shape.parse(JSON.parse(await printedBy(join(import.meta.dirname, 'run.ts'))));
}, 120_000);

/** What it says by its exit code stands in the exhibits too, where it can be told apart. */
function printedBy(file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [file], { maxBuffer: 4 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout === '') reject(error ?? new Error(`the museum printed nothing: ${stderr}`));
      else resolve(stdout);
    });
  });
}

test('every exhibit is shown, under a name of its own', () => {
  expect(shown.map(({ name }) => name)).toEqual(exhibitNames);
  expect(new Set(exhibitNames).size).toBe(exhibitNames.length);
  expect(exhibitNames.length).toBeGreaterThanOrEqual(24);
});

describe('is kept away by its defence, and comes back without it', () => {
  test.each(exhibitNames)('%s', (name) => {
    const exhibit = shown.find((one) => one.name === name);

    expect(exhibit).toMatchObject({ passesWithDefence: true, failsWithoutDefence: true });
    expect(exhibit?.detail).toMatch(/^(?:lost|doubled|resurrected|overwritten|shifted|unseen|restless): /);
  });
});

describe('a defence that moved', () => {
  const defence = { file: 'sync/guard.ts', find: 'planned === 0', replace: 'true' };

  test.each([0, 2])('is told loudly when its text stands there %i times', (count) => {
    const source = `if (other) ${'if (planned === 0) return;'.repeat(count)}`;

    expect(() => patchedText(source, defence)).toThrow(`shared/sync/guard.ts holds this text ${count} times, not once: planned === 0`);
  });

  test('is replaced where its text stands there once', () => {
    expect(patchedText('if (planned === 0) return;', defence)).toBe('if (true) return;');
  });
});
