// What this kernel lacks of what networks need, found out by trying in a scratch namespace that is gone
// afterwards: a list of modules would say little, since most of them load on demand.
import type { Clock } from '../../shared/clock.ts';
import { SkeinError, errorMessage } from '../../shared/errors.ts';
import { hasErrno } from '../kernel/errors.ts';
import { createNamespace, removeNamespace } from '../kernel/namespace.ts';
import { NETLINK_ROUTE, NetlinkSocket } from '../kernel/netlink_socket.ts';
import { applyNft } from '../kernel/nft.ts';
import { addVxlan } from '../kernel/rtnetlink.ts';
import { readSysctl } from '../kernel/sysctl.ts';
import { hasIpvs } from './balance/ipvs_balancer.ts';
import { VXLAN_LINK, vtepMac } from './plan/addressing.ts';
import { hostTable } from './table/nft_host.ts';
import { renderTable } from './table/nft_table.ts';

export interface NetworkSupport {
  readonly vxlan: boolean;
  readonly ipvs: boolean;
  readonly ipv6: boolean;
  /** Why our tables cannot be loaded; empty when they can. */
  readonly nftProblem: string;
}

/** @param path for the scratch namespace; nothing may be there */
export async function probeKernel(clock: Clock, path: string): Promise<NetworkSupport> {
  removeNamespace(path);
  createNamespace(path);
  try {
    return {
      vxlan: canMakeVxlan(path),
      ipvs: hasIpvs(path),
      ipv6: readSysctl(path, 'net/ipv6/conf/all/disable_ipv6') !== '',
      nftProblem: await nftProblem(clock, path),
    };
  } finally {
    removeNamespace(path);
  }
}

function canMakeVxlan(path: string): boolean {
  const socket = new NetlinkSocket(path, NETLINK_ROUTE);
  try {
    const end = { name: VXLAN_LINK, index: 0, mac: vtepMac(1), mtu: 1450, up: false };
    socket.execute([addVxlan(end, 1, '127.0.0.1', 4789)]);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EOPNOTSUPP')) {
      return false;
    }
    throw error;
  } finally {
    socket.close();
  }
}

/** The host's own table is the trial: chains of address translation, maps, and looking up what is local. */
async function nftProblem(clock: Clock, path: string): Promise<string> {
  try {
    await applyNft(clock, path, renderTable(hostTable([], [], undefined)));
    return '';
  } catch (error) {
    if (error instanceof SkeinError && (error.code === 'nft-failed' || error.code === 'nft-missing')) {
      return errorMessage(error).split('\n')[0] ?? error.code;
    }
    throw error;
  }
}

/** What will not work, a line each as `info` shows them. */
export function networkWarnings(support: NetworkSupport): string[] {
  const { vxlan, ipvs, ipv6, nftProblem: problem } = support;
  return [
    ...(vxlan
      ? []
      : [
          'WARNING: No VXLAN in this kernel: services on overlay networks and published ports will fail here',
        ]),
    ...(problem === ''
      ? []
      : [
          `WARNING: nftables does not work: no virtual addresses, published ports or way out here (${problem})`,
        ]),
    ...(ipvs ? [] : ['WARNING: No IPVS in this kernel: services are balanced by nftables instead']),
    ...(ipv6 ? [] : ['WARNING: No IPv6 in this kernel: networks are IPv4 alone here']),
  ];
}
