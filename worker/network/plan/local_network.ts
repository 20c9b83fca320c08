// The network of tasks that join no overlay: the same routed namespace, without VXLAN, with addresses of a
// range that only this node knows. Pure.
import type { NetworkView } from '../../../shared/model/view.ts';
import { rangeExhausted } from '../errors.ts';
import { ipv4Number, ipv4Range, ipv4Text } from './addressing.ts';

export const LOCAL_NETWORK_ID = 'local';
/** The other half of RFC 2544's range (the first half holds the transfer addresses). */
export const LOCAL_SUBNET = '198.19.0.0/16';
/** Beside the transfer addresses of that family. */
const LOCAL_PREFIX6 = 'fd73:6b65:696e:1::';
const GATEWAY_OFFSET = 1;

/** @param hasIpv6 whether the host has a way out for it */
export function localView(hasIpv6: boolean): NetworkView {
  const { first } = ipv4Range(LOCAL_SUBNET);
  return {
    networkId: LOCAL_NETWORK_ID,
    version: 1,
    name: LOCAL_NETWORK_ID,
    vni: 0,
    subnets: [
      { subnet: LOCAL_SUBNET, gateway: ipv4Text(first + GATEWAY_OFFSET) },
      ...(hasIpv6
        ? [{ subnet: `${LOCAL_PREFIX6}/64`, gateway: localAddress6(ipv4Text(first + GATEWAY_OFFSET)) }]
        : []),
    ],
    internal: false,
    ingress: false,
    driverOptions: {},
    nodes: [],
    services: [],
  };
}

/** The address of IPv6 that belongs to one of `LOCAL_SUBNET`. */
export function localAddress6(address: string): string {
  return `${LOCAL_PREFIX6}${(ipv4Number(address) % 0x10000).toString(16)}`;
}

/** The lowest address that nobody has. @throws SkeinError `local-exhausted` */
export function freeLocalAddress(taken: ReadonlySet<string>): string {
  const { first, size } = ipv4Range(LOCAL_SUBNET);
  for (let offset = GATEWAY_OFFSET + 1; offset < size - 1; offset += 1) {
    const address = ipv4Text(first + offset);
    if (!taken.has(address)) {
      return address;
    }
  }
  throw rangeExhausted('local-exhausted', LOCAL_SUBNET);
}
