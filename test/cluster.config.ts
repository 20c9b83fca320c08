import { defineConfig } from 'vitest/config';

// Tests on real daemons share one lab: one file at a time, in the order of their names.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/cluster/**/*.test.ts', 'test/compat/**/*.test.ts'],
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // These tests time real processes: one stall of a shared machine is no failure, two in a row are.
    retry: 1,
  },
});
