// What a network gets: an identifier and its subnets, the user's own or cuts of the cluster's pools. A
// network that cannot have them says why in `allocationError` and waits until something is given back.
import type { Cluster } from '../../shared/model/cluster.ts';
import type { IpamConfig, Network, Subnet } from '../../shared/model/network.ts';
import {
  type Family,
  formatIp,
  formatCidr,
  type Cidr,
  parseIp,
  parseCidr,
  cidrHasIp,
  cidrsOverlap,
  cidrSize,
} from '../../shared/model/cidr.ts';
import { type FreedKey, type Ledger, VNI_HIGH } from './ledger.ts';
import { chooseSubnet, poolsOf } from './subnet_choice.ts';

/** Docker's driver option to ask for an identifier. */
const VXLAN_ID_OPTION = 'com.docker.network.driver.overlay.vxlanid_list';
/** The smallest subnet with room for a gateway and a task. */
const LONGEST_PREFIX: Readonly<Record<Family, number>> = { 4: 30, 6: 126 };

/** The network as it should be stored, or why it waits and for what. */
export type NetworkOutcome =
  | { readonly done: Network }
  | { readonly error: string; readonly waitsFor: readonly FreedKey[] };

/**
 * Decides what the network gets; the ledger remembers it when it was given.
 * @param nameOf names another network in error texts
 */
export function allocateNetwork(
  network: Network,
  cluster: Cluster,
  ledger: Ledger,
  nameOf: (networkId: string) => string,
  now: number,
): NetworkOutcome {
  const chosen = chooseSubnets(network, cluster, ledger, nameOf);
  if ('error' in chosen) {
    return chosen;
  }
  const vni = chooseVni(network, ledger, nameOf, now);
  if (typeof vni !== 'number') {
    return vni;
  }
  const { allocationError: _, ...rest } = network;
  const done: Network = { ...rest, vni, subnets: chosen.subnets };
  ledger.noteNetwork(done);
  return { done };
}

function chooseVni(
  network: Network,
  ledger: Ledger,
  nameOf: (networkId: string) => string,
  now: number,
): number | { readonly error: string; readonly waitsFor: readonly FreedKey[] } {
  const wish = network.vni ?? wishedVni(network);
  if (wish === undefined) {
    const vni = ledger.vnis.take(network.id, now);
    return vni ?? { error: 'all VXLAN identifiers are in use: remove a network', waitsFor: ['vni'] };
  }
  if (ledger.vnis.claim(wish, network.id)) {
    return wish;
  }
  const holder = ledger.vnis.holder(wish);
  return holder === undefined
    ? {
        error: `VXLAN identifier ${wish} is out of bounds: choose one from 4096 to ${VNI_HIGH}`,
        waitsFor: [],
      }
    : { error: `VXLAN identifier ${wish} is in use by network ${nameOf(holder)}`, waitsFor: ['vni'] };
}

function wishedVni(network: Network): number | undefined {
  const text = network.spec.driverOptions[VXLAN_ID_OPTION]?.split(',')[0]?.trim();
  return text !== undefined && /^\d{1,8}$/.test(text) ? Number(text) : undefined;
}

type SubnetsOutcome =
  | { readonly subnets: readonly Subnet[] }
  | { readonly error: string; readonly waitsFor: readonly FreedKey[] };

function chooseSubnets(
  network: Network,
  cluster: Cluster,
  ledger: Ledger,
  nameOf: (networkId: string) => string,
): SubnetsOutcome {
  const others = [...ledger.takenSubnets()].filter(({ networkId }) => networkId !== network.id);
  const subnets: Subnet[] = [];
  const own: Cidr[] = [];
  for (const config of network.spec.ipam.configs) {
    if (config.subnet === undefined) {
      continue;
    }
    const prefix = parseCidr(config.subnet);
    if (prefix === undefined || prefix.length > LONGEST_PREFIX[prefix.family]) {
      return { error: `${config.subnet} is no usable subnet: give one such as 10.9.0.0/24`, waitsFor: [] };
    }
    const rival = others.find((other) => cidrsOverlap(other.prefix, prefix));
    if (rival !== undefined) {
      const name = `${nameOf(rival.networkId)} (${formatCidr(rival.prefix)})`;
      return { error: `subnet ${config.subnet} overlaps with network ${name}`, waitsFor: ['subnet'] };
    }
    if (own.some((mine) => cidrsOverlap(mine, prefix))) {
      return { error: `subnet ${config.subnet} overlaps with another of this network`, waitsFor: [] };
    }
    own.push(prefix);
    subnets.push(resolve(prefix, config));
  }
  const wanted: readonly Family[] = network.spec.ipv6 ? [4, 6] : [4];
  const pools = {
    pools: cluster.defaultAddressPool,
    subnetSize: cluster.subnetSize,
    clusterId: cluster.id,
  };
  for (const family of wanted) {
    if (own.some((prefix) => prefix.family === family)) {
      continue;
    }
    const free = chooseSubnet(family, pools, [...others.map((other) => other.prefix), ...own]);
    if (free === undefined) {
      const names = poolsOf(family, pools).map(formatCidr).join(', ');
      return {
        error: `no free IPv${family} subnet in the address pool (${names}): remove a network or give a --subnet`,
        waitsFor: ['subnet'],
      };
    }
    own.push(free);
    subnets.push(resolve(free, { auxAddresses: {} }));
  }
  return { subnets };
}

/** Fills in the gateway (the first address) and leaves out a range that is not inside. */
function resolve(prefix: Cidr, config: IpamConfig): Subnet {
  const given = config.gateway === undefined ? undefined : parseIp(config.gateway);
  const gateway =
    given !== undefined && cidrHasIp(prefix, given)
      ? formatIp(given)
      : formatIp({ family: prefix.family, value: prefix.base + 1n });
  const range = config.range === undefined ? undefined : parseCidr(config.range);
  const inside =
    range !== undefined &&
    range.family === prefix.family &&
    range.base >= prefix.base &&
    range.base + cidrSize(range) <= prefix.base + cidrSize(prefix);
  const subnet = { subnet: formatCidr(prefix), gateway };
  return inside ? { ...subnet, range: formatCidr(range) } : subnet;
}
