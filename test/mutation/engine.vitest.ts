/** The tests that have to notice a mutant of `shared/engine`, run as the whole suite runs them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/engine/**/*.test.ts', 'test/scenarios/**/*.test.ts'], globalSetup: ['test/setup.ts'], env: { TZ: 'UTC' }, testTimeout: 60_000 },
});
