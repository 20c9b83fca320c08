// A task's own side: interfaces, addresses, default route, and the files that the container
// sees. Pure; becomes one batch of netlink requests.
import type { DnsConfig } from '../../../shared/model/container.ts';
import type { Request } from '../../kernel/netlink_message.ts';
import { putAddress, putNeighbour, putRoute, setLink } from '../../kernel/rtnetlink.ts';
import { GATEWAY_MAC } from '../plan/addressing.ts';

const LOOPBACK_INDEX = 1;
const MAIN_TABLE = 254;
/** Above the fallback tunnels that some kernels put into every new namespace. */
const FIRST_INDEX = 16;
export const RESOLVER_ADDRESS = '127.0.0.11';

export interface SandboxNetwork {
  readonly networkId: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly internal: boolean;
  readonly ingress: boolean;
  readonly mtu: number;
  /** On networks with IPv6. */
  readonly six?: {
    readonly address: string;
    /** CIDR. */
    readonly subnet: string;
    readonly gateway: string;
  };
}

export interface SandboxInterface extends SandboxNetwork {
  readonly name: string;
  readonly index: number;
  /** Carries the default route. */
  readonly isDefault: boolean;
  /** The same of IPv6. */
  readonly isDefault6?: boolean;
}

/**
 * The default route goes by the ingress network where there is one, else by the first network with a way out.
 * The mesh keeps callers' addresses, so answers to them follow the default route; a udp server that is bound
 * to no address takes the source address of that route, which must be the one that was called.
 */
export function planInterfaces(networks: readonly SandboxNetwork[]): SandboxInterface[] {
  const chosen = defaultOf(networks);
  const chosen6 = defaultOf(networks.filter(({ six }) => six !== undefined));
  return networks.map((network, position) => ({
    ...network,
    name: `eth${position}`,
    index: FIRST_INDEX + position,
    isDefault: network === chosen,
    isDefault6: network === chosen6,
  }));
}

function defaultOf(networks: readonly SandboxNetwork[]): SandboxNetwork | undefined {
  return networks.find(({ ingress }) => ingress) ?? networks.find(({ internal }) => !internal);
}

/** Requests inside the task's namespace, once its interfaces are there. */
export function sandboxRequests(interfaces: readonly SandboxInterface[]): Request[] {
  return [setLink(LOOPBACK_INDEX, true), ...interfaces.flatMap(interfaceRequests)];
}

function interfaceRequests(item: SandboxInterface): Request[] {
  const way = { destination: '0.0.0.0/0', table: MAIN_TABLE, via: item.gateway, index: item.index };
  return [
    setLink(item.index, true),
    putAddress(item.index, `${item.address}/${item.prefixLength}`),
    ...(item.isDefault ? [putRoute({ ...way, type: 'unicast' })] : []),
    ...interfaceRequests6(item),
  ];
}

/**
 * Everything of the subnet goes by way of the gateway, which is known from the beginning: no neighbour is
 * ever asked for (Linux has proxy answers for single IPv6 addresses only).
 */
function interfaceRequests6({ six, index, isDefault6 }: SandboxInterface): Request[] {
  if (six === undefined) {
    return [];
  }
  const route = { table: MAIN_TABLE, index, type: 'unicast' as const };
  return [
    putAddress(index, `${six.address}/${six.subnet.split('/')[1] ?? '64'}`),
    putNeighbour(index, six.gateway, GATEWAY_MAC),
    putRoute({ ...route, destination: `${six.gateway}/128` }),
    putRoute({ ...route, destination: six.subnet, via: six.gateway }),
    ...(isDefault6 ? [putRoute({ ...route, destination: '::/0', via: six.gateway })] : []),
  ];
}

/** Sysctls of every task's namespace, as Docker sets them; the task's own come on top. */
export function sandboxSysctls(
  own: Readonly<Record<string, string>>,
  hasV6 = false,
  kernelHasV6 = true,
): Record<string, string> {
  const wanted: Record<string, string> = {
    'net/ipv4/ip_unprivileged_port_start': '0',
    'net/ipv4/ping_group_range': '0 2147483647',
    ...(kernelHasV6 && { 'net/ipv6/conf/default/disable_ipv6': hasV6 ? '0' : '1' }),
    ...(hasV6 && {
      'net/ipv6/conf/default/accept_ra': '0',
      'net/ipv6/conf/default/addr_gen_mode': '1',
    }),
  };
  for (const [name, value] of Object.entries(own)) {
    if (name.startsWith('net.')) {
      wanted[name.replaceAll('.', '/')] = value;
    }
  }
  return wanted;
}

/** /etc/resolv.conf: our resolver; search domains and options as given, or the host's. */
export function resolvConf(dns: DnsConfig | undefined, hostResolvConf: string): string {
  const host = (keyword: string): string[] =>
    hostResolvConf
      .split('\n')
      .filter((line) => line.startsWith(`${keyword} `))
      .flatMap((line) => line.split(/\s+/).slice(1))
      .filter((word) => word !== '');
  const search = dns !== undefined && dns.search.length > 0 ? dns.search : host('search');
  const options = dns !== undefined && dns.options.length > 0 ? dns.options : host('options');
  const all = options.some((option) => option.startsWith('ndots:')) ? options : [...options, 'ndots:0'];
  return [
    ...(search.length > 0 && search[0] !== '.' ? [`search ${search.join(' ')}`] : []),
    `nameserver ${RESOLVER_ADDRESS}`,
    `options ${all.join(' ')}`,
    '',
  ].join('\n');
}

/** Servers that unknown names are passed to. The host's own, unless the task names some. */
export function upstreamServers(dns: DnsConfig | undefined, hostResolvConf: string): string[] {
  if (dns !== undefined && dns.nameservers.length > 0) {
    return [...dns.nameservers];
  }
  return hostResolvConf
    .split('\n')
    .flatMap((line) => /^nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
    .filter((address) => !address.includes('%'));
}
