import { defineConfig } from 'vitest/config';

const files = (names: readonly string[]): string[] => names.map((name) => `test/cluster/${name}.test.ts`);
/** Minutes of force and load each: run by `test/run.sh long`, so that the usual run stays below 20 minutes. */
const LONG = files(['kill9', 'full_disk']);
/** Short in the usual run, long there. */
const BOTH = files(['force', 'force_members', 'no_drop', 'encrypted', 'network_chaos', 'propagation']);
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
