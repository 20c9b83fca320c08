import { defineConfig } from 'vitest/config';

/** Run in both: seconds a scenario in the usual run, a minute in the long one. */
const BOTH = ['force'].map((name) => `test/cluster/${name}.test.ts`);
/** Minutes of force and load each: run by `test/run.sh long`, so that the usual run stays below 20 minutes. */
const LONG = ['no_drop', 'network_chaos', 'kill9', 'full_disk'].map((name) => `test/cluster/${name}.test.ts`);
const long = process.env['SKEIN_LONG_TESTS'] === '1';

// Tests on real daemons share one lab: one file at a time, in the order of their names.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: long ? [...LONG, ...BOTH] : ['test/cluster/**/*.test.ts', 'test/compat/**/*.test.ts'],
    exclude: long ? [] : LONG,
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // These tests time real processes: one stall of a shared machine is no failure, two in a row are.
    retry: 1,
  },
});
