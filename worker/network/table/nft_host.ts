// The nft table of the host's namespace: published ports lead to the namespace that balances them, and
// what leaves the node takes the node's address. Pure. The host's other tables are never touched here.
import type { PortProtocol } from '../../../shared/model/endpoint.ts';
import { TRANSFER_RANGE, TRANSFER_RANGE6 } from '../plan/transfer.ts';
import { TABLE_NAME } from './nft_network.ts';
import type { NftChain, NftSet, NftTable } from './nft_table.ts';

/** Names of our interfaces on the host. */
export const HOST_LINKS = 'sk-*';

export interface HostPort {
  readonly protocol: PortProtocol;
  readonly published: number;
  /** Inner transfer address of the namespace that balances the port. */
  readonly to: string;
  /** The same for callers by IPv6; absent: the port is IPv4's alone. */
  readonly to6?: string;
}

/** One family's share: the words of nft, the map of ports, and who must not see what address. */
interface Share {
  readonly ip: 'ip' | 'ip6';
  readonly type: 'ipv4_addr' | 'ipv6_addr';
  readonly suffix: '' | '6';
  readonly range: string;
  /** Inner transfer addresses in use, for connections of a task to a port of its own node. */
  readonly insides: readonly string[];
  readonly ports: ReadonlyMap<string, string>;
}

/**
 * @param insides inner transfer addresses in use
 * @param insides6 of IPv6; undefined: this host has none
 */
export function hostTable(
  ports: readonly HostPort[],
  insides: readonly string[],
  insides6: readonly string[] | undefined,
): NftTable {
  const shares: Share[] = [
    {
      ...{ ip: 'ip', type: 'ipv4_addr', suffix: '' },
      ...{ range: TRANSFER_RANGE, insides, ports: portMap(ports, ({ to }) => to) },
    },
  ];
  if (insides6 !== undefined) {
    shares.push({
      ...{ ip: 'ip6', type: 'ipv6_addr', suffix: '6' },
      ...{ range: TRANSFER_RANGE6, insides: insides6, ports: portMap(ports, ({ to6 }) => to6) },
    });
  }
  // Answers to ::1 can come from nowhere else, so it is refused; callers of "localhost" go on to 127.0.0.1.
  const publish = [
    ...(insides6 === undefined ? [] : ['ip6 daddr ::1 return']),
    ...shares.map(
      ({ ip, suffix }) => `fib daddr type local dnat ${ip} to meta l4proto . th dport map @ports${suffix}`,
    ),
  ];
  return {
    name: TABLE_NAME,
    sets: new Map<string, NftSet>(shares.flatMap(setsOf)),
    chains: new Map<string, NftChain>([
      ['publish', { hook: 'type nat hook prerouting priority dstnat; policy accept;', rules: publish }],
      ['publish-local', { hook: 'type nat hook output priority -100; policy accept;', rules: publish }],
      [
        'source',
        {
          hook: 'type nat hook postrouting priority srcnat; policy accept;',
          rules: [
            `oifname "${HOST_LINKS}" ip saddr 127.0.0.0/8 masquerade`,
            ...shares.flatMap(({ ip, suffix, range }) => [
              `${ip} saddr . ${ip} daddr @hairpin${suffix} masquerade`,
              `oifname != "${HOST_LINKS}" ${ip} saddr ${range} masquerade`,
            ]),
          ],
        },
      ],
    ]),
  };
}

function portMap(
  ports: readonly HostPort[],
  target: (port: HostPort) => string | undefined,
): ReadonlyMap<string, string> {
  return new Map(
    ports.flatMap((port) => {
      const to = target(port);
      return to === undefined ? [] : [[`${port.protocol} . ${port.published}`, to] as const];
    }),
  );
}

function setsOf({ type, suffix, insides, ports }: Share): (readonly [string, NftSet])[] {
  return [
    [`ports${suffix}`, { kind: 'map', type: `inet_proto . inet_service : ${type}`, elements: ports }],
    [
      `hairpin${suffix}`,
      {
        ...{ kind: 'set', type: `${type} . ${type}` },
        elements: new Map(insides.map((inside) => [`${inside} . ${inside}`, ''])),
      },
    ],
  ];
}
