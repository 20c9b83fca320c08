import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: [
      'node_modules/**',
      'dist/**',
      'dist-sim/**',
      'dist-fuzz/**',
      'test/cluster/**',
      'test/compat/**',
      'test/lab/**',
      'test/sim/**',
    ],
    testTimeout: 20_000,
    pool: 'forks',
  },
});
