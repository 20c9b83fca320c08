// Names and numbers that follow from ids and overlay indexes, so that every node derives the same ones
// without asking: inner addresses, MACs, marks, tables, interface names. Pure.
import { isIPv4, isIPv6 } from 'node:net';
import { cidrHasIp, parseCidr, parseIp } from '../../../shared/model/cidr.ts';
import { addressText } from '../../kernel/rtnetlink_read.ts';
import { addressBytes } from '../../kernel/socket.ts';

/** Of a network's namespace. */
export const VXLAN_LINK = 'vxlan0';
export const UPLINK = 'up';
export const LOOPBACK = 'lo';
/** Every namespace end of a task's veth has this MAC, so a gateway's neighbour entry never changes. */
export const GATEWAY_MAC = '02:73:6b:ff:00:01';
/** Table of node N's way back is this plus N. */
const RETURN_TABLE_BASE = 100_000;
/** Rules are looked at before main (32766). */
const RETURN_PRIORITY_BASE = 1000;
/** Interface names hold 15 characters; ids are random, so 12 of them tell objects of one node apart. */
const SHORT_ID = 12;

export function shortId(id: string): string {
  return id.slice(0, SHORT_ID);
}

export const HOST_LINK_PREFIX = 'sk-';

/** In the host's namespace: the other end of a network's uplink. */
export function hostLinkName(networkId: string): string {
  return `${HOST_LINK_PREFIX}${shortId(networkId)}`;
}

/** In a network's namespace: the other end of a task's interface. */
export function taskLinkName(taskId: string): string {
  return `t-${shortId(taskId)}`;
}

/** 169.254.x.y of a node: next hop inside overlays, never a source of its own traffic. */
export function innerAddress(overlayIndex: number): string {
  return `169.254.${overlayIndex >> 8}.${overlayIndex & 0xff}`;
}

/** The same for IPv6: link-local, as next hops are; only ever found by permanent neighbour entries. */
export function innerAddress6(overlayIndex: number): string {
  return `fe80::736b:${overlayIndex.toString(16)}`;
}

/** MAC of a node's VXLAN devices. */
export function vtepMac(overlayIndex: number): string {
  return `02:73:6b:00:${hexByte(overlayIndex >> 8)}:${hexByte(overlayIndex & 0xff)}`;
}

/** MAC of a task's interface, from its IPv4 address as Docker does it. */
export function taskMac(address: string): string {
  return `02:42:${address
    .split('.')
    .map((part) => hexByte(Number(part)))
    .join(':')}`;
}

/** Mark of connections that entered the cluster at the node. */
export function nodeMark(overlayIndex: number): number {
  return overlayIndex;
}

export function returnTable(overlayIndex: number): number {
  return RETURN_TABLE_BASE + overlayIndex;
}

export function returnPriority(overlayIndex: number): number {
  return RETURN_PRIORITY_BASE + (overlayIndex % 30_000);
}

/** The IPv4 addresses among CIDRs or plain addresses, without the prefix length. */
export function ipv4Of(addresses: readonly string[]): string[] {
  return addresses.map((address) => address.split('/')[0] ?? '').filter((address) => isIPv4(address));
}

/** The IPv6 addresses among CIDRs or plain addresses, without the prefix length, as the kernel's tables show them. */
export function ipv6Of(addresses: readonly string[]): string[] {
  return (
    addresses
      .map((address) => address.split('/')[0] ?? '')
      // The first test is much the cheaper, and plans ask it for every endpoint.
      .filter((address) => address.includes(':') && isIPv6(address))
      .map((address) => addressText(addressBytes(address)))
  );
}

/** Both families. */
export function ipOf(addresses: readonly string[]): string[] {
  return [...ipv4Of(addresses), ...ipv6Of(addresses)];
}

/** The address alone as a CIDR. */
export function hostCidr(address: string): string {
  return `${address}/${isIPv4(address) ? 32 : 128}`;
}

/** A test whether addresses are in one of the subnets; made once for many addresses. */
export function subnetTest(cidrs: readonly string[]): (address: string) => boolean {
  const ranges = cidrs.filter((cidr) => !cidr.includes(':')).map(ipv4Range);
  const prefixes = cidrs.filter((cidr) => cidr.includes(':')).flatMap((cidr) => parseCidr(cidr) ?? []);
  return (address) => {
    if (!address.includes(':')) {
      const value = ipv4Number(address);
      return ranges.some(({ first, size }) => value >= first && value < first + size);
    }
    const ip = parseIp(address);
    return ip !== undefined && prefixes.some((prefix) => cidrHasIp(prefix, ip));
  };
}

/** Both families; false when either is not what it says. */
export function cidrContains(cidr: string, address: string): boolean {
  return subnetTest([cidr])(address);
}

export function ipv4Number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function ipv4Text(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** First address and number of addresses of an IPv4 CIDR. */
export function ipv4Range(cidr: string): {
  readonly first: number;
  readonly size: number;
  readonly length: number;
} {
  const [address = '0.0.0.0', length = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(length));
  return { first: Math.floor(ipv4Number(address) / size) * size, size, length: Number(length) };
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
