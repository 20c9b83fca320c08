// The nft table of a network's namespace: VIPs and ports to serving endpoints, the mark of where a mesh
// connection came from, the hairpin and the way out. Pure.
import { isIPv4 } from 'node:net';
import { UPLINK, VXLAN_LINK } from './addressing.ts';
import type { Backend, BalancePlan } from './balance-plan.ts';
import type { NftChain, NftSet, NftTable } from './nft-table.ts';

export const TABLE_NAME = 'skein';

/** How the balancer's program sees VIPs and ports in the table. */
export interface BalanceRules {
  readonly sets: ReadonlyMap<string, NftSet>;
  readonly chains: ReadonlyMap<string, NftChain>;
}

/** Balancing by nft itself: a verdict map leads to one chain a VIP or port, which picks the endpoint. */
export function nftBalanceRules(plan: BalancePlan): BalanceRules {
  const vips = new Map<string, string>();
  const vips6 = new Map<string, string>();
  const ports = new Map<string, string>();
  const picks = new Map<string, NftChain>();
  const hasV6 = plan.hairpin6 !== undefined;
  for (const vip of plan.vips) {
    const made = chainOf(vip, (serving) => ({
      name: `vip-${vip.address.replaceAll(/[.:]/g, '-')}`,
      chain: { hook: '', rules: [pick(serving)] },
    }));
    if (made !== undefined) {
      (isIPv4(vip.address) ? vips : vips6).set(vip.address, `goto ${made.name}`);
      picks.set(made.name, made.chain);
    }
  }
  for (const port of plan.ports) {
    const { protocol, published, target } = port;
    const made = chainOf(port, (serving) => ({
      name: `port-${protocol}-${published}`,
      chain: { hook: '', rules: [`meta l4proto ${protocol} ${pick(serving, target)}`] },
    }));
    if (made !== undefined) {
      ports.set(`${protocol} . ${published}`, `goto ${made.name}`);
      picks.set(made.name, made.chain);
    }
  }
  return {
    sets: new Map<string, NftSet>([
      ['vips', { kind: 'map', type: 'ipv4_addr : verdict', elements: vips }],
      ...(hasV6 ? [['vips6', { kind: 'map', type: 'ipv6_addr : verdict', elements: vips6 }] as const] : []),
      ['ports', { kind: 'map', type: 'inet_proto . inet_service : verdict', elements: ports }],
    ]),
    chains: new Map<string, NftChain>([
      ...picks,
      [
        'translate',
        {
          hook: 'type nat hook prerouting priority dstnat; policy accept;',
          rules: [
            'meta l4proto { tcp, udp, sctp } ip daddr vmap @vips',
            ...(hasV6 ? ['meta l4proto { tcp, udp, sctp } ip6 daddr vmap @vips6'] : []),
            `iifname "${UPLINK}" fib daddr type local meta l4proto . th dport vmap @ports`,
          ],
        },
      ],
    ]),
  };
}

interface NamedChain {
  readonly name: string;
  readonly chain: NftChain;
}

/** Plans keep what did not change as the same value; so do their chains, and nobody has to compare texts. */
const madeChains = new WeakMap<object, NamedChain>();

/** Undefined when nobody serves. */
function chainOf(
  balanced: { readonly backends: readonly Backend[] },
  make: (serving: readonly string[]) => NamedChain,
): NamedChain | undefined {
  const held = madeChains.get(balanced);
  const serving = held === undefined ? servingOf(balanced.backends) : [];
  if (held === undefined && serving.length === 0) {
    return undefined;
  }
  const made = held ?? make(serving);
  madeChains.set(balanced, made);
  return made;
}

function servingOf(backends: readonly Backend[]): string[] {
  return backends.filter(({ draining }) => !draining).map(({ address }) => address);
}

/** Round robin over new connections; established ones follow their conntrack entry and never come here. */
function pick(addresses: readonly string[], port?: number): string {
  const [only] = addresses;
  const family = only === undefined || isIPv4(only) ? 'ip' : 'ip6';
  const suffix = port === undefined ? '' : `:${port}`;
  if (addresses.length === 1 && only !== undefined) {
    return `dnat ${family} to ${only}${suffix}`;
  }
  const choices = addresses.map((address, index) => `${index} : ${address}`).join(', ');
  return `dnat ${family} to numgen inc mod ${addresses.length} map { ${choices} }${suffix}`;
}

/** The whole table: what every program needs, and the program's own part. */
export function networkTable(plan: BalancePlan, balance: BalanceRules): NftTable {
  const hairpin = plan.hairpin?.addresses ?? [];
  const { hairpin6 } = plan;
  return {
    name: TABLE_NAME,
    sets: new Map<string, NftSet>([
      ...balance.sets,
      [
        'hairpin',
        {
          kind: 'set',
          type: 'ipv4_addr . ipv4_addr',
          elements: new Map(hairpin.map((address) => [`${address} . ${address}`, ''])),
        },
      ],
      ...(hairpin6 === undefined
        ? []
        : [
            [
              'hairpin6',
              {
                kind: 'set',
                type: 'ipv6_addr . ipv6_addr',
                elements: new Map(hairpin6.addresses.map((address) => [`${address} . ${address}`, ''])),
              },
            ] as const,
          ]),
      [
        'peers',
        {
          kind: 'map',
          type: 'ether_addr : mark',
          elements: new Map(
            plan.peers.map(({ mac, mark }) => [mac, `0x${mark.toString(16).padStart(8, '0')}`]),
          ),
        },
      ],
    ]),
    chains: new Map<string, NftChain>([
      [
        'origin',
        {
          hook: 'type filter hook prerouting priority mangle; policy accept;',
          rules: [
            `iifname "${VXLAN_LINK}" ct state new ct mark set ether saddr map @peers`,
            `iifname != "${VXLAN_LINK}" ct direction reply ct mark != 0x00000000 meta mark set ct mark`,
          ],
        },
      ],
      ...balance.chains,
      [
        'source',
        { hook: 'type nat hook postrouting priority srcnat; policy accept;', rules: sourceRules(plan) },
      ],
    ]),
  };
}

function sourceRules({ hairpin, hairpin6, outbound }: BalancePlan): string[] {
  return [
    ...(hairpin === undefined ? [] : [`ip saddr . ip daddr @hairpin snat ip to ${hairpin.gateway}`]),
    ...(hairpin6 === undefined ? [] : [`ip6 saddr . ip6 daddr @hairpin6 snat ip6 to ${hairpin6.gateway}`]),
    ...(outbound?.subnets ?? []).map(
      (subnet) => `oifname "${UPLINK}" ip saddr ${subnet} snat ip to ${outbound?.source ?? ''}`,
    ),
  ];
}
