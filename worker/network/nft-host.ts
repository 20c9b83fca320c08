// The nft table of the host's namespace: published ports lead to the namespace that balances them, and
// what leaves the node takes the node's address. Pure. The host's other tables are never touched here.
import type { PortProtocol } from '../../shared/model/endpoint.ts';
import { TABLE_NAME } from './nft-network.ts';
import type { NftChain, NftSet, NftTable } from './nft-table.ts';

/** Names of our interfaces on the host. */
export const HOST_LINKS = 'sk-*';

export interface HostPort {
  readonly protocol: PortProtocol;
  readonly published: number;
  /** Inner transfer address of the namespace that balances the port. */
  readonly to: string;
}

/**
 * @param transferRange CIDR of all transfer addresses
 * @param insides transfer addresses in use, for connections of a task to a port of its own node
 */
export function hostTable(
  transferRange: string,
  ports: readonly HostPort[],
  insides: readonly string[],
): NftTable {
  const publish = 'fib daddr type local dnat ip to meta l4proto . th dport map @ports';
  return {
    name: TABLE_NAME,
    sets: new Map<string, NftSet>([
      [
        'ports',
        {
          kind: 'map',
          type: 'inet_proto . inet_service : ipv4_addr',
          elements: new Map(ports.map(({ protocol, published, to }) => [`${protocol} . ${published}`, to])),
        },
      ],
      [
        'hairpin',
        {
          kind: 'set',
          type: 'ipv4_addr . ipv4_addr',
          elements: new Map(insides.map((inside) => [`${inside} . ${inside}`, ''])),
        },
      ],
    ]),
    chains: new Map<string, NftChain>([
      ['publish', { hook: 'type nat hook prerouting priority dstnat; policy accept;', rules: [publish] }],
      ['publish-local', { hook: 'type nat hook output priority -100; policy accept;', rules: [publish] }],
      [
        'source',
        {
          hook: 'type nat hook postrouting priority srcnat; policy accept;',
          rules: [
            `oifname "${HOST_LINKS}" ip saddr 127.0.0.0/8 masquerade`,
            'ip saddr . ip daddr @hairpin masquerade',
            `oifname != "${HOST_LINKS}" ip saddr ${transferRange} masquerade`,
          ],
        },
      ],
    ]),
  };
}
