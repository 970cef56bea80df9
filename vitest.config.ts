import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup.ts'],
    env: { TZ: 'UTC' },
    // Machines are shared: a limit is there to end what hangs, not to judge what is slow.
    testTimeout: 60_000,
  },
});
