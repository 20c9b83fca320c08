import { defineConfig } from 'vitest/config';

// Histories are computed, not waited for: each file keeps one core busy for a minute or two.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/sim/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 240_000,
  },
});
