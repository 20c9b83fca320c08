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
    // A condition on real processes and sockets may take a second on a busy machine, as a connection's second try does.
    expect: { poll: { timeout: 5_000 } },
    pool: 'forks',
  },
});
