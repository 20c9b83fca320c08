// What users expect of networks, on real daemons: both families, ports that change, the same port on several
// protocols, networks added to a service and taken away while the others go on, another ingress network.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { type Host, runDirectoryOf } from './support/lab.ts';
import { findings } from './support/network_truth.ts';
import { service } from './support/services.ts';
import { askWeb, fetchText } from './support/traffic.ts';

const PORT = 8070;
const cluster = useCluster({ managers: 1, workers: 1 });

type Spec = Record<string, unknown>;

const ports = (...list: readonly (readonly [published: number, protocol: string])[]) => ({
  Ports: list.map(([PublishedPort, Protocol]) => ({
    Protocol,
    TargetPort: 80,
    PublishedPort,
    PublishMode: 'ingress',
  })),
});

const withPorts = (endpoint: Spec) => (spec: Spec) => ({ ...spec, EndpointSpec: endpoint });
const withNetworks = (targets: readonly string[]) => (spec: Spec) => ({
  ...spec,
  TaskTemplate: { ...(spec['TaskTemplate'] as Spec), Networks: targets.map((Target) => ({ Target })) },
});

/** Runs a command in the network of a service's first task on the host. */
async function inTask(name: string, host: Host, command: readonly string[]): Promise<string> {
  const node = await cluster.node(host);
  const task = (await cluster.running(name)).find(({ NodeID }) => NodeID === node?.ID);
  const namespace = join(runDirectoryOf(host), 'netns', task?.ID ?? '');
  const { stdout } = await run('nsenter', [`--net=${namespace}`, ...command], { mayFail: true });
  return stdout;
}

async function answers(port: number): Promise<void> {
  for (const host of cluster.hosts) {
    await eventually(
      `${host} answers on ${port}`,
      10_000,
      async () => (await askWeb(host, port)).client !== '',
    );
  }
}

async function refused(port: number): Promise<void> {
  for (const host of cluster.hosts) {
    await eventually(`${host} refuses on ${port}`, 10_000, () =>
      fetchText(host, port).then(
        () => false,
        (error: Error) => /ECONNREFUSED/.test(error.message),
      ),
    );
  }
}

describe('a network with IPv6', () => {
  test('tasks have addresses of both families, names have AAAA, the VIP answers by either', async () => {
    await cluster.on('h1').createNetwork('six', {
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: 'fd00:77::/64' }] },
    });
    await cluster.on('h1').createService(service('six', { global: true, networks: ['six'] }));
    await cluster.whole('six', 2);
    const lookedUp = await inTask('six', 'h1', ['busybox', 'nslookup', '-type=aaaa', 'six', '127.0.0.11']);
    const vip6 = /Address:\s*(fd00:77::[0-9a-f:]+)/.exec(lookedUp)?.[1] ?? '';
    expect(vip6).toMatch(/^fd00:77::/);
    const all = await inTask('six', 'h1', ['busybox', 'nslookup', '-type=aaaa', 'tasks.six', '127.0.0.11']);
    const addresses = all.match(/fd00:77::[0-9a-f]+/g) ?? [];
    expect(new Set(addresses).size).toBe(2);
    for (const address of [...addresses, vip6]) {
      await eventually(`an answer of ${address}`, 5_000, async () =>
        (await inTask('six', 'h2', ['ping', '-6', '-c1', '-W1', address])).includes(' 0% packet loss'),
      );
    }
  });
});

describe('published ports', () => {
  test('changed by update: the old one refuses, the new one answers', async () => {
    await cluster.on('h1').createService(service('web', { replicas: 2, publish: PORT }));
    await cluster.whole('web', 2);
    await answers(PORT);
    await cluster.on('h1').updateService('web', withPorts(ports([PORT + 1, 'tcp'])));
    await answers(PORT + 1);
    await refused(PORT);
  });

  test('the same port on two protocols, and several ports', async () => {
    const wanted = ports([PORT + 1, 'tcp'], [PORT + 1, 'udp'], [PORT + 2, 'tcp'], [PORT + 3, 'sctp']);
    await cluster.on('h1').updateService('web', withPorts(wanted));
    await answers(PORT + 1);
    await answers(PORT + 2);
    await cluster.whole('web', 2);
  });

  test('taken away: no port', async () => {
    await cluster.on('h1').updateService('web', withPorts({}));
    await refused(PORT + 1);
    await cluster.whole('web', 2, 30_000);
  });
});

describe('networks of a service', () => {
  test('one is added and taken away again; those of the other service go on', async () => {
    await cluster.on('h1').createNetwork('red');
    await cluster.on('h1').createNetwork('blue');
    await cluster.on('h1').createService(service('both', { global: true, networks: ['red', 'blue'] }));
    await cluster.on('h1').createService(service('one', { replicas: 2, networks: ['red'] }));
    await cluster.whole('both', 2);
    await cluster.whole('one', 2);
    const untouched = (await cluster.running('both')).map(({ ID }) => ID).toSorted();
    const look = (name: string) =>
      inTask('both', 'h1', ['busybox', 'nslookup', '-type=a', name, '127.0.0.11']);
    const onRed = await cluster.vip('one', 'red');
    expect(await look('one.red')).toContain(onRed);
    await cluster.on('h1').updateService('one', withNetworks(['red', 'blue']));
    await eventually('a name on blue', 30_000, async () => {
      const vip = await cluster.vip('one', 'blue');
      return vip !== '' && (await look('one.blue')).includes(vip);
    });
    expect(await cluster.vip('one', 'red')).toBe(onRed);
    await cluster.on('h1').updateService('one', withNetworks(['blue']));
    await eventually('no address on red', 30_000, async () => (await cluster.vip('one', 'red')) === '');
    await eventually('the update is done and the kernels agree', 30_000, async () => {
      const found = await findings(cluster.hosts, 'h1');
      if (found.length > 0) {
        throw new Error(found.join('\n'));
      }
      return true;
    });
    expect((await cluster.running('both')).map(({ ID }) => ID).toSorted()).toEqual(untouched);
  });
});

describe('the ingress network', () => {
  test('is refused while in use, removed when free, and another one serves', async () => {
    await cluster.on('h1').updateService('web', withPorts(ports([PORT, 'tcp'])));
    await answers(PORT);
    const refusal = await cluster.on('h1').ask('DELETE', '/networks/ingress');
    expect(refusal.status).toBeGreaterThanOrEqual(400);
    await cluster.remove('web');
    await cluster.on('h1').call('DELETE', '/networks/ingress');
    await cluster.on('h1').createNetwork('mesh', {
      Ingress: true,
      IPAM: { Config: [{ Subnet: '10.44.0.0/24', Gateway: '10.44.0.1' }] },
    });
    await cluster.on('h1').createService(service('web', { replicas: 2, publish: PORT }));
    await cluster.whole('web', 2, 30_000);
    await answers(PORT);
  });
});
