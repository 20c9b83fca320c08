// What the network bench measures over: pairs of a client's and a server's network namespace and the address
// between them. Here: two namespaces joined by a bridge with a VXLAN device each and nothing else, the limit of
// what an overlay can carry on this machine.
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
  readonly ports: Readonly<Record<'iperf' | 'http', number>>;
}

/** What servers listen on, in whatever namespace. */
export const IPERF_PORT = 5201;
export const HTTP_PORT = 8000;
export const OWN_PORTS = { iperf: IPERF_PORT, http: HTTP_PORT } as const;

const VNI = 4099;
const VXLAN_PORT = 4790;

/** The limit: no routing, no connection tracking, no second namespace between application and VXLAN. */
export class PlainVxlan {
  private readonly prefix: string;

  constructor(name: string) {
    this.prefix = `${name}-plain`;
  }

  private namespaceOf(end: 'a' | 'b' | 'switch'): string {
    return `${this.prefix}-${end}`;
  }

  async raise(): Promise<Wire> {
    await this.clear();
    const bridge = this.namespaceOf('switch');
    await run('ip', ['netns', 'add', bridge]);
    await run('ip', ['-n', bridge, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0']);
    await run('ip', ['-n', bridge, 'link', 'set', 'br0', 'up']);
    for (const [index, end] of (['a', 'b'] as const).entries()) {
      const namespace = this.namespaceOf(end);
      const address = (network: string) => `10.${network}.0.${index + 1}`;
      await run('ip', ['netns', 'add', namespace]);
      const ip = (line: string) => run('ip', ['-n', namespace, ...line.split(' ')]);
      await ip('link set lo up');
      await run('ip', [
        ...['-n', bridge, 'link', 'add', `end-${end}`, 'type', 'veth'],
        ...['peer', 'name', 'eth0', 'netns', namespace],
      ]);
      await run('ip', ['-n', bridge, 'link', 'set', `end-${end}`, 'master', 'br0', 'up']);
      await ip(`address add ${address('92')}/24 dev eth0`);
      await ip('link set eth0 up');
      const remote = `10.92.0.${2 - index}`;
      await ip(
        `link add vxlan0 type vxlan id ${VNI} dstport ${VXLAN_PORT} local ${address('92')} remote ${remote}`,
      );
      await ip(`address add ${address('91')}/24 dev vxlan0`);
      await ip('link set vxlan0 mtu 1450 up');
    }
    return {
      name: 'plain VXLAN',
      client: `/run/netns/${this.namespaceOf('a')}`,
      server: `/run/netns/${this.namespaceOf('b')}`,
      address: '10.91.0.2',
      ports: OWN_PORTS,
    };
  }

  async clear(): Promise<void> {
    for (const end of ['a', 'b', 'switch'] as const) {
      await run('ip', ['netns', 'delete', this.namespaceOf(end)]).catch(() => undefined);
    }
  }
}
