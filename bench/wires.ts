// What the network bench measures over: pairs of a client's and a server's network namespace and the address
// between them. Here: two namespaces joined by a bridge with a VXLAN device each and nothing else, the limit of
// what an overlay can carry on this machine; and the least that containers and forwarding add to it, by hand.
import { run } from './contender.ts';

/** One way from a client to a server. */
export interface Wire {
  readonly name: string;
  /** Paths of network namespaces. */
  readonly client: string;
  readonly server: string;
  /** Where the client asks. */
  readonly address: string;
  /** By what the server listens on: the port that the client asks for. */
  readonly ports: Readonly<Record<'iperf' | 'http' | 'echo', number>>;
}

/** What servers listen on, in whatever namespace. */
export const IPERF_PORT = 5201;
export const HTTP_PORT = 8000;
export const ECHO_PORT = 7002;
export const OWN_PORTS = { iperf: IPERF_PORT, http: HTTP_PORT, echo: ECHO_PORT } as const;

const VNI = 4099;
const VXLAN_PORT = 4790;
/** Of the forwarder: added to what its port leads to. */
const FORWARDED = 20_000;
const forwardedPorts = {
  iperf: IPERF_PORT + FORWARDED,
  http: HTTP_PORT + FORWARDED,
  echo: ECHO_PORT + FORWARDED,
} as const;

/** Ends on the bridge, by their number there. */
const NODES = { a: 1, b: 2, forwarder: 3, client: 4 } as const;
type Node = keyof typeof NODES;
type Place = Node | 'switch' | 'inside-a' | 'inside-b';
const PLACES: readonly Place[] = ['a', 'b', 'forwarder', 'client', 'switch', 'inside-a', 'inside-b'];

/** Three ways by hand: the limit, and the same with what no network of containers can do without. */
export class PlainVxlan {
  private readonly prefix: string;

  constructor(name: string) {
    this.prefix = `${name}-plain`;
  }

  private namespaceOf(place: Place): string {
    return `${this.prefix}-${place}`;
  }

  private ip(place: Place, line: string): Promise<string> {
    return run('ip', ['-n', this.namespaceOf(place), ...line.split(' ')]);
  }

  async raise(): Promise<readonly Wire[]> {
    await this.clear();
    for (const place of PLACES) {
      await run('ip', ['netns', 'add', this.namespaceOf(place)]);
      await this.ip(place, 'link set lo up');
    }
    await this.ip('switch', 'link add br0 type bridge forward_delay 0');
    await this.ip('switch', 'link set br0 up');
    for (const node of Object.keys(NODES) as Node[]) {
      await this.plug(node);
    }
    await this.tunnel('a', 'b', { link: 'vxlan0', network: '10.91.0', vni: VNI, port: VXLAN_PORT });
    await this.tunnel('forwarder', 'b', {
      ...{ link: 'vxlan1', network: '10.95.0', vni: VNI + 1, port: VXLAN_PORT + 1 },
    });
    await this.container('a', 'b');
    await this.container('b', 'a');
    await this.forward();
    const path = (place: Place) => `/run/netns/${this.namespaceOf(place)}`;
    return [
      // No routing, no connection tracking, no second namespace between application and VXLAN.
      { name: 'plain VXLAN', client: path('a'), server: path('b'), address: '10.91.0.2', ports: OWN_PORTS },
      // Each application in a namespace of its own behind a virtual Ethernet pair: no table, nothing tracked.
      {
        ...{ name: 'containers', client: path('inside-a'), server: path('inside-b') },
        ...{ address: '10.93.2.2', ports: OWN_PORTS },
      },
      // A node leads its port over VXLAN to a container of another: one translation, nothing else tracked.
      {
        ...{ name: 'forwarded', client: path('client'), server: path('inside-b') },
        ...{ address: `10.92.0.${NODES.forwarder}`, ports: forwardedPorts },
      },
    ];
  }

  private async plug(node: Node): Promise<void> {
    const namespace = this.namespaceOf(node);
    await this.ip('switch', `link add end-${node} type veth peer name eth0 netns ${namespace}`);
    await this.ip('switch', `link set end-${node} master br0 up`);
    await this.ip(node, `address add 10.92.0.${NODES[node]}/24 dev eth0`);
    await this.ip(node, 'link set eth0 up');
  }

  private async tunnel(
    near: Node,
    far: Node,
    { link, network, vni, port }: { link: string; network: string; vni: number; port: number },
  ): Promise<void> {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      const ends = `local 10.92.0.${NODES[one]} remote 10.92.0.${NODES[other]}`;
      await this.ip(one, `link add ${link} type vxlan id ${vni} dstport ${port} ${ends}`);
      await this.ip(one, `address add ${network}.${NODES[one]}/24 dev ${link}`);
      await this.ip(one, `link set ${link} mtu 1450 up`);
    }
  }

  /** A namespace behind the node, and the way to the other node's. */
  private async container(node: 'a' | 'b', other: 'a' | 'b'): Promise<void> {
    const inside = `inside-${node}` as const;
    const network = `10.93.${NODES[node]}`;
    await this.ip(
      node,
      `link add task mtu 1450 type veth peer name eth0 mtu 1450 netns ${this.namespaceOf(inside)}`,
    );
    await this.ip(node, `address add ${network}.1/24 dev task`);
    await this.ip(node, 'link set task up');
    await this.ip(inside, `address add ${network}.2/24 dev eth0`);
    await this.ip(inside, 'link set eth0 up');
    await this.ip(inside, `route add default via ${network}.1`);
    await this.ip(node, `route add 10.93.${NODES[other]}.0/24 via 10.91.0.${NODES[other]}`);
    await this.route(node);
  }

  private async forward(): Promise<void> {
    await this.route('forwarder');
    await this.ip('forwarder', `route add 10.93.2.0/24 via 10.95.0.${NODES.b}`);
    await this.ip('b', `route add 10.92.0.${NODES.client}/32 via 10.95.0.${NODES.forwarder}`);
    const rules = Object.values(OWN_PORTS).map(
      (port) => `add rule ip bench publish tcp dport ${port + FORWARDED} dnat to 10.93.2.2:${port}`,
    );
    const commands = [
      'add table ip bench',
      'add chain ip bench publish { type nat hook prerouting priority dstnat; }',
      ...rules,
    ];
    await run('ip', ['netns', 'exec', this.namespaceOf('forwarder'), 'nft', commands.join('; ')]);
  }

  private async route(node: Node): Promise<void> {
    await run('ip', ['netns', 'exec', this.namespaceOf(node), 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  }

  async clear(): Promise<void> {
    for (const place of PLACES) {
      await run('ip', ['netns', 'delete', this.namespaceOf(place)]).catch(() => undefined);
    }
  }
}
