// One host: tasks without overlays, host-mode ports, internal networks, networks that come and go, and
// what it costs to attach a task. Root only.
import { createSocket } from 'node:dgram';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { connectSocket, openSocket } from '../../kernel/socket.ts';
import { LinuxNetworkPlane } from '../plane.ts';
import { Fabric, ask, call, callUdp, sh } from './fabric.ts';
import { type TestTask, requestOf, serviceOf, viewOf } from './views.ts';

const root = process.getuid?.() === 0;
const never = new AbortController().signal;
const NET = 'netn00000001';
const port = (published: number, protocol: 'tcp' | 'udp' = 'tcp') => ({
  ...{ name: '', protocol, target: 80, published, mode: 'host' as const },
});

describe.runIf(root)('one host', () => {
  let fabric: Fabric;
  let plane: LinuxNetworkPlane;

  beforeAll(async () => {
    fabric = new Fabric(1);
    await fabric.start();
    plane = fabric.host(1).plane;
    fabric.serve(fabric.client, 'client', 9000);
  });

  afterAll(async () => {
    await fabric.destroy();
  });

  it('gives a task without networks an address, a way out and a name server', async () => {
    const sandbox = await plane.attach(requestOf('lone00000001', []), never);
    expect(sh(sandbox.netnsPath, 'ip -br -4 addr show eth0')).toMatch(/198\.19\.0\.2\/16/);
    expect(await call(sandbox.netnsPath, '10.77.0.250', 9000)).toBe('client 10.77.0.1');
    expect(sandbox.resolvConf).toContain('nameserver 127.0.0.11');
    expect(sandbox.hostsLines).toEqual([
      '198.19.0.2\tlone00000001 task.lone00000001',
      'fd73:6b65:696e:1::2\tlone00000001 task.lone00000001',
    ]);
    sh(fabric.client, 'ip address add fd00:77::fa/64 dev eth0 nodad');
    sh(fabric.host(1).namespace, 'ip address add fd00:77::1/64 dev eth0 nodad');
    fabric.serve6(fabric.client, 'client', 9006);
    expect(await call(sandbox.netnsPath, 'fd00:77::fa', 9006)).toBe('client fd00:77::1');
    expect(await plane.attach(requestOf('lone00000001', []), never)).toBe(sandbox);
    await plane.detach('lone00000001');
    await plane.detach('lone00000001');
  });

  it('leaves a task on the host network in the host, with its name servers', async () => {
    const sandbox = await plane.attach(requestOf('hostnet00001', [['host', '']]), never);
    expect(sandbox).toMatchObject({ netnsPath: '', hostsLines: [] });
    expect(sandbox.resolvConf).not.toContain('127.0.0.11');
    await plane.detach('hostnet00001');
  });

  it('gives a task on the network none a loopback and nothing else', async () => {
    const sandbox = await plane.attach(requestOf('nonet0000001', [['none', '']]), never);
    expect(sh(sandbox.netnsPath, 'ip -br link').trim().split('\n')).toEqual([
      expect.stringMatching(/^lo\s+UNKNOWN/),
    ]);
    await plane.detach('nonet0000001');
  });

  it('takes a container again at once while the namespace of its last run is still ending', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { netnsPath } = await plane.attach(requestOf('again0000001', []), never);
      // A descriptor keeps the namespace, and with it the link, for as long as the test likes.
      const held = openSync(netnsPath, 'r');
      await plane.detach('again0000001');
      const sandbox = await plane.attach(requestOf('again0000001', []), never);
      expect(await call(sandbox.netnsPath, '10.77.0.250', 9000)).toBe('client 10.77.0.1');
      await plane.detach('again0000001');
      closeSync(held);
    }
  });

  it('takes the network bridge as the way out', async () => {
    const sandbox = await plane.attach(requestOf('bridge000001', [['bridge', '']]), never);
    expect(sh(sandbox.netnsPath, 'ip -br -4 addr show eth0')).toMatch(/198\.19\.0\.\d+\/16/);
    await plane.detach('bridge000001');
  });

  it('binds host-mode ports, finds free ones, keeps the client address and refuses taken ones', async () => {
    const ports = [port(8081), port(8081, 'udp'), port(0)];
    const sandbox = await plane.attach(requestOf('port00000001', [], { hostPorts: ports }), never);
    fabric.serve(sandbox.netnsPath, 'port', 80);
    const host = fabric.host(1);
    expect(await call(fabric.client, host.address, 8081)).toBe('port 10.77.0.250');
    expect(await callUdp(fabric.client, host.address, 8081)).toBe('port 10.77.0.250');
    expect(await call(fabric.client, host.address, sandbox.ports[2]?.published ?? 0)).toBe(
      'port 10.77.0.250',
    );
    expect(await call(host.namespace, '127.0.0.1', 8081)).toContain('port');
    const again = plane.attach(requestOf('port00000002', [], { hostPorts: [port(8081)] }), never);
    await expect(again).rejects.toMatchObject({ code: 'host-port-taken' });
    const listener = openSocket(host.namespace, 'tcp', '0.0.0.0', 8090);
    const third = plane.attach(requestOf('port00000003', [], { hostPorts: [port(8090)] }), never);
    await expect(third).rejects.toThrow('a process of the host');
    closeSync(listener);
    await plane.detach('port00000001');
    expect(await call(fabric.client, host.address, 8081)).toBe('ECONNREFUSED');
  });

  it('keeps a connection over drain and restart of the daemon', async () => {
    const task: TestTask = { id: 'conn00000001', host: 1, address: '10.6.0.10' };
    const client: TestTask = { id: 'conn00000002', host: 1, address: '10.6.0.11' };
    const network = 'netc00000001';
    const view = (state: TestTask['state'], version: number) =>
      viewOf(
        fabric.hosts,
        network,
        '10.6.0.0/24',
        [serviceOf('web', '10.6.0.2', [{ ...task, state: state ?? 'serving' }])],
        { version, vni: 4098 },
      );
    plane.setView(view('serving', 1));
    const requests = [
      requestOf(task.id, [[network, task.address]]),
      requestOf(client.id, [[network, client.address]]),
    ];
    const [server, caller] = await Promise.all(requests.map((request) => plane.attach(request, never)));
    const echo = createServer((socket) => socket.pipe(socket));
    echo.listen({ fd: openSocket(server?.netnsPath ?? '', 'tcp', '0.0.0.0', 7) });
    const socket = new Socket({ fd: connectSocket(caller?.netnsPath ?? '', '10.6.0.2', 7) });
    const say = (text: string): Promise<string> =>
      new Promise((resolve) => {
        socket.once('data', (data) => resolve(String(data)));
        socket.write(text);
      });
    expect(await say('one')).toBe('one');
    plane.setView(view('draining', 2));
    await applied(plane, network, 2);
    expect(await say('two')).toBe('two');
    expect(await call(caller?.netnsPath ?? '', '10.6.0.2', 7)).toBe('ECONNREFUSED');
    const host = fabric.host(1);
    await plane.stop();
    expect(await say('three')).toBe('three');
    plane = fabric.makePlane(host.namespace, host.execRoot);
    host.plane = plane;
    plane.setIdentity({ nodeId: 'h1', overlayIndex: 1, vtepAddress: host.address, dataPathPort: 4789 });
    await plane.start();
    await plane.readopt(requests);
    plane.setView(view('serving', 3));
    await applied(plane, network, 3);
    expect(await say('four')).toBe('four');
    // The endpoint is gone for good: the connection ends at its next packet instead of hanging.
    plane.setView(
      viewOf(fabric.hosts, network, '10.6.0.0/24', [serviceOf('web', '10.6.0.2', [])], {
        version: 4,
        vni: 4098,
      }),
    );
    await applied(plane, network, 4);
    const failure = new Promise((resolve) => socket.once('error', resolve));
    socket.write('five');
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
    // The same when it went while no daemon looked.
    plane.setView(view('serving', 5));
    await applied(plane, network, 5);
    const second = new Socket({ fd: connectSocket(caller?.netnsPath ?? '', '10.6.0.2', 7) });
    await new Promise((resolve) => {
      second.once('data', resolve);
      second.write('six');
    });
    await plane.stop();
    plane = fabric.makePlane(host.namespace, host.execRoot);
    host.plane = plane;
    plane.setIdentity({ nodeId: 'h1', overlayIndex: 1, vtepAddress: host.address, dataPathPort: 4789 });
    await plane.start();
    await plane.readopt(requests);
    plane.setView(
      viewOf(fabric.hosts, network, '10.6.0.0/24', [serviceOf('web', '10.6.0.2', [])], {
        version: 6,
        vni: 4098,
      }),
    );
    await applied(plane, network, 6);
    const end = new Promise((resolve) => second.once('error', resolve));
    second.write('seven');
    expect(await end).toMatchObject({ code: 'ECONNRESET' });
    socket.destroy();
    echo.close();
    await plane.detach(task.id);
    await plane.detach(client.id);
    plane.removeView(network);
  });

  it('lets nobody out of an internal network, and refuses host ports there', async () => {
    const network = 'neti00000001';
    const view = viewOf(fabric.hosts, network, '10.7.0.0/24', [], { internal: true, vni: 4099 });
    plane.setView(view);
    const sandbox = await plane.attach(requestOf('intl00000001', [[network, '10.7.0.5']]), never);
    expect(await call(sandbox.netnsPath, '10.77.0.250', 9000)).toBe('ENETUNREACH');
    expect(sh(sandbox.netnsPath, 'ip route')).not.toContain('default');
    await expect(
      plane.attach(requestOf('intl00000002', [[network, '10.7.0.6']], { hostPorts: [port(8095)] }), never),
    ).rejects.toMatchObject({ code: 'host-port-internal' });
    await expect(
      plane.attach(requestOf('intl00000003', [[network, '10.9.0.6']]), never),
    ).rejects.toMatchObject({
      code: 'address-outside',
    });
    await plane.detach('intl00000001');
    plane.removeView(network);
    plane.setView(view);
    const again = await plane.attach(requestOf('intl00000004', [[network, '10.7.0.5']]), never);
    expect((await ask(again.netnsPath, 'busybox ping -c1 -W1 10.7.0.1')).ok).toBe(true);
  });

  it('a task that opens connections without end fills its own share; its neighbour goes on', async () => {
    const network = 'netf00000001';
    plane.setView(viewOf(fabric.hosts, network, '10.8.0.0/24', [], { vni: 4101 }));
    const flooder = await plane.attach(requestOf('flud00000001', [[network, '10.8.0.5']]), never);
    const neighbour = await plane.attach(requestOf('flud00000002', [[network, '10.8.0.6']]), never);
    const inside = join(fabric.host(1).execRoot, 'netns', `net-${network}`);
    const limits = () => sh(inside, 'nft list table inet skein');
    await expect.poll(limits).toMatch(/chain t-flud00000001 \{\n\t\tct count over 65536 drop/);
    // A share of 65,536 takes long to fill: the same rule with a smaller one.
    sh(
      inside,
      'nft flush chain inet skein t-flud00000001; nft add rule inet skein t-flud00000001 ct count over 200 drop',
    );
    const udp = createSocket('udp4');
    udp.bind({ fd: openSocket(flooder.netnsPath, 'udp', '0.0.0.0', 0) });
    for (let port = 1; port <= 1_000; port += 1) {
      await new Promise((sent) => udp.send('x', 20_000 + port, '10.77.0.250', sent));
    }
    udp.close();
    const tracked = Number(sh(inside, 'cat /proc/sys/net/netfilter/nf_conntrack_count'));
    expect(tracked).toBeGreaterThanOrEqual(190);
    expect(tracked).toBeLessThanOrEqual(260);
    expect(await call(flooder.netnsPath, '10.77.0.250', 9000, 500)).toBe('timeout');
    expect(await call(neighbour.netnsPath, '10.77.0.250', 9000)).toBe('client 10.77.0.1');
    await plane.detach('flud00000001');
    await plane.detach('flud00000002');
    plane.removeView(network);
  });

  it('gives up waiting for a view when told to', async () => {
    const abort = new AbortController();
    const attempt = plane.attach(requestOf('late00000001', [['nothing00001', '10.8.0.5']]), abort.signal);
    abort.abort(new Error('task was stopped'));
    await expect(attempt).rejects.toThrow('task was stopped');
  });

  it('applies the sysctls of the task in its namespace only', async () => {
    const sysctls = { 'net.ipv4.tcp_keepalive_time': '77', 'kernel.shm_rmid_forced': '1' };
    const sandbox = await plane.attach(requestOf('sysc00000001', [], { sysctls }), never);
    expect(sh(sandbox.netnsPath, 'cat /proc/sys/net/ipv4/tcp_keepalive_time').trim()).toBe('77');
    expect(readFileSync('/proc/sys/net/ipv4/tcp_keepalive_time', 'utf8').trim()).not.toBe('77');
    await plane.detach('sysc00000001');
  });

  it('attaches fifty tasks in little time', async () => {
    const tasks = Array.from({ length: 50 }, (_, index) => ({
      ...{ id: `fast${String(index).padStart(8, '0')}`, host: 1, address: `10.5.1.${index + 10}` },
      state: 'starting' as const,
    }));
    const view = (state: TestTask['state'], version: number) =>
      viewOf(
        fabric.hosts,
        NET,
        '10.5.1.0/24',
        [
          serviceOf(
            'many',
            '10.5.1.2',
            tasks.map((task) => ({ ...task, state: state ?? 'starting' })),
          ),
        ],
        { version, vni: 4100 },
      );
    plane.setView(view('starting', 1));
    await applied(plane, NET, 1);
    const began = systemClock.monotonic();
    for (const task of tasks) {
      await plane.attach(requestOf(task.id, [[NET, task.address]]), never);
    }
    const attachMs = (systemClock.monotonic() - began) / tasks.length;
    const before = systemClock.monotonic();
    plane.setView(view('serving', 2));
    await applied(plane, NET, 2);
    const viewMs = systemClock.monotonic() - before;
    process.stderr.write(
      `attach ${attachMs.toFixed(2)} ms a task, view of 50 endpoints ${viewMs.toFixed(2)} ms\n`,
    );
    expect(attachMs).toBeLessThan(30);
    expect(await plane.check()).toEqual({});
    for (const task of tasks) {
      await plane.detach(task.id);
    }
    expect(sh(join(fabric.host(1).execRoot, 'netns', `net-${NET}`), 'ip route')).not.toMatch(/dev t-/);
  });

  it('says so when a balancer is not in the kernel', () => {
    const host = fabric.host(1);
    const make = (): LinuxNetworkPlane =>
      new LinuxNetworkPlane(
        { clock: systemClock, log: silentLogger },
        { execRoot: host.execRoot, hostNamespace: host.namespace, balancer: 'ipvs' },
      );
    if (readFileSync('/proc/filesystems', 'utf8') !== '' && plane.balancer === 'nft') {
      expect(make).toThrow('IPVS');
    }
  });
});

function applied(plane: LinuxNetworkPlane, networkId: string, version: number): Promise<void> {
  return new Promise((resolve) => {
    const off = plane.onApplied((id, seen) => {
      if (id === networkId && seen >= version) {
        off();
        resolve();
      }
    });
  });
}
