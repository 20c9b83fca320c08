// Tunnels on the underlays there are: by IPv6, on another port, too small for IPv6, without a way to a peer,
// and with the port taken. Root only.
import { closeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSocket } from '../../kernel/socket.ts';
import { Fabric, ask, call, identityOf, sh } from './fabric.ts';
import { type TestTask, requestOf, serviceOf, viewOf } from './views.ts';

const root = process.getuid?.() === 0;
const never = new AbortController().signal;
const NET = 'nettun000001';
const SIX = { subnet: 'fd00:9::/64', gateway: 'fd00:9::1' };
const tasks: readonly TestTask[] = [
  { id: 'taskt0000001', host: 1, address: '10.9.0.11' },
  { id: 'taskt0000002', host: 2, address: '10.9.0.12' },
];

describe.runIf(root)('tunnels', () => {
  let fabric: Fabric;

  beforeEach(() => {
    fabric = new Fabric(2);
  });
  afterEach(() => fabric.destroy());

  function view(addressOf: (index: number) => string, more = {}) {
    const hosts = fabric.hosts.map((host) => ({ ...host, address: addressOf(host.index) }));
    return viewOf(hosts, NET, '10.9.0.0/24', [serviceOf('web', '10.9.0.2', tasks)], { vni: 4107, ...more });
  }

  /** A task on each host, each with a server; the namespaces of the tasks. */
  async function attachAll(network: ReturnType<typeof view>): Promise<string[]> {
    const paths: string[] = [];
    for (const task of tasks) {
      const { plane } = fabric.host(task.host);
      plane.setView(network);
      const { netnsPath } = await plane.attach(requestOf(task.id, [[NET, task.address]]), never);
      fabric.serve(netnsPath, task.id, 80);
      paths.push(netnsPath);
    }
    return paths;
  }

  it('on IPv6 and another port: nothing differs from the plan, and large packets pass', async () => {
    const addressOf = (index: number): string => `fd00:77:0::${index}`;
    for (const host of fabric.hosts) {
      sh(host.namespace, `ip address add ${addressOf(host.index)}/64 dev eth0 nodad`);
      await host.plane.start();
      const identity = { ...identityOf(host), vtepAddress: addressOf(host.index), dataPathPort: 4790 };
      host.plane.setIdentity(identity);
    }
    const [one = '', two = ''] = await attachAll(view(addressOf));
    expect(await call(one, '10.9.0.12', 80)).toBe('taskt0000002 10.9.0.11');
    expect(await call(two, '10.9.0.11', 80)).toBe('taskt0000001 10.9.0.12');
    expect((await ask(one, 'ping -c 1 -W 2 -M do -s 1402 10.9.0.12')).ok).toBe(true);
    expect((await ask(one, 'ping -c 1 -W 2 -M do -s 1403 10.9.0.12')).ok).toBe(false);
    for (const { plane } of fabric.hosts) {
      expect(await plane.check()).toEqual({});
      expect((await plane.report()).flatMap(({ problems }) => problems)).toEqual([]);
    }
  });

  it('too small for IPv6: IPv4 goes on, the report says so, and IPv6 comes back with the space', async () => {
    fabric.setUnderlayMtu(1300);
    for (const host of fabric.hosts) {
      sh(host.namespace, 'ip link set eth0 mtu 1300');
    }
    await fabric.start();
    const network = view((index) => fabric.host(index).address, {
      subnets: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1' }, SIX],
    });
    const [one = ''] = await attachAll(network);
    expect(await call(one, '10.9.0.12', 80)).toContain('taskt0000002');
    const { plane, namespace } = fabric.host(1);
    const problems = async () => (await plane.report()).flatMap((report) => report.problems);
    expect(await problems()).toEqual([
      'no IPv6 here: packets of 1250 bytes fit the overlay, IPv6 needs 1280',
    ]);
    sh(namespace, 'ip link set eth0 mtu 1500');
    await plane.check();
    expect(await problems()).toEqual([]);
    expect(sh(`${fabric.host(1).execRoot}/netns/net-${NET}`, 'ip -6 address show dev lo')).toContain(
      'fd00:9::1',
    );
  });

  it('without a route to a peer: the report names it', async () => {
    await fabric.start();
    const { plane } = fabric.host(1);
    plane.setView(view((index) => (index === 2 ? '203.0.113.2' : fabric.host(1).address)));
    const told = (await plane.report()).flatMap(({ problems }) => problems);
    expect(told).toEqual(['no route to 203.0.113.2, the data path address of node h2']);
  });

  it('the port taken: told with the port; when it is free, all is well', async () => {
    await fabric.start();
    const { plane, namespace } = fabric.host(1);
    const taken = openSocket(namespace, 'udp', '0.0.0.0', 4789);
    plane.setView(view((index) => fabric.host(index).address));
    await expect(plane.check()).rejects.toMatchObject({
      code: 'data-path-port-taken',
      message: expect.stringMatching(/^UDP port 4789 of this host is in use/),
    });
    closeSync(taken);
    await plane.check();
    expect(await plane.check()).toEqual({});
  });
});
