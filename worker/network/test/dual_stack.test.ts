// A network with IPv4 and IPv6 on two hosts (the underlay is IPv4): tasks reach each other and the VIP by
// either, names have AAAA, a task reaches itself through its own VIP, and nothing drifts. Root only.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fabric, ask, call, identityOf, sh } from './fabric.ts';
import { type TestTask, requestOf, serviceOf, viewOf } from './views.ts';

const root = process.getuid?.() === 0;
const never = new AbortController().signal;
const NET = 'netsix000001';
const VIP = '10.9.0.2';
const VIP6 = 'fd00:9::2';
const tasks: readonly TestTask[] = [
  { id: 'taskd0000001', host: 1, address: '10.9.0.11' },
  { id: 'taske0000002', host: 2, address: '10.9.0.12' },
];
const six = (task: TestTask | undefined): string => `fd00:9::${task?.address.split('.')[3] ?? ''}`;

describe.runIf(root)('a network with IPv6', () => {
  let fabric: Fabric;
  let version = 0;
  const paths: string[] = [];

  function view(states: readonly TestTask['state'][] = []) {
    version += 1;
    const service = serviceOf('web', VIP, tasks);
    const endpoints = service.endpoints.map((endpoint, index) => ({
      ...endpoint,
      addresses: [...endpoint.addresses, six(tasks[index])],
      state: states[index] ?? ('serving' as const),
    }));
    const subnets = [
      { subnet: '10.9.0.0/24', gateway: '10.9.0.1' },
      { subnet: 'fd00:9::/64', gateway: 'fd00:9::1' },
    ];
    const services = [{ ...service, virtualIps: [VIP, VIP6], endpoints }];
    return viewOf(fabric.hosts, NET, '10.9.0.0/24', services, { version, vni: 4105, subnets });
  }

  async function show(states?: readonly TestTask['state'][]): Promise<void> {
    const next = view(states);
    await Promise.all(
      fabric.hosts.map(
        ({ plane }) =>
          new Promise<void>((resolve) => {
            const off = plane.onApplied((id, seen) => {
              if (id === NET && seen >= next.version) {
                off();
                resolve();
              }
            });
            plane.setView(next);
          }),
      ),
    );
  }

  beforeAll(async () => {
    fabric = new Fabric(2);
    await fabric.start();
    await show();
    for (const task of tasks) {
      const { plane } = fabric.host(task.host);
      const networks = [
        { networkId: NET, addresses: [`${task.address}/24`, `${six(task)}/64`], aliases: [] },
      ];
      const sandbox = await plane.attach(requestOf(task.id, [], { networks }), never);
      paths.push(sandbox.netnsPath);
      expect(sandbox.hostsLines.map((line) => line.split('\t')[0])).toEqual([task.address, six(task)]);
      fabric.serve6(sandbox.netnsPath, task.id, 80);
    }
    await show();
  });

  afterAll(async () => {
    await fabric.destroy();
  });

  it('tasks on two hosts reach each other by both families', async () => {
    const inside = paths[0] ?? '';
    expect(await call(inside, six(tasks[1]), 80)).toBe(`${tasks[1]?.id} ${six(tasks[0])}`);
    expect(await call(inside, tasks[1]?.address ?? '', 80)).toContain(tasks[1]?.id);
    expect((await ask(inside, `ping -6 -c 1 -W 2 ${six(tasks[1])}`)).ok).toBe(true);
    expect((await ask(inside, 'ping -6 -c 1 -W 2 fd00:9::1')).ok).toBe(true);
  });

  it('the VIP leads to every replica by both families, to oneself too', async () => {
    for (const vip of [VIP6, VIP]) {
      const seen = new Set<string>();
      for (let turn = 0; turn < 4; turn += 1) {
        seen.add((await call(paths[0] ?? '', vip, 80)).split(' ')[0] ?? '');
      }
      expect([...seen].toSorted()).toEqual(tasks.map(({ id }) => id));
    }
    expect((await ask(paths[0] ?? '', `ping -6 -c 1 -W 2 ${VIP6}`)).ok).toBe(true);
  });

  it('a draining replica gets no new connections by either', async () => {
    await show(['serving', 'draining']);
    for (let turn = 0; turn < 4; turn += 1) {
      expect(await call(paths[0] ?? '', VIP6, 80)).toContain(tasks[0]?.id);
    }
    await show();
  });

  it('an address that nobody holds, and one outside, are refused at once', async () => {
    const start = performance.now();
    expect(await call(paths[0] ?? '', 'fd00:9::77', 80)).toMatch(/^E(?:HOST|NET)UNREACH$/);
    expect(await call(paths[0] ?? '', '2001:db8::1', 80)).toBe('ENETUNREACH');
    // A socket that is still in its call to connect hears the second refusal only, a second later.
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it('names have AAAA records and addresses have names', async () => {
    const look = async (words: string) =>
      (await ask(paths[0] ?? '', `busybox nslookup ${words} 127.0.0.11`)).output;
    expect(await look('-type=aaaa web')).toContain(VIP6);
    expect(await look('-type=aaaa tasks.web')).toContain(six(tasks[1]));
    expect(await look('-type=a web')).toContain(VIP);
    expect(await look(six(tasks[1]))).toContain(`web.2.${tasks[1]?.id}`);
  });

  it('on a kernel without IPv6 all goes on by IPv4', async () => {
    const other = new Fabric(1, 'nft', { ipv6: false });
    try {
      await other.start();
      const { plane } = other.host(1);
      plane.setView(view(['serving', 'draining']));
      const networks = [{ networkId: NET, addresses: ['10.9.0.11/24', 'fd00:9::11/64'], aliases: [] }];
      const { netnsPath, hostsLines } = await plane.attach(
        requestOf('taskd0000001', [], { networks }),
        never,
      );
      expect(hostsLines).toHaveLength(1);
      expect(sh(netnsPath, 'ip -6 address')).not.toContain('fd00:9');
      other.serve(netnsPath, 'four', 80);
      await plane.check();
      expect(await call(netnsPath, VIP, 80)).toMatch(/^four/);
      expect((await ask(netnsPath, 'busybox nslookup -type=aaaa web 127.0.0.11')).output).not.toContain(
        'fd00',
      );
      expect(await plane.check()).toEqual({});
    } finally {
      await other.destroy();
    }
  });

  it('nothing differs from the plan, what is damaged is mended, and a restart changes nothing', async () => {
    const host = fabric.host(1);
    expect(await host.plane.check()).toEqual({});
    const inside = join(host.execRoot, 'netns', `net-${NET}`);
    sh(inside, `ip -6 route del ${six(tasks[1])} && ip -6 addr del ${VIP6}/128 dev lo`);
    sh(
      inside,
      'ip -6 route add fd00:9::99 via fe80::736b:2 dev vxlan0 && ip -6 neigh del fe80::736b:2 dev vxlan0',
    );
    const found = (await host.plane.check())[NET]?.join('\n') ?? '';
    for (const told of [six(tasks[1]), VIP6, 'remove route unicast fd00:9::99', 'neighbour fe80::736b:2']) {
      expect(found).toContain(told);
    }
    expect(await host.plane.check()).toEqual({});
    const state = () =>
      sh(inside, 'ip -d addr; ip -6 route; ip -6 neigh show nud permanent; nft -a list ruleset');
    const before = state();
    await host.plane.stop();
    host.plane = fabric.makePlane(host.namespace, host.execRoot);
    await host.plane.start();
    const networks = [
      { networkId: NET, addresses: [`${tasks[0]?.address}/24`, `${six(tasks[0])}/64`], aliases: [] },
    ];
    await host.plane.readopt([requestOf(tasks[0]?.id ?? '', [], { networks })]);
    host.plane.setIdentity(identityOf(host));
    await show();
    expect(state()).toBe(before);
    expect(await call(paths[0] ?? '', VIP6, 80)).toContain('task');
  });
});
