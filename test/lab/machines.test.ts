// A swarm of three virtual machines: balancing by IPVS as the kernel itself shows it, by nftables beside it, limits
// by cgroup v2, and machines that are powered off, rebooted and cut off.
import { describe, expect, test } from 'vitest';
import { clientAddressCases } from '../cluster/support/address_cases.ts';
import { useCluster } from '../cluster/support/cluster.ts';
import type { TaskJson } from '../cluster/support/engine.ts';
import { lifeCases, wireCases } from '../cluster/support/encryption_cases.ts';
import { eventually } from '../cluster/support/eventually.ts';
import { clientAddress, type Host, lab } from '../cluster/support/lab.ts';
import { measured } from '../cluster/support/measures.ts';
import { MIB, service } from '../cluster/support/services.ts';
import { askFromClient } from '../cluster/support/traffic.ts';
import { hexOf, inNetwork, ipvsOf, rulesOf, shell, shellInNetworkOf } from './support/kernel.ts';

const PORT = 8080;
/** Not yet judged on a quiet machine, where they must fit into the ten minutes of the usual run: SKEIN_LAB_MACHINES=1. */
const unjudged = process.env['SKEIN_LAB_MACHINES'] === '1';
const cluster = useCluster({ managers: 3 });

interface InfoJson {
  readonly DriverStatus: readonly (readonly [string, string])[];
  readonly CgroupVersion: string;
  readonly DefaultRuntime: string;
  readonly Warnings: readonly string[] | null;
}

async function infoOf(host: Host): Promise<InfoJson> {
  return (await cluster.on(host).call('GET', '/info')) as InfoJson;
}

async function networkId(name: string): Promise<string> {
  return ((await cluster.on('h1').call('GET', `/networks/${name}`)) as { readonly Id: string }).Id;
}

function pidOf(task: TaskJson | undefined): number {
  return task?.Status.ContainerStatus?.PID ?? 0;
}

function addressIn(task: TaskJson, network: string): string {
  const found = task.NetworksAttachments?.find((candidate) => candidate.Network.Spec.Name === network);
  return found?.Addresses[0]?.split('/')[0] ?? '';
}

/** Asks the published port of a machine from outside until every one of `replicas` has answered. */
async function everyReplicaAnswers(host: Host, replicas: number): Promise<void> {
  const seen = new Set<string>();
  await eventually(`${replicas} replicas behind ${host}`, 10_000, async () => {
    const answer = await askFromClient(host, PORT);
    expect(answer.client).toBe(clientAddress);
    seen.add(answer.host);
    return seen.size >= replicas;
  });
  expect(seen.size).toBe(replicas);
}

/** The kernel adds its counters up every two seconds. */
async function counted(host: Host, id: string, connections: number): Promise<void> {
  await eventually(`${connections} connections by IPVS`, 5_000, async () => {
    expect((await ipvsOf(host, id)).connections).toBeGreaterThanOrEqual(connections);
    return true;
  });
}

async function ready(host: Host, from: Host): Promise<void> {
  await eventually(`${host} is ready`, 30_000, async () => {
    const node = await cluster.node(host, from);
    return node?.Status.State === 'ready' && node.ManagerStatus?.Reachability === 'reachable';
  });
}

describe('a swarm of machines', () => {
  test('three managers, one of which leads; info names the balancer, the runtime and cgroup v2', async () => {
    const nodes = await cluster.on('h2').nodes();
    expect(nodes.map((node) => node.Status.State)).toEqual(['ready', 'ready', 'ready']);
    expect(nodes.filter((node) => node.ManagerStatus?.Leader === true)).toHaveLength(1);
    const info = await infoOf('h1');
    expect(Object.fromEntries(info.DriverStatus)).toMatchObject({ Balancer: 'ipvs' });
    expect(info).toMatchObject({ CgroupVersion: '2', DefaultRuntime: 'crun' });
    expect((info.Warnings ?? []).filter((warning) => /IPVS|VXLAN|nftables|cgroup/.test(warning))).toEqual([]);
  });

  test('three replicas on three machines, in a network and behind a published port', async () => {
    await cluster.on('h1').createNetwork('shop', {
      IPAM: { Driver: 'default', Config: [{ Subnet: '172.30.5.0/24' }] },
    });
    await cluster.on('h1').createService(service('web', { replicas: 3, publish: PORT, networks: ['shop'] }));
    const tasks = await cluster.whole('web', 3, 30_000);
    expect(new Set(tasks.map((task) => task.NodeID)).size).toBe(3);
  });
});

describe('balancing by IPVS', () => {
  test('the VIP leads from a container to all replicas; IPVS holds them, counts, and nft translates nothing', async () => {
    const tasks = await cluster.running('web');
    const vip = await cluster.vip('web', 'shop');
    const id = await networkId('shop');
    const [task] = tasks;
    const host = task === undefined ? 'h1' : await cluster.hostOf(task);
    const before = (await ipvsOf(host, id)).connections;
    const line = `for i in 1 2 3 4 5 6; do curl -fsS -m 20 http://${vip}/cgi-bin/index.cgi; done`;
    const answers = await shellInNetworkOf(host, pidOf(task), line);
    expect(new Set(answers.match(/host=\S+/g)).size).toBe(3);
    const { services } = await ipvsOf(host, id);
    const mark = Number.parseInt(hexOf(vip), 16) & 0x3fff_ffff;
    expect(services).toEqual([
      {
        name: `FWM ${((0x4000_0000 | mark) >>> 0).toString(16).toUpperCase()}`,
        scheduler: 'rr',
        destinations: expect.any(Array),
      },
    ]);
    expect(services[0]?.destinations.toSorted((a, b) => a.address.localeCompare(b.address))).toEqual(
      tasks
        .map((one) => ({ address: `${addressIn(one, 'shop')}:0`, forward: 'Masq', weight: 1 }))
        .toSorted((a, b) => a.address.localeCompare(b.address)),
    );
    await counted(host, id, before + 6);
    expect(await rulesOf(host, id)).not.toMatch(/dnat ip to/);
  });

  test.each(['h1', 'h2', 'h3'] as const)(
    'the port published on %s leads to all replicas, by IPVS; each sees the outside client',
    async (host) => {
      const id = await networkId('ingress');
      const before = (await ipvsOf(host, id)).connections;
      await everyReplicaAnswers(host, 3);
      const { services } = await ipvsOf(host, id);
      const port = services.find(({ name }) => name.endsWith(`:${hexOf(`${PORT >> 8}.${PORT & 255}`)}`));
      expect(port?.destinations.map(({ address, forward }) => [address.split(':')[1], forward])).toEqual([
        ['80', 'Masq'],
        ['80', 'Masq'],
        ['80', 'Masq'],
      ]);
      await counted(host, id, before + 3);
    },
  );

  test('what somebody changes in the tables by hand is told by `network check`, and mended', async () => {
    const id = await networkId('shop');
    const [task] = await cluster.running('web');
    const host = task === undefined ? 'h1' : await cluster.hostOf(task);
    const before = (await ipvsOf(host, id)).services;
    const [victim] = before[0]?.destinations ?? [];
    const mark = Number.parseInt(before[0]?.name.split(' ')[1] ?? '', 16);
    const damaged = await inNetwork(
      host,
      id,
      [
        `ipvsadm -d -f ${mark} -r ${victim?.address.split(':')[0]}`,
        'ipvsadm -A -t 10.1.2.3:80 -s rr',
        'echo 0 >/proc/sys/net/ipv4/vs/conntrack',
        'ipvsadm -Ln',
      ].join(' && '),
    );
    expect(damaged).toContain('10.1.2.3:80');
    const report = JSON.stringify(await cluster.on(host).call('POST', '/skein/network/check'));
    expect(report).toMatch(/ipvs/);
    await eventually('the tables are as before', 40_000, async () => {
      expect((await ipvsOf(host, id)).services).toEqual(before);
      expect((await inNetwork(host, id, 'cat /proc/sys/net/ipv4/vs/conntrack')).trim()).toBe('1');
      return true;
    });
  });
});

describe('balancing by nftables', () => {
  test('with --balancer nft a machine balances so, between machines that use IPVS', async () => {
    await lab.stop('h2');
    await lab.start('h2', { SKEIN_LAB_FLAGS: '--balancer nft' });
    expect(Object.fromEntries((await infoOf('h2')).DriverStatus)).toMatchObject({ Balancer: 'nft' });
    const id = await networkId('ingress');
    await eventually('nft rules, and no IPVS services', 20_000, async () => {
      expect(await rulesOf('h2', id)).toMatch(/dnat ip to/);
      expect((await ipvsOf('h2', id)).services).toEqual([]);
      return true;
    });
    const before = (await ipvsOf('h2', id)).connections;
    await everyReplicaAnswers('h2', 3);
    await everyReplicaAnswers('h1', 3);
    expect((await ipvsOf('h2', id)).connections).toBe(before);
  });

  test('and without the flag by IPVS again', async () => {
    await lab.stop('h2');
    await lab.start('h2');
    const id = await networkId('ingress');
    await eventually('IPVS services, and no nft rules', 20_000, async () => {
      expect((await ipvsOf('h2', id)).services.length).toBeGreaterThan(0);
      expect(await rulesOf('h2', id)).not.toMatch(/dnat ip to/);
      return true;
    });
    await everyReplicaAnswers('h2', 3);
  });
});

describe('the address of the client, through IPVS', () => {
  clientAddressCases(cluster, unjudged ? ['client', 'h1', 'h2'] : ['client']);
});

describe('an encrypted network', () => {
  wireCases(cluster);
  if (unjudged) {
    lifeCases(cluster);
  }
});

describe.runIf(unjudged)('limits by cgroup v2 and crun', () => {
  test('memory, processes and processor are limited in the container, and the limits hold', async () => {
    const limits = { MemoryBytes: 48 * MIB, Pids: 24, NanoCPUs: 200_000_000 };
    await cluster.on('h1').createService(
      service('small', {
        resources: { Limits: limits },
        shell: 'while :; do :; done',
        placement: { Constraints: ['node.hostname==h3'] },
      }),
    );
    const [task] = await cluster.whole('small', 1, 30_000);
    const pid = pidOf(task);
    const group = (await shell('h3', `sed s/^0::// /proc/${pid}/cgroup`)).trim();
    const read = async (file: string) => (await shell('h3', `cat /sys/fs/cgroup${group}/${file}`)).trim();
    expect(await read('memory.max')).toBe(String(48 * MIB));
    expect(await read('pids.max')).toBe('24');
    expect(await read('cpu.max')).toBe('20000 100000');
    await eventually('it was throttled', 10_000, async () =>
      /nr_throttled [1-9]/.test(await read('cpu.stat')),
    );
    const inGroup = (line: string) =>
      shell(
        'h3',
        `busybox sh -c 'echo 0 >/sys/fs/cgroup${group}/cgroup.procs; ${line}' 2>&1; echo status=$?`,
      );
    expect(await inGroup('for i in $(seq 40); do sleep 5 & done')).toMatch(/can.t fork/);
    expect(await read('pids.events')).toMatch(/max [1-9]/);
    await eventually('room for a process', 10_000, async () => Number(await read('pids.current')) < 12);
    expect(await inGroup('exec busybox tail -c 209715200 /dev/zero >/dev/null')).toMatch(/status=137/);
    expect(await read('memory.events')).toMatch(/oom_kill [1-9]/);
    await cluster.remove('small');
  });
});

describe.runIf(unjudged)('machines come and go', () => {
  test('cut off from the others a machine loses its tasks to them; healed it is one of them again', async () => {
    await lab.cut('h3', 'h1');
    await lab.cut('h3', 'h2');
    const start = performance.now();
    await eventually('h3 is down', 20_000, async () => (await cluster.node('h3'))?.Status.State === 'down');
    measured('machine cut off: seen as down', performance.now() - start);
    const tasks = await cluster.whole('web', 3, 30_000);
    expect(await Promise.all(tasks.map((task) => cluster.hostOf(task)))).not.toContain('h3');
    await everyReplicaAnswers('h1', 3);
    await lab.heal();
    await ready('h3', 'h1');
    await everyReplicaAnswers('h3', 3);
  });

  test('powered off without a word: the others go on, and it comes back with its disk', async () => {
    await lab.kill('h2');
    const start = performance.now();
    await eventually('h2 is down', 20_000, async () => {
      const leader = await cluster.leader('h1');
      return leader !== 'h2' && (await cluster.node('h2', 'h1'))?.Status.State === 'down';
    });
    measured('machine powered off: seen as down', performance.now() - start);
    await cluster.whole('web', 3, 30_000, 'h1');
    await everyReplicaAnswers('h1', 3);
    await everyReplicaAnswers('h3', 3);
    await lab.boot('h2');
    await ready('h2', 'h1');
    await everyReplicaAnswers('h2', 3);
  });

  test('rebooted: a manager and its port are back', async () => {
    await lab.reboot('h1');
    await ready('h1', 'h3');
    await cluster.whole('web', 3, 30_000, 'h3');
    await everyReplicaAnswers('h1', 3);
    for (const host of cluster.hosts) {
      await eventually(`${host} is as planned`, 10_000, async () => {
        const report = JSON.stringify(await cluster.on(host).call('POST', '/skein/network/check'));
        expect(report).not.toMatch(/"Differences":\["/);
        return true;
      });
    }
  });
});
