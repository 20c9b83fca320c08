// The nft table of a network's namespace: VIPs and ports to serving endpoints, the mark of where a mesh
// connection came from, the hairpin and the way out. Pure.
import { isIPv4 } from 'node:net';
import { UPLINK, VXLAN_LINK } from '../plan/addressing.ts';
import type { Backend, BalancePlan, BalancedPort, BalancedVip } from '../plan/balance_plan.ts';
import { meshSourceRules } from './mesh_source.ts';
import type { NftChain, NftSet, NftTable } from './nft_table.ts';

export const TABLE_NAME = 'skein';

/** How the balancer's program sees VIPs and ports in the table. */
export interface BalanceRules {
  readonly sets: ReadonlyMap<string, NftSet>;
  readonly chains: ReadonlyMap<string, NftChain>;
}

export type AddressFamily = 4 | 6;
const BOTH: readonly AddressFamily[] = [4, 6];

/**
 * Balancing by nft itself: a verdict map leads to one chain a VIP or port, which picks the endpoint.
 * @param families those that nft balances; the other is another program's
 */
export function nftBalanceRules(plan: BalancePlan, families = BOTH): BalanceRules {
  const vips = new Map<string, string>();
  const vips6 = new Map<string, string>();
  const ports = new Map<string, string>();
  const picks = new Map<string, NftChain>();
  const hasV4 = families.includes(4);
  const hasV6 = families.includes(6) && plan.hairpin6 !== undefined;
  const made = hasV4 ? madeChains : madeChains6;
  for (const vip of plan.vips) {
    const isV4 = isIPv4(vip.address);
    const chain = !(isV4 ? hasV4 : hasV6) ? undefined : chainOf(vip, made, () => vipChain(vip));
    if (chain !== undefined) {
      (isV4 ? vips : vips6).set(vip.address, `goto ${chain.name}`);
      picks.set(chain.name, chain.chain);
    }
  }
  for (const port of plan.ports) {
    const chain = chainOf(port, made, () => portChain(port, hasV4, hasV6));
    if (chain !== undefined) {
      ports.set(`${port.protocol} . ${port.published}`, `goto ${chain.name}`);
      picks.set(chain.name, chain.chain);
    }
  }
  const rules = [
    ...(hasV4 ? ['meta l4proto { tcp, udp, sctp } ip daddr vmap @vips'] : []),
    ...(hasV6 ? ['meta l4proto { tcp, udp, sctp } ip6 daddr vmap @vips6'] : []),
    `iifname "${UPLINK}" fib daddr type local meta l4proto . th dport vmap @ports`,
  ];
  return {
    sets: new Map<string, NftSet>([
      ...(hasV4 ? [['vips', { kind: 'map', type: 'ipv4_addr : verdict', elements: vips }] as const] : []),
      ...(hasV6 ? [['vips6', { kind: 'map', type: 'ipv6_addr : verdict', elements: vips6 }] as const] : []),
      ['ports', { kind: 'map', type: 'inet_proto . inet_service : verdict', elements: ports }],
    ]),
    chains: new Map<string, NftChain>([
      ...picks,
      ['translate', { hook: 'type nat hook prerouting priority dstnat; policy accept;', rules }],
    ]),
  };
}

interface NamedChain {
  readonly name: string;
  readonly chain: NftChain;
}

/**
 * Plans keep what did not change as the same value; so do their chains, and nobody has to compare texts.
 * One memory for tables of both families, one for those of IPv6 alone.
 */
const madeChains = new WeakMap<object, NamedChain>();
const madeChains6 = new WeakMap<object, NamedChain>();

/** Undefined when nobody serves. */
function chainOf(
  balanced: object,
  memory: WeakMap<object, NamedChain>,
  make: () => NamedChain,
): NamedChain | undefined {
  const made = memory.get(balanced) ?? make();
  memory.set(balanced, made);
  return made.chain.rules.length === 0 ? undefined : made;
}

function vipChain({ address, backends }: BalancedVip): NamedChain {
  const serving = servingOf(backends);
  const rules = serving.length === 0 ? [] : [pick(serving)];
  return { name: `vip-${address.replaceAll(/[.:]/g, '-')}`, chain: { hook: '', rules } };
}

function portChain(port: BalancedPort, hasV4: boolean, hasV6: boolean): NamedChain {
  const { protocol, published, target, backends, backends6 } = port;
  const rules = [hasV4 ? servingOf(backends) : [], hasV6 ? servingOf(backends6) : []]
    .filter((serving) => serving.length > 0)
    .map((serving) => `meta l4proto ${protocol} ${pick(serving, target)}`);
  return { name: `port-${protocol}-${published}`, chain: { hook: '', rules } };
}

function servingOf(backends: readonly Backend[]): string[] {
  return backends.filter(({ draining }) => !draining).map(({ address }) => address);
}

/** Round robin over new connections; established ones follow their conntrack entry and never come here. */
function pick(addresses: readonly string[], port?: number): string {
  const [only = ''] = addresses;
  const isV4 = isIPv4(only);
  const family = isV4 ? 'ip' : 'ip6';
  const suffix = port === undefined ? '' : `:${port}`;
  if (addresses.length === 1) {
    return `dnat ${family} to ${isV4 || port === undefined ? only : `[${only}]`}${suffix}`;
  }
  const choices = addresses.map((address, index) => `${index} : ${address}`).join(', ');
  return `dnat ${family} to numgen inc mod ${addresses.length} map { ${choices} }${suffix}`;
}

/** The whole table: what every program needs, and the program's own part. */
export function networkTable(plan: BalancePlan, balance: BalanceRules): NftTable {
  const hairpin = plan.hairpin?.addresses ?? [];
  const { hairpin6, limited } = plan;
  return {
    name: TABLE_NAME,
    sets: new Map<string, NftSet>([
      ...balance.sets,
      [
        'tasks',
        {
          ...{ kind: 'map', type: 'ifname : verdict' },
          elements: new Map(limited.links.map((link) => [`"${link}"`, `jump ${link}`])),
        },
      ],
      [
        'shut',
        {
          ...{ kind: 'set', type: 'ifname' },
          elements: new Map(limited.shut.map((link) => [`"${link}"`, ''])),
        },
      ],
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
      ...(marksOrigins(plan) ? originSets(plan) : []),
    ]),
    chains: new Map<string, NftChain>([
      ...(marksOrigins(plan)
        ? [['zones', zonesChain()] as const, ['way-back', wayBackChain()] as const]
        : []),
      ...admitChains(plan),
      ...balance.chains,
      [
        'source',
        { hook: 'type nat hook postrouting priority srcnat; policy accept;', rules: sourceRules(plan) },
      ],
    ]),
  };
}

/** Only the mesh leads connections from callers that no route leads back to. */
function marksOrigins({ peers }: BalancePlan): boolean {
  return peers.length > 0;
}

/** Of the node that a packet comes from, by its VTEP: the mark, and the same number as a zone of connection tracking. */
function originSets({ peers }: BalancePlan): (readonly [string, NftSet])[] {
  const marks = peers.map(({ mac, mark }) => [mac, `0x${mark.toString(16).padStart(8, '0')}`] as const);
  const zones = peers.map(({ mac, mark }) => [mac, `${mark}`] as const);
  return [
    ['peers', { kind: 'map', type: 'ether_addr : mark', elements: new Map(marks) }],
    ['zones', { kind: 'map', type: 'ether saddr : ct zone', byExpressions: true, elements: new Map(zones) }],
  ];
}

/**
 * A client may use one port of its own towards several nodes at a time (to the client these are different
 * connections), and all may lead to the same replica, with the client's address. So what comes from each node is
 * tracked apart, in a zone of its own, and answers in the one that all share: there the kernel's translation sees
 * that the port is taken, also by a connection that was closed a moment ago, and gives the new one another.
 */
function zonesChain(): NftChain {
  return {
    hook: 'type filter hook prerouting priority raw; policy accept;',
    rules: [`iifname "${VXLAN_LINK}" ct original zone set ether saddr map @zones`],
  };
}

/** Every packet passes it, so it is there only where it is needed; the cheapest condition first. */
function wayBackChain(): NftChain {
  return {
    hook: 'type filter hook prerouting priority mangle; policy accept;',
    rules: [`ct mark != 0x00000000 ct direction reply iifname != "${VXLAN_LINK}" meta mark set ct mark`],
  };
}

/**
 * What concerns a connection's first packet alone stands in a chain of address translation, which the others
 * never enter (a chain of filtering costs each of them 0.1 to 0.2 us): where the connection came from, and that a
 * task which opens connections without end fills its own share of the kernel's table and nobody else's.
 */
function admitChains(plan: BalancePlan): (readonly [string, NftChain])[] {
  const { links, connections } = plan.limited;
  const hook = 'type nat hook prerouting priority dstnat - 1; policy accept;';
  const rules = [
    ...(marksOrigins(plan) ? [`iifname "${VXLAN_LINK}" ct mark set ether saddr map @peers`] : []),
    'iifname vmap @tasks',
  ];
  return [...links.map((link) => [link, limitChain(connections)] as const), ['admit', { hook, rules }]];
}

function limitChain(connections: number): NftChain {
  return { hook: '', rules: [`ct count over ${connections} drop`] };
}

function sourceRules(plan: BalancePlan): string[] {
  const { hairpin, hairpin6, outbound, outbound6 } = plan;
  return [
    'oifname @shut drop',
    ...(hairpin === undefined ? [] : [`ip saddr . ip daddr @hairpin snat ip to ${hairpin.gateway}`]),
    ...(hairpin6 === undefined ? [] : [`ip6 saddr . ip6 daddr @hairpin6 snat ip6 to ${hairpin6.gateway}`]),
    ...(outbound?.subnets ?? []).map(
      (subnet) => `oifname "${UPLINK}" ip saddr ${subnet} snat ip to ${outbound?.source ?? ''}`,
    ),
    ...(outbound6?.subnets ?? []).map(
      (subnet) => `oifname "${UPLINK}" ip6 saddr ${subnet} snat ip6 to ${outbound6?.source ?? ''}`,
    ),
    ...meshSourceRules(plan),
  ];
}
