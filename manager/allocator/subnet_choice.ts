// Which subnet a network gets when its user named none: the first cut of the pools that overlaps no other.
import {
  type Family,
  type Cidr,
  parseCidr,
  cidrAt,
  cidrsOverlap,
  cidrSize,
} from '../../shared/model/cidr.ts';

/** Length of an IPv6 subnet cut from a pool (RFC 4291: interface identifiers have 64 bits). */
const V6_SUBNET_LENGTH = 64;
/** Length of a unique local prefix, of which 40 bits are the cluster's own (RFC 4193). */
const ULA_LENGTH = 48;

export interface SubnetPools {
  /** CIDRs of either family. */
  readonly pools: readonly string[];
  /** Cidr length of an IPv4 cut. */
  readonly subnetSize: number;
  /** Seeds the unique local prefix that is used when no pool is IPv6. */
  readonly clusterId: string;
}

/** The lowest cut of the family's pools that overlaps none of the taken prefixes; undefined when there is none. */
export function chooseSubnet(family: Family, options: SubnetPools, taken: readonly Cidr[]): Cidr | undefined {
  for (const pool of poolsOf(family, options)) {
    const length = Math.max(pool.length, family === 4 ? options.subnetSize : V6_SUBNET_LENGTH);
    const found = lowestFree(pool, length, taken);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** The pools of one family; without an IPv6 pool the cluster's unique local prefix stands in. */
export function poolsOf(family: Family, options: SubnetPools): readonly Cidr[] {
  const pools = options.pools
    .map((pool) => parseCidr(pool))
    .filter((pool): pool is Cidr => pool !== undefined && pool.family === family);
  return pools.length > 0 || family === 4 ? pools : [uniqueLocalPrefix(options.clusterId)];
}

/** Steps from cut to cut, and over each taken prefix in one step: linear in the number of taken ones. */
function lowestFree(pool: Cidr, length: number, taken: readonly Cidr[]): Cidr | undefined {
  const inPool = taken
    .filter((prefix) => cidrsOverlap(prefix, pool))
    .sort((a, b) => (a.base < b.base ? -1 : 1));
  const end = pool.base + cidrSize(pool);
  let candidate = cidrAt(pool.family, pool.base, length);
  const step = cidrSize(candidate);
  for (const prefix of inPool) {
    if (cidrsOverlap(prefix, candidate)) {
      const after = prefix.base + cidrSize(prefix);
      const aligned = ((after + step - 1n) / step) * step;
      candidate = { ...candidate, base: aligned };
    }
  }
  return candidate.base + step <= end ? candidate : undefined;
}

/** fd00::/8 with 40 bits drawn from the cluster's id (FNV-1a), so that every leader finds the same. */
function uniqueLocalPrefix(clusterId: string): Cidr {
  let hash = 0xcbf29ce484222325n;
  for (const character of clusterId) {
    hash = ((hash ^ BigInt(character.charCodeAt(0))) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  const value = (0xfdn << 120n) | ((hash >> 24n) << 80n);
  return cidrAt(6, value, ULA_LENGTH);
}
