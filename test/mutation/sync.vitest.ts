/** The tests that have to notice a mutant of `shared/sync`, run as the whole suite runs them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/sync/**/*.test.ts'], globalSetup: ['test/setup.ts'], env: { TZ: 'UTC' }, testTimeout: 60_000 },
});
