// What somebody changes by hand in the kernel is mended: at the next change of the view, at the comparison
// every 30 s, and after a restart of the daemon. One row a kind of entry. Root only.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../../shared/clock.ts';
import { systemClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { LinuxNetworkPlane } from '../plane.ts';
import { Fabric, identityOf, sh } from './fabric.ts';
import { requestOf, serviceOf, viewOf } from './views.ts';

const root = process.getuid?.() === 0;
const never = new AbortController().signal;
const NET = 'ingressdrift';
const LOCAL = { id: 'taskl0000001', host: 1, address: '10.8.0.11' };
const REMOTE = { id: 'taskr0000002', host: 2, address: '10.8.0.12' };
const PEER = { name: 'h2', index: 2, address: '10.77.0.2' };
const PORTS = [{ name: '', protocol: 'tcp' as const, target: 80, published: 8088, mode: 'ingress' as const }];

/** What somebody does, and a word of the difference that must be told. */
const DAMAGE: readonly (readonly [what: string, command: string, told: string])[] = [
  ['VXLAN device removed', 'ip link del vxlan0', 'put link vxlan0'],
  ['uplink removed', 'ip link del dev up', 'put link up'],
  ['link of a task removed', `ip link del t-${LOCAL.id}`, `put link t-${LOCAL.id}`],
  ['link set down', 'ip link set vxlan0 down', 'put route unicast 10.8.0.12/32'],
  ['link added', 'ip link add stray0 type bridge', 'remove link stray0'],
  ['gateway address removed', 'ip addr del 10.8.0.1/32 dev lo', 'put address 10.8.0.1/32'],
  ['address added', 'ip addr add 10.8.0.77/32 dev lo', 'remove address 10.8.0.77/32'],
  ['route of a local task removed', 'ip route del 10.8.0.11', 'put route unicast 10.8.0.11/32'],
  [
    'route of a peer turned',
    'ip route replace 10.8.0.12 via 169.254.0.9 dev vxlan0 onlink',
    'put route unicast 10.8.0.12/32',
  ],
  [
    'route added',
    'ip route add 10.8.0.99 via 169.254.0.2 dev vxlan0 onlink',
    'remove route unicast 10.8.0.99/32',
  ],
  [
    'route added with a metric',
    'ip route add blackhole 10.8.0.12 metric 7',
    'remove route unreachable 10.8.0.12/32',
  ],
  ['way back removed', 'ip route flush table 100002', 'table 100002'],
  ['neighbour removed', 'ip neigh del 169.254.0.2 dev vxlan0', 'put neighbour 169.254.0.2'],
  [
    'neighbour turned',
    'ip neigh replace 169.254.0.2 lladdr 02:00:00:00:00:09 dev vxlan0 nud permanent',
    'put neighbour 169.254.0.2',
  ],
  [
    'neighbour added',
    'ip neigh add 10.8.0.50 lladdr 02:00:00:00:00:09 dev vxlan0 nud permanent',
    'remove neighbour 10.8.0.50',
  ],
  [
    'forwarding entry removed',
    'bridge fdb del 02:73:6b:00:00:02 dev vxlan0',
    'put forwarding 02:73:6b:00:00:02',
  ],
  [
    'forwarding entry added',
    'bridge fdb add 02:00:00:00:00:09 dev vxlan0 dst 10.77.0.9',
    'remove forwarding 02:00:00:00:00:09',
  ],
  ['rule removed', 'ip rule del pref 1002', 'put rule 1002'],
  ['rule added', 'ip rule add pref 900 from 10.8.0.0/24 table 77', 'remove rule 900'],
  ['table deleted', 'nft delete table inet skein', 'table inet skein'],
  ['table added', 'nft add table ip stray', 'table inet skein'],
  ['chain added', 'nft add chain inet skein stray', 'table inet skein'],
  ['rules flushed', 'nft flush chain inet skein translate', 'table inet skein'],
  ['rule added to a chain', 'nft add rule inet skein source drop', 'table inet skein'],
  ['VIP element removed', 'nft delete element inet skein vips { 10.8.0.2 }', 'table inet skein'],
  ['peer element added', 'nft add element inet skein peers { 02:00:00:00:00:09 : 9 }', 'table inet skein'],
  ['sysctl changed', 'echo 0 > /proc/sys/net/ipv4/ip_forward', 'sysctl net/ipv4/ip_forward'],
  ['merging switched on', 'ethtool -K vxlan0 gro on', 'feature rx-gro off dev vxlan0'],
];

const HOST_DAMAGE: readonly (readonly [what: string, command: string, told: string])[] = [
  ['table deleted', 'nft delete table inet skein', 'table inet skein'],
  ['port element removed', 'nft delete element inet skein ports { tcp . 8088 }', 'table inet skein'],
  ['chain added', 'nft add chain inet skein stray', 'table inet skein'],
  ['address of the uplink removed', `ip addr flush dev sk-${NET}`, 'put address 198.18.0.0/31'],
  ['uplink set down', `ip link set sk-${NET} down`, `set link sk-${NET} up`],
  ['link with our prefix added', 'ip link add sk-stray type bridge', 'remove link sk-stray'],
  ['forwarding switched off', 'echo 0 > /proc/sys/net/ipv4/ip_forward', 'sysctl net/ipv4/ip_forward'],
];

/** The real clock, but timers of 30 s fire when the test says so. */
class CheckClock implements Clock {
  private check: (() => void) | undefined;

  now = () => systemClock.now();
  monotonic = () => systemClock.monotonic();
  sleep = (delayMs: number, signal?: AbortSignal) => systemClock.sleep(delayMs, signal);

  after(delayMs: number, callback: () => void): ReturnType<Clock['after']> {
    if (delayMs !== 30_000) {
      return systemClock.after(delayMs, callback);
    }
    this.check = callback;
    return { cancel: () => undefined };
  }

  fire(): void {
    this.check?.();
  }
}

describe.runIf(root)('drift', () => {
  const clock = new CheckClock();
  let fabric: Fabric;
  let plane: LinuxNetworkPlane;
  let version = 1;
  let inside = '';
  let hostSide = '';
  let wanted = '';

  const view = (vip = '10.8.0.2') =>
    viewOf(
      [...fabric.hosts, PEER],
      NET,
      '10.8.0.0/24',
      [serviceOf('web', vip, [LOCAL, REMOTE], { ports: PORTS })],
      { version, vni: 4100, ingress: true },
    );

  /** Everything of ours that both namespaces hold, without what the kernel numbers or learns. */
  function state(): string {
    const namespace = `ip -br link; ip -o addr; ip -d link show vxlan0 | grep -o 'vxlan id.*ageing'; ip rule; ip route show table all type unicast;
      ip route show table all type unreachable; ip route show table all type blackhole; ip neigh show nud permanent; bridge fdb; nft -s list ruleset; sysctl -n net.ipv4.ip_forward; ethtool -k vxlan0 | grep generic-receive`;
    const host = 'ip -br link; ip -o -4 addr; nft -s list ruleset; sysctl -n net.ipv4.ip_forward';
    return `${sh(inside, namespace)}${sh(hostSide, host)}`
      .replace(/@if\d+|^\d+:|valid_lft.*|LOWER_UP|fe80\S*|linkdown|link-netnsid \d+/gm, '')
      .replace(/[ \t]+/g, ' ')
      .split('\n')
      .toSorted()
      .join('\n');
  }

  /** A new version of the view is in the kernel. */
  async function change(): Promise<void> {
    version += 1;
    await new Promise<void>((resolve) => {
      const off = plane.onApplied((_, seen) => {
        if (seen >= version) {
          off();
          resolve();
        }
      });
      plane.setView(view());
    });
  }

  function makePlane(): LinuxNetworkPlane {
    const { execRoot, namespace } = fabric.host(1);
    return new LinuxNetworkPlane(
      { clock, log: silentLogger },
      { execRoot, hostNamespace: namespace, balancer: 'nft' },
    );
  }

  async function settled(): Promise<void> {
    await expect.poll(state, { timeout: 2000, interval: 20 }).toBe(wanted);
  }

  beforeAll(async () => {
    fabric = new Fabric(1);
    const host = fabric.host(1);
    plane = makePlane();
    host.plane = plane;
    await plane.start();
    plane.setIdentity(identityOf(host));
    plane.setView(view());
    await plane.attach(requestOf(LOCAL.id, [[NET, LOCAL.address]]), never);
    inside = join(host.execRoot, 'netns', `net-${NET}`);
    hostSide = host.namespace;
    await change();
    // The listing that drift is judged by is taken when a burst of changes is over.
    await plane.check();
    wanted = state();
    expect(wanted).toContain('generic-receive-offload: off');
  });

  afterAll(async () => {
    await fabric.destroy();
  });

  it.each(DAMAGE)('%s: the check names and mends it', async (_what, command, told) => {
    sh(inside, command);
    const found = await plane.check();
    expect(found[NET]?.join('\n')).toContain(told);
    await settled();
    expect(await plane.check()).toEqual({});
  });

  it.each(HOST_DAMAGE)('on the host, %s: the check names and mends it', async (_what, command, told) => {
    sh(hostSide, command);
    expect((await plane.check())['host']?.join('\n')).toContain(told);
    await settled();
    expect(await plane.check()).toEqual({});
  });

  it.each(DAMAGE.filter(([what]) => !/sysctl|merging/.test(what)))(
    '%s: the next change of the view mends it',
    async (_what, command) => {
      sh(inside, command);
      await change();
      await settled();
    },
  );

  it('the comparison runs every 30 s', async () => {
    for (const [, command] of [
      ...DAMAGE.filter(([what]) => /route|nft|rule|neigh|sysctl|merging/.test(what)),
    ]) {
      sh(inside, command);
    }
    clock.fire();
    await settled();
  });

  it('a daemon that starts again mends what was changed while it was away', async () => {
    await plane.stop();
    for (const [what, command] of DAMAGE) {
      if (!/link|uplink|table deleted|VXLAN|flushed|VIP/.test(what)) {
        sh(inside, command);
      }
    }
    for (const [, command] of HOST_DAMAGE.slice(1)) {
      sh(hostSide, command);
    }
    plane = makePlane();
    fabric.host(1).plane = plane;
    plane.setIdentity(identityOf(fabric.host(1)));
    await plane.start();
    await plane.readopt([requestOf(LOCAL.id, [[NET, LOCAL.address]])]);
    await change();
    await settled();
    expect(await plane.check()).toEqual({});
  });
});
