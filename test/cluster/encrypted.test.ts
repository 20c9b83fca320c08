// Encrypted networks on real daemons. Where the kernel cannot encrypt (then the rest is skipped, with a line that
// says why), that it is told and refused, never carried in clear text; machines with another kernel run the rest
// all the same (test/lab/machines.test.ts).
import { describe, expect, test } from 'vitest';
import { homeNamespace } from '../../worker/kernel/namespace.ts';
import { missingForEncryption } from '../../worker/network/encryption/probe.ts';
import { useCluster } from './support/cluster.ts';
import { ENCRYPTED_PORT, inHost, lifeCases, wireCases } from './support/encryption_cases.ts';
import { eventually } from './support/eventually.ts';
import { service } from './support/services.ts';

/** Why this kernel cannot; undefined when it can. */
const missing = missingForEncryption(homeNamespace());
/** A minute and a half of real hosts: in the long run. */
const long = process.env['SKEIN_LONG_TESTS'] === '1';

const cluster = useCluster({ managers: 1, workers: 2 });

describe.runIf(missing !== undefined)(`on a kernel without ESP (${missing})`, () => {
  test('info says so, and tasks on an encrypted network are refused with the reason', async () => {
    const { Warnings } = (await cluster.on('h1').call('GET', '/info')) as {
      readonly Warnings: readonly string[];
    };
    expect(Warnings.join()).toContain('networks with --opt encrypted will be refused here');
    await cluster.on('h1').createNetwork('secret', { Options: { encrypted: '' } });
    await cluster.on('h1').createService(service('vault', { replicas: 1, networks: ['secret'] }));
    const told = await eventually('a refused task', 20_000, async () => {
      const tasks = await cluster.on('h1').tasks('vault');
      return tasks.find(({ Status }) => Status.State === 'rejected')?.Status.Err;
    });
    expect(told).toContain('cannot take part in encrypted networks');
    await cluster.remove('vault');
    for (const host of cluster.hosts) {
      expect(await inHost(host, 'ip -d link show type vxlan')).not.toContain(`dstport ${ENCRYPTED_PORT}`);
    }
  });
});

describe.skipIf(missing !== undefined || !long)('an encrypted network of three hosts', () => {
  wireCases(cluster);
  lifeCases(cluster);
});
