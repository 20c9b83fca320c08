import { defineConfig } from 'vitest/config';

// Tests on virtual machines (deploy/lab-vm.sh): kernels with IPVS and cgroup v2, whatever this machine has. Where
// the processors are emulated everything takes some thirteen times as long. One lab at a time.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/lab/**/*.test.ts'],
    env: { SKEIN_LAB_KIND: 'vm' },
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 240_000,
    hookTimeout: 500_000,
  },
});
