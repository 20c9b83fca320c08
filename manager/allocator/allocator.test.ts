import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../shared/log.ts';
import type { PortConfig } from '../../shared/model/endpoint.ts';
import type { IpamConfig, Network } from '../../shared/model/network.ts';
import { seededRandom } from '../../shared/random.ts';
import { memoryStore } from '../../test/support/memory_store.ts';
import { cluster, network, node, service, serviceSpec, task, taskSpec } from '../../test/support/objects.ts';
import { settle, VirtualClock } from '../../test/support/virtual_clock.ts';
import type { WriteTransaction } from '../store/api.ts';
import { Allocator } from './allocator.ts';
import { createIngressNetwork } from './ingress_network.ts';
import { holdsAddresses } from './ledger.ts';
import { NUMBER_REST_MS } from './number_pool.ts';
import { needsAllocation } from './tasks.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function setUp(over: Parameters<typeof cluster>[0] = {}) {
  const clock = new VirtualClock();
  const store = memoryStore({ clock });
  await store.update((tx) => {
    tx.create('cluster', cluster(over));
    createIngressNetwork(tx, seededRandom(1));
  });
  const start = async () => {
    const allocator = new Allocator({ store, clock, logger: silentLogger });
    stops.push(() => allocator.stop());
    await allocator.start();
    await settle();
    return allocator;
  };
  const allocator = await start();
  const write = async (change: (tx: WriteTransaction) => void) => {
    await store.update(change);
    await settle();
  };
  return { clock, store, write, start, allocator, view: store.view };
}

const overlay = (
  id: string,
  configs: readonly Partial<IpamConfig>[] = [],
  spec: Partial<Network['spec']> = {},
) => {
  const plain = network({ id });
  const ipam = { ...plain.spec.ipam, configs: configs.map((config) => ({ auxAddresses: {}, ...config })) };
  return network({ id, spec: { ...plain.spec, ipam, ...spec } });
};
const on = (...targets: string[]) =>
  taskSpec({ networks: targets.map((target) => ({ target, aliases: [], driverOptions: {} })) });
const port = (published: number, over: Partial<PortConfig> = {}): PortConfig => ({
  name: '',
  protocol: 'tcp',
  target: 80,
  published,
  mode: 'ingress',
  ...over,
});
const serviceOn = (id: string, targets: string[], ports: PortConfig[] = [], mode: 'vip' | 'dnsrr' = 'vip') =>
  service({ id, spec: serviceSpec({ name: id, task: on(...targets), endpoint: { mode, ports } }) });
const taskOf = (id: string, serviceId: string, ...targets: string[]) =>
  task({ id, serviceId, serviceName: serviceId, spec: on(...targets) });

describe('networks', () => {
  it('get identifiers from 4096 and subnets in turn; the ingress has the first', async () => {
    const { view, write } = await setUp();
    await write((tx) => {
      tx.create('network', overlay('a'));
      tx.create('network', overlay('b', [{ subnet: '10.0.2.0/24', gateway: '10.0.2.254' }]));
    });
    await write((tx) => tx.create('network', overlay('c')));
    const [ingress] = view.byName('network', 'ingress');
    expect([ingress?.vni, ingress?.subnets]).toEqual([
      4096,
      [
        { subnet: '10.0.0.0/24', gateway: '10.0.0.1' },
        { subnet: expect.stringMatching(/^fd[0-9a-f:]+::\/64$/), gateway: expect.stringMatching(/::1$/) },
      ],
    ]);
    expect(view.get('network', 'a')?.subnets).toEqual([{ subnet: '10.0.1.0/24', gateway: '10.0.1.1' }]);
    expect(view.get('network', 'b')?.subnets).toEqual([{ subnet: '10.0.2.0/24', gateway: '10.0.2.254' }]);
    expect(view.get('network', 'c')?.subnets[0]?.subnet).toBe('10.0.3.0/24');
    expect(new Set([...view.all('network')].map(({ vni }) => vni)).size).toBe(4);
  });

  it('that overlap say so, and are served when the other is gone', async () => {
    const { view, write } = await setUp();
    await write((tx) => tx.create('network', overlay('a', [{ subnet: '10.7.0.0/16' }])));
    await write((tx) => tx.create('network', overlay('b', [{ subnet: '10.7.1.0/24' }])));
    expect(view.get('network', 'b')?.allocationError).toBe(
      'subnet 10.7.1.0/24 overlaps with network a (10.7.0.0/16)',
    );
    await write((tx) => tx.remove('network', 'a'));
    expect(view.get('network', 'b')?.allocationError).toBeUndefined();
    expect(view.get('network', 'b')?.subnets[0]?.gateway).toBe('10.7.1.1');
  });

  it('wait when the pool is empty', async () => {
    const { view, write } = await setUp({ defaultAddressPool: ['10.0.0.0/23'] });
    await write((tx) => tx.create('network', overlay('a')));
    await write((tx) => tx.create('network', overlay('b')));
    expect(view.get('network', 'a')?.subnets[0]?.subnet).toBe('10.0.1.0/24');
    expect(view.get('network', 'b')?.allocationError).toContain(
      'no free IPv4 subnet in the address pool (10.0.0.0/23)',
    );
  });

  it('of both families give tasks and services an address of each', async () => {
    const { view, write } = await setUp();
    await write((tx) => {
      tx.create('network', overlay('dual', [{ subnet: 'fd00:5::/64' }], { ipv6: true }));
      tx.create('service', serviceOn('web', ['dual']));
      tx.create('task', taskOf('t', 'web', 'dual'));
    });
    expect(view.get('service', 'web')?.endpoint?.virtualIps.map(({ address }) => address)).toEqual([
      '10.0.1.2/24',
      'fd00:5::2/64',
    ]);
    expect(view.get('task', 't')?.networks[0]?.addresses).toEqual(['10.0.1.3/24', 'fd00:5::3/64']);
  });
});

describe('services', () => {
  it('have a virtual address on each overlay and on the ingress, unless dnsrr', async () => {
    const { view, write } = await setUp();
    await write((tx) => {
      tx.create('network', overlay('a'));
      tx.create('service', serviceOn('web', ['a', 'host'], [port(8080), port(0), port(0, { mode: 'host' })]));
      tx.create('service', serviceOn('rr', ['a'], [], 'dnsrr'));
      tx.create('service', service({ id: 'plain' }));
    });
    const web = view.get('service', 'web')?.endpoint;
    expect(web?.virtualIps.map(({ address }) => address)).toEqual([
      '10.0.1.2/24',
      '10.0.0.2/24',
      expect.stringMatching(/^fd.*::2\/64$/),
    ]);
    expect(web?.ports.map(({ published }) => published)).toEqual([8080, 30000, 0]);
    expect(view.get('service', 'rr')?.endpoint?.virtualIps).toEqual([]);
    expect(view.get('service', 'plain')?.endpoint).toEqual({
      spec: { mode: 'vip', ports: [] },
      ports: [],
      virtualIps: [],
    });
  });

  it('wait for a port that another one has, per protocol; the tasks say why', async () => {
    const { view, write } = await setUp();
    await write((tx) => {
      tx.create('service', serviceOn('a', [], [port(80)]));
      tx.create('service', serviceOn('b', [], [port(80)]));
      tx.create('service', serviceOn('c', [], [port(80, { protocol: 'udp' })]));
      tx.create('task', taskOf('t', 'b'));
    });
    expect(view.get('service', 'b')?.endpoint).toBeUndefined();
    expect(view.get('service', 'c')?.endpoint?.ports[0]?.published).toBe(80);
    expect(view.get('task', 't')?.status).toMatchObject({
      state: 'new',
      error: 'port 80/tcp is in use by service a: choose another port',
    });
    await write((tx) => tx.remove('service', 'a'));
    expect(view.get('service', 'b')?.endpoint?.ports[0]?.published).toBe(80);
    expect(view.get('task', 't')?.status).toMatchObject({ state: 'pending', error: '' });
    expect(view.get('task', 't')?.networks.map(({ networkId }) => networkId)).toHaveLength(1);
  });

  it('keep what still fits after an update, and give back the rest', async () => {
    const { view, write } = await setUp();
    await write((tx) => {
      tx.create('network', overlay('a'));
      tx.create('network', overlay('b'));
      tx.create('service', serviceOn('web', ['a'], [port(0), port(90)]));
    });
    await write((tx) => {
      const web = tx.get('service', 'web');
      if (web !== undefined) {
        const spec = serviceOn('web', ['a', 'b'], [port(91), port(0)]).spec;
        tx.update('service', { ...web, spec, specVersion: 2 });
      }
      tx.create('service', serviceOn('other', [], [port(90)]));
    });
    const endpoint = view.get('service', 'web')?.endpoint;
    expect(endpoint?.ports.map(({ published }) => published)).toEqual([91, 30000]);
    expect(endpoint?.virtualIps.map(({ address }) => address)).toContain('10.0.1.2/24');
    expect(endpoint?.virtualIps).toHaveLength(4);
    expect(view.get('service', 'other')?.endpoint?.ports[0]?.published).toBe(90);
  });

  it('wait for an ingress network when there is none', async () => {
    const { view, write } = await setUp();
    await write((tx) => {
      for (const { id } of [...tx.all('network')]) {
        tx.remove('network', id);
      }
    });
    await write((tx) => {
      tx.create('service', serviceOn('web', [], [port(80)]));
      tx.create('task', taskOf('t', 'web'));
    });
    expect(view.get('task', 't')?.status.error).toContain('no ingress network');
    await write((tx) => createIngressNetwork(tx, seededRandom(2)));
    expect(view.get('task', 't')?.status.state).toBe('pending');
  });
});

describe('tasks', () => {
  it('of `host` get an attachment without addresses', async () => {
    const { view, write } = await setUp();
    await write((tx) => {
      tx.create('service', serviceOn('web', ['host']));
      tx.create('task', taskOf('t', 'web', 'host'));
    });
    expect(view.get('task', 't')).toMatchObject({
      status: { state: 'pending', message: 'pending task scheduling' },
      networks: [{ networkId: 'host', addresses: [] }],
      endpoint: { virtualIps: [] },
    });
  });

  it('wait for an address, name the reason, and are served when one is free', async () => {
    const { view, write } = await setUp();
    await write((tx) => {
      tx.create('network', overlay('small', [{ subnet: '10.9.0.0/29' }]));
      tx.create('service', serviceOn('web', ['small']));
      for (const id of ['a', 'b', 'c', 'd', 'e']) {
        tx.create('task', taskOf(id, 'web', 'small'));
      }
    });
    expect(view.get('task', 'e')?.status.error).toBe(
      'no free address in network small (10.9.0.0/29): 5 of 5 in use',
    );
    await write((tx) => {
      const a = tx.get('task', 'a');
      if (a !== undefined) {
        tx.update('task', { ...a, status: { ...a.status, state: 'failed' } });
      }
    });
    expect(view.get('task', 'e')?.status.state).toBe('new');
    await write((tx) => {
      const a = tx.get('task', 'a');
      if (a !== undefined) {
        tx.update('task', { ...a, desiredState: 'shutdown' });
      }
    });
    expect(view.get('task', 'e')).toMatchObject({
      status: { state: 'pending', error: '' },
      networks: [{ addresses: ['10.9.0.3/29'] }],
    });
  });

  it('a new leader finds the same holders and gives nothing twice', async () => {
    const { view, write, allocator, start } = await setUp();
    await write((tx) => {
      tx.create('network', overlay('a'));
      tx.create('service', serviceOn('web', ['a'], [port(0)]));
      tx.create('task', taskOf('t1', 'web', 'a'));
    });
    await allocator.stop();
    await write((tx) => {
      tx.create('service', serviceOn('db', ['a'], [port(0)]));
      tx.create('task', taskOf('t2', 'db', 'a'));
    });
    expect(view.get('task', 't2')?.status.state).toBe('new');
    await start();
    const all = [...view.all('task')].flatMap(({ networks }) =>
      networks.flatMap(({ addresses }) => addresses),
    );
    const vips = [...view.all('service')].flatMap((s) => s.endpoint?.virtualIps.map((v) => v.address) ?? []);
    expect(new Set([...all, ...vips]).size).toBe(12);
    expect(view.get('service', 'db')?.endpoint?.ports[0]?.published).toBe(30001);
  });

  it('property: no address is given twice, and none is lost, whatever comes and goes', async () => {
    const commands = fc.array(
      fc.tuple(fc.constantFrom('task', 'service', 'end', 'remove', 'drop', 'leader'), fc.nat(30)),
      { maxLength: 40 },
    );
    const capacity = 13;
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const { view, write, start, allocator } = await setUp();
        let leader = allocator;
        await write((tx) => {
          tx.create('network', overlay('tiny', [{ subnet: '10.9.0.0/28' }]));
          tx.create('service', serviceOn('web', ['tiny'], [], 'dnsrr'));
        });
        let count = 0;
        for (const [command, pick] of steps) {
          const tasks = [...view.all('task')];
          const target = tasks[pick % Math.max(1, tasks.length)];
          count += 1;
          if (command === 'leader') {
            await leader.stop();
            leader = await start();
          }
          await write((tx) => {
            const stored = target && tx.get('task', target.id);
            if (command === 'task') {
              tx.create('task', taskOf(`t${count}`, 'web', 'tiny'));
            } else if (command === 'service') {
              tx.create('service', serviceOn(`s${count}`, ['tiny']));
            } else if (command === 'end' && stored !== undefined) {
              const status = { ...stored.status, state: 'failed' as const };
              tx.update('task', { ...stored, status, desiredState: 'shutdown' });
            } else if (command === 'remove' && stored !== undefined) {
              tx.remove('task', stored.id);
            } else if (command === 'drop') {
              const dropped = [...tx.all('service')].find(({ id }) => id !== 'web');
              if (dropped !== undefined) {
                tx.remove('service', dropped.id);
              }
            }
          });
          const held = [
            ...[...view.all('task')]
              .filter(holdsAddresses)
              .flatMap((t) => t.networks.flatMap((n) => n.addresses)),
            ...[...view.all('service')].flatMap((s) => s.endpoint?.virtualIps.map((v) => v.address) ?? []),
          ];
          expect(new Set(held).size).toBe(held.length);
          const waits =
            [...view.all('task')].some(needsAllocation) ||
            [...view.all('service')].some(({ endpoint }) => endpoint === undefined);
          expect(waits ? held.length === capacity : held.length <= capacity).toBe(true);
        }
        await leader.stop();
      }),
      { numRuns: 40 },
    );
  });

  it('1,000 at once are served without delay, each with its own address', async () => {
    const { view, write } = await setUp();
    await write((tx) => {
      tx.create('network', overlay('big', [{ subnet: '10.64.0.0/16' }]));
      tx.create('service', serviceOn('web', ['big']));
    });
    // CPU of this process, not the clock: other work on the machine is no delay of ours.
    const before = process.cpuUsage();
    await write((tx) => {
      for (let index = 0; index < 1000; index += 1) {
        tx.create('task', taskOf(`t${index}`, 'web', 'big'));
      }
    });
    while ([...view.all('task')].some(({ status }) => status.state === 'new')) {
      await settle();
    }
    const { user, system } = process.cpuUsage(before);
    const spentMs = (user + system) / 1000;
    const addresses = new Set([...view.all('task')].map((t) => t.networks[0]?.addresses[0]));
    expect(addresses.size).toBe(1000);
    expect(spentMs).toBeLessThan(1500);
  });
});

describe('nodes', () => {
  it('get the lowest overlay index that is free and rested', async () => {
    const { clock, view, write } = await setUp();
    await write((tx) => {
      tx.create('node', node({ id: 'n1' }));
      tx.create('node', node({ id: 'n2' }));
    });
    expect([view.get('node', 'n1')?.overlayIndex, view.get('node', 'n2')?.overlayIndex]).toEqual([1, 2]);
    await write((tx) => tx.remove('node', 'n1'));
    await write((tx) => tx.create('node', node({ id: 'n3' })));
    expect(view.get('node', 'n3')?.overlayIndex).toBe(3);
    await clock.advance(NUMBER_REST_MS);
    await write((tx) => tx.create('node', node({ id: 'n4' })));
    expect(view.get('node', 'n4')?.overlayIndex).toBe(1);
  });
});
