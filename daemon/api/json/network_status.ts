// How full a network is, as `network inspect` shows it (`Status` of the Engine API 1.52): counted from the
// services and tasks that hold addresses. Pure.
import { type Cidr, cidrHasIp, cidrSize, hostOf, parseCidr, parseIp } from '../../../shared/model/cidr.ts';
import type { Network, Subnet } from '../../../shared/model/network.ts';
import type { Service } from '../../../shared/model/service.ts';
import { isTerminal, type Task } from '../../../shared/model/task.ts';

export function writeNetworkStatus(
  network: Network,
  services: readonly Service[],
  tasks: readonly Task[],
): Record<string, unknown> {
  const held = [
    ...services.flatMap(({ endpoint }) =>
      (endpoint?.virtualIps ?? []).flatMap((vip) => (vip.networkId === network.id ? [vip.address] : [])),
    ),
    ...tasks
      .filter((task) => !isTerminal(task.status.state))
      .flatMap((task) => task.networks.filter(({ networkId }) => networkId === network.id))
      .flatMap(({ addresses }) => addresses),
  ].flatMap((address) => parseIp(hostOf(address)) ?? []);
  const entries = network.subnets.flatMap((subnet) => {
    const cidr = parseCidr(subnet.subnet);
    const range = subnet.range === undefined ? cidr : parseCidr(subnet.range);
    if (cidr === undefined || range === undefined) {
      return [];
    }
    const count = (
      part: Cidr,
      among: readonly { readonly family: 4 | 6; readonly value: bigint }[],
    ): bigint => BigInt(among.filter((address) => cidrHasIp(part, address)).length);
    const reserved = reservedIn(cidr, subnet, auxiliaryOf(network));
    const free = cidrSize(range) - count(range, [...held, ...reserved]);
    const status = {
      IPsInUse: Number(count(cidr, [...held, ...reserved])),
      // JSON's numbers end long before a /64 does.
      DynamicIPsAvailable: Math.min(Number(free), Number.MAX_SAFE_INTEGER),
    };
    return [[subnet.subnet, status] as const];
  });
  return {
    IPAM: { Subnets: Object.fromEntries(entries) },
    ...(network.allocationError !== undefined && { AllocationError: network.allocationError }),
  };
}

function auxiliaryOf({ spec }: Network): string[] {
  return spec.ipam.configs.flatMap(({ auxAddresses }) => Object.values(auxAddresses));
}

/** What nobody is given: the subnet's own address, the broadcast address of IPv4, the gateway, the user's own. */
function reservedIn(cidr: Cidr, { gateway }: Subnet, auxiliary: readonly string[]) {
  const { family, base } = cidr;
  const ends = family === 4 ? [base, base + cidrSize(cidr) - 1n] : [base];
  const named = [gateway, ...auxiliary].flatMap((address) => parseIp(hostOf(address)) ?? []);
  const values = new Set([...ends, ...named.filter((ip) => cidrHasIp(cidr, ip)).map(({ value }) => value)]);
  return Array.from(values, (value) => ({ family, value }));
}
