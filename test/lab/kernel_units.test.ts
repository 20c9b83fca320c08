// The unit tests of networking that need a kernel with IPVS, in a machine that has one: what overlay.test.ts shows of
// nftables on any kernel holds there for IPVS too, and ipvs_kernel.test.ts runs nowhere else. Its kernel has ESP as
// well: SKEIN_LAB_MACHINES=1 adds encryption.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lab } from '../cluster/support/lab.ts';

/** Minutes on an emulated processor; the usual run has machines.test.ts for it. */
const encryption = process.env['SKEIN_LAB_MACHINES'] === '1' ? ['test/encryption'] : [];
const FILES = ['test/overlay', 'test/same_port', 'test/shut', 'balance/ipvs_kernel', ...encryption].map(
  (name) => `worker/network/${name}.test.ts`,
);
const TIMEOUT_MS = 600_000;

/** The sources lie on a disk that cannot be written: over it goes a layer in memory. */
const SCRIPT = `
set -e
mkdir -p /tmp/layer /mnt
mount -t tmpfs layer /tmp/layer
mkdir /tmp/layer/upper /tmp/layer/work
mount -t overlay -o lowerdir=/opt/skein,upperdir=/tmp/layer/upper,workdir=/tmp/layer/work layer /mnt
cd /mnt
/etc/lab/skeind stop
export SKEIN_TEST_BALANCER=ipvs
node node_modules/vitest/vitest.mjs run --config vitest.config.ts --testTimeout 60000 --hookTimeout 90000 \\
  --no-file-parallelism --reporter=verbose --reporter=json --outputFile.json=/tmp/report.json ${FILES.join(' ')} >&2 || true
cat /tmp/report.json
`;

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

beforeAll(async () => {
  await lab.down();
  await lab.up(1, { SKEIN_LAB_VM_SOURCES: '1', SKEIN_LAB_VM_MEMORY: '2048' });
});
afterAll(() => lab.down());

test(
  `the unit tests of ${FILES.join(', ')} pass on a kernel with IPVS and ESP`,
  async () => {
    const { stdout, stderr } = await lab.exec('h1', ['bash', '-c', SCRIPT], { timeoutMs: TIMEOUT_MS });
    const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Report;
    const failed = stderr.split('\n').filter((line) => /✗|×|Error|FAIL|expected/.test(line));
    expect(failed).toEqual([]);
    expect(report.numFailedTests).toBe(0);
    for (const file of FILES) {
      const result = report.testResults.find(({ name }) => name.endsWith(file));
      const statuses = result?.assertionResults.map(({ status }) => status) ?? [];
      expect([file, statuses.filter((status) => status === 'passed').length > 0]).toEqual([file, true]);
    }
  },
  TIMEOUT_MS,
);
