// Addresses between a network's namespace and its host: a pair of each family an uplink, out of ranges that
// only the node itself knows. Pure.
import { ipv4Number } from './addressing.ts';

/** RFC 2544's benchmark range: routed nowhere and hardly ever used inside a site. */
export const TRANSFER_RANGE = '198.18.0.0/16';
/** A unique local prefix (RFC 4193) that says whose it is; the same on every node, since it never leaves one. */
const PREFIX6 = 'fd73:6b65:696e::';
export const TRANSFER_RANGE6 = `${PREFIX6}/64`;
/** Of both ends of an uplink (RFC 3021, RFC 6164). */
export const TRANSFER_LENGTH = 31;
export const TRANSFER_LENGTH6 = 127;
/** MAC of every uplink's end on the host; the other end has `GATEWAY_MAC`. */
export const HOST_MAC = '02:73:6b:ff:00:02';

export interface TransferPair {
  readonly host: string;
  readonly inside: string;
}

/** Both ends of a network's way out. */
export interface Transfer extends TransferPair {
  /** Absent where the host has no IPv6. */
  readonly six?: TransferPair;
}

/** The pair of IPv6 that belongs to one of IPv4. */
export function transferPair6({ host, inside }: TransferPair): TransferPair {
  return { host: embed(host), inside: embed(inside) };
}

function embed(address: string): string {
  const value = ipv4Number(address);
  return `${PREFIX6}${Math.floor(value / 0x10000).toString(16)}:${(value % 0x10000).toString(16)}`;
}
