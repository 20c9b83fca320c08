// Hosts made of namespaces, real packets: tasks reach each other over VXLAN, through VIPs and through the
// mesh from outside, with the caller's address kept. Root only.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ViewService } from '../../../shared/model/view.ts';
import { Fabric, type Host, ask, call, callUdp, identityOf, sh } from './fabric.ts';
import { type TestTask, requestOf, serviceOf, viewOf } from './views.ts';

const root = process.getuid?.() === 0;
const never = new AbortController().signal;
const NET = 'neta00000001';
const INGRESS = 'ingress00001';
const VIP = '10.5.0.2';
const tasks: readonly TestTask[] = [
  { id: 'taska0000001', host: 1, address: '10.5.0.11' },
  { id: 'taskb0000002', host: 2, address: '10.5.0.12' },
  { id: 'taskc0000003', host: 3, address: '10.5.0.13' },
];
const meshTasks = tasks.map((task) => ({ ...task, address: task.address.replace('10.5', '10.4') }));
const ports = [
  { name: '', protocol: 'tcp' as const, target: 80, published: 8080, mode: 'ingress' as const },
  { name: '', protocol: 'udp' as const, target: 80, published: 8080, mode: 'ingress' as const },
];

describe.runIf(root)('three hosts', () => {
  let fabric: Fabric;
  let version = 0;
  const paths: string[] = [];
  const task = (index: number): TestTask => tasks[index] ?? { id: '', host: 0, address: '' };

  /** Sets both views on all hosts and waits until each kernel matches. */
  async function show(
    states: readonly TestTask['state'][] = [],
    some: readonly Host[] = fabric.hosts,
  ): Promise<void> {
    version += 1;
    const withStates = (list: readonly TestTask[]): TestTask[] =>
      list.map((item, index) => ({ ...item, state: states[index] ?? 'serving' }));
    const services: ViewService[] = [serviceOf('web', VIP, withStates(tasks))];
    const mesh: ViewService[] = [serviceOf('web', '10.4.0.2', withStates(meshTasks), { ports })];
    const views = [
      viewOf(fabric.hosts, NET, '10.5.0.0/24', services, { version }),
      viewOf(fabric.hosts, INGRESS, '10.4.0.0/24', mesh, { version, vni: 4096, ingress: true }),
    ];
    await Promise.all(
      some.flatMap((host) =>
        views.map((view) => applied(host, view.networkId, version, () => host.plane.setView(view))),
      ),
    );
  }

  function applied(host: Host, networkId: string, wanted: number, act: () => void): Promise<void> {
    return new Promise((resolve) => {
      const off = host.plane.onApplied((id, seen) => {
        if (id === networkId && seen >= wanted) {
          off();
          resolve();
        }
      });
      act();
    });
  }

  /** Names of those who answer `count` calls. */
  async function whoAnswers(
    namespace: string,
    address: string,
    port: number,
    count = 6,
  ): Promise<Map<string, string>> {
    const seen = new Map<string, string>();
    for (let turn = 0; turn < count; turn += 1) {
      const [name = '', from = ''] = (await call(namespace, address, port)).split(' ');
      seen.set(name, from);
    }
    return seen;
  }

  beforeAll(async () => {
    fabric = new Fabric(3);
    await fabric.start();
    await show();
    for (const [index, item] of tasks.entries()) {
      const networks = [
        [INGRESS, meshTasks[index]?.address ?? ''],
        [NET, item.address],
      ] as const;
      const sandbox = await fabric.host(item.host).plane.attach(requestOf(item.id, networks), never);
      paths.push(sandbox.netnsPath);
      fabric.serve(sandbox.netnsPath, item.id, 80);
    }
    await show();
  });

  afterAll(async () => {
    await fabric.destroy();
  });

  it('lets tasks on different hosts reach each other, and their gateway, and the VIP answers ping', async () => {
    for (const address of [task(1).address, '10.5.0.1', VIP]) {
      const { output } = await ask(paths[0] ?? '', `busybox ping -c1 -W2 ${address}`);
      expect(output).toContain('1 packets received');
    }
    expect(await call(paths[0] ?? '', task(1).address, 80)).toBe(`${task(1).id} ${task(0).address}`);
  });

  it('spreads connections to the VIP over all replicas; each sees the caller, itself its gateway', async () => {
    const seen = await whoAnswers(paths[0] ?? '', VIP, 80);
    expect(Object.fromEntries(seen)).toEqual({
      [task(0).id]: '10.5.0.1',
      [task(1).id]: task(0).address,
      [task(2).id]: task(0).address,
    });
  });

  it.each([1, 2, 3])(
    'leads a published port of host %i to every replica, which sees the outside client',
    async (number) => {
      const seen = await whoAnswers(fabric.client, fabric.host(number).address, 8080);
      expect([...seen.keys()].sort()).toEqual(tasks.map(({ id }) => id));
      expect([...new Set(seen.values())]).toEqual(['10.77.0.250']);
    },
  );

  it('does so for udp', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 1, 2, 3].map((number) => callUdp(fabric.client, fabric.host(number).address, 8080)),
    );
    expect(answers.filter((answer) => answer.endsWith(' 10.77.0.250'))).toHaveLength(6);
  });

  it('reaches a published port from the host itself, by its address, by another host and by 127.0.0.1', async () => {
    const host = fabric.host(1);
    for (const address of [host.address, fabric.host(2).address, '127.0.0.1']) {
      const seen = await whoAnswers(host.namespace, address, 8080, 3);
      expect([address, [...seen.keys()].sort()]).toEqual([address, tasks.map(({ id }) => id)]);
    }
  });

  it('reaches a published port from inside a task', async () => {
    const seen = await whoAnswers(paths[0] ?? '', fabric.host(1).address, 8080, 3);
    expect([...seen.keys()].sort()).toEqual(tasks.map(({ id }) => id));
  });

  it('lets tasks out with the address of their host', async () => {
    fabric.serve(fabric.client, 'client', 9000);
    expect(await call(paths[1] ?? '', '10.77.0.250', 9000)).toBe('client 10.77.0.2');
  });

  it('gives draining replicas no new connections, and refuses at once when none is left', async () => {
    await show(['draining', 'serving', 'draining']);
    expect([...(await whoAnswers(paths[0] ?? '', VIP, 80)).keys()]).toEqual([task(1).id]);
    expect([...(await whoAnswers(fabric.client, fabric.host(3).address, 8080)).keys()]).toEqual([task(1).id]);
    await show(['draining', 'draining', 'draining']);
    expect(await call(paths[0] ?? '', VIP, 80)).toBe('ECONNREFUSED');
    expect(await call(fabric.client, fabric.host(3).address, 8080)).toBe('ECONNREFUSED');
    expect(await callUdp(paths[0] ?? '', VIP, 80)).toBe('ECONNREFUSED');
    await show();
  });

  it('path MTU: a datagram too large for the overlay is told so, and the next arrives', async () => {
    for (const number of [1, 2, 3]) {
      // Whichever replica is chosen: at most one in three is on the host that was asked.
      const answers = await Promise.all(
        [1, 2, 3].map(() => callUdp(fabric.client, fabric.host(number).address, 8080, 3_000, 1_472)),
      );
      expect(answers.map((answer) => answer.split(' ')[1])).toEqual(Array(3).fill('10.77.0.250'));
    }
    expect(sh(fabric.client, 'ip route get 10.77.0.1')).toContain('mtu 1450');
  });

  it.each([1400, 9000])('follows an underlay of MTU %i, and large packets pass', async (mtu) => {
    for (const { namespace } of fabric.hosts) {
      sh(namespace, `ip link set eth0 mtu ${mtu}`);
    }
    fabric.setUnderlayMtu(mtu);
    await show();
    const inside = paths[0] ?? '';
    expect(sh(inside, 'ip link show eth0')).toContain(`mtu ${mtu - 50}`);
    const largest = mtu - 50 - 28;
    expect((await ask(inside, `ping -c 1 -W 2 -M do -s ${largest} ${task(1).address}`)).ok).toBe(true);
    expect((await ask(inside, `ping -c 1 -W 2 -M do -s ${largest + 1} ${task(1).address}`)).ok).toBe(false);
    expect(sh(fabric.host(1).namespace, `ip link show sk-${INGRESS}`)).toContain(`mtu ${mtu}`);
    expect(await call(fabric.client, fabric.host(2).address, 8080)).toContain('10.77.0.250');
  });

  it('answers names inside the task', async () => {
    expect((await ask(paths[1] ?? '', 'busybox nslookup web 127.0.0.11')).output).toContain(VIP);
    const { output } = await ask(paths[1] ?? '', 'busybox nslookup tasks.web 127.0.0.11');
    for (const { address } of tasks) {
      expect(output).toContain(address);
    }
  });

  it('mends what somebody changed by hand', async () => {
    const host = fabric.host(1);
    const inside = join(host.execRoot, 'netns', `net-${NET}`);
    expect(await host.plane.check()).toEqual({});
    sh(
      inside,
      'ip route del 10.5.0.12/32 && ip neigh del 169.254.0.2 dev vxlan0 && ip route add 10.5.0.99/32 dev up proto 83',
    );
    sh(inside, 'nft flush chain inet skein source');
    const found = await host.plane.check();
    expect(found[NET]?.join('\n')).toContain('route unicast 10.5.0.12/32');
    expect(found[NET]).toContain('change table inet skein');
    expect(await host.plane.check()).toEqual({});
    expect([...(await whoAnswers(paths[0] ?? '', VIP, 80)).keys()].sort()).toEqual(tasks.map(({ id }) => id));
    sh(inside, 'ip link del vxlan0');
    await host.plane.check();
    expect(await call(paths[0] ?? '', task(1).address, 80)).toBe(`${task(1).id} ${task(0).address}`);
  });

  it('takes everything up after a restart, changing nothing', async () => {
    const host = fabric.host(2);
    const inside = join(host.execRoot, 'netns', `net-${NET}`);
    const before = sh(inside, 'ip -d addr; ip route; nft -a list ruleset');
    // Without the host's own link-local addresses, which may still be tentative.
    const hostBefore = sh(host.namespace, 'ip -4 addr; nft -a list ruleset');
    await host.plane.stop();
    host.plane = fabric.makePlane(host.namespace, host.execRoot);
    await host.plane.start();
    const networks = [
      [INGRESS, meshTasks[1]?.address ?? ''],
      [NET, task(1).address],
    ] as const;
    await host.plane.readopt([requestOf(task(1).id, networks)]);
    host.plane.setIdentity(identityOf(host));
    await show();
    expect(sh(inside, 'ip -d addr; ip route; nft -a list ruleset')).toBe(before);
    expect(sh(host.namespace, 'ip -4 addr; nft -a list ruleset')).toBe(hostBefore);
    expect((await ask(paths[1] ?? '', 'busybox nslookup web 127.0.0.11')).output).toContain(VIP);
    expect(await call(fabric.client, host.address, 8080)).toContain('10.77.0.250');
  });

  it('a host without a replica leads callers on while its daemon is away, and after', async () => {
    const host = fabric.host(2);
    await show(['serving', 'draining', 'serving']);
    await host.plane.detach(task(1).id);
    await host.plane.check();
    const inside = join(host.execRoot, 'netns', `net-${INGRESS}`);
    const before = sh(inside, 'ip -d addr; ip route; nft -a list ruleset');
    await host.plane.stop();
    host.plane = fabric.makePlane(host.namespace, host.execRoot);
    await host.plane.start();
    await host.plane.readopt([]);
    expect(sh(inside, 'ip -d addr; ip route; nft -a list ruleset')).toBe(before);
    expect(await call(fabric.client, host.address, 8080)).toContain('10.77.0.250');
    // Nothing was said of the other network: the managers' full set has only this one now.
    host.plane.setIdentity(identityOf(host));
    await host.plane.retainViews(new Set([INGRESS]));
    expect(readdirSync(join(host.execRoot, 'netns'))).toEqual([`net-${INGRESS}`]);
  });

  it('leaves nothing behind when a task and its networks go', async () => {
    const host = fabric.host(3);
    await host.plane.detach(task(2).id);
    host.plane.removeView(NET);
    host.plane.removeView(INGRESS);
    await host.plane.destroyAll();
    expect(readdirSync(join(host.execRoot, 'netns'))).toEqual([]);
    expect(existsSync(join(host.execRoot, 'network'))).toBe(false);
    expect(sh(host.namespace, 'ip -br link; nft list ruleset')).not.toMatch(/sk-|skein/);
    expect(existsSync(paths[2] ?? '')).toBe(false);
  });
});
