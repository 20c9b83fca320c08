// Connection tracking of a namespace by netlink (linux/netfilter/nfnetlink_conntrack.h): forgets translated
// connections that lead to an address which serves no more, so that their next packet finds another.
import type { NamespaceRef } from './namespace.ts';
import { isIPv4 } from 'node:net';
import { type Message, NLM_F, type Request, attribute, decodeAttributes, u32 } from './netlink_message.ts';
import { NETLINK_NETFILTER, NetlinkSocket } from './netlink_socket.ts';
import { addressText } from './rtnetlink_read.ts';
import { addressBytes } from './socket.ts';

const AF_INET = 2;
const AF_INET6 = 10;
/** NFNL_SUBSYS_CTNETLINK in the upper byte, the command in the lower. */
const CT_GET = 0x101;
const CT_DELETE = 0x102;
const CTA = { TUPLE_REPLY: 2, STATUS: 3, FILTER: 25 } as const;
const CTA_TUPLE_IP = 1;
const CTA_IP_V4_SRC = 1;
const CTA_IP_V6_SRC = 3;
const CTA_FILTER_REPLY_FLAGS = 2;
/** Compare the source address only (kernel 5.8 and later; older ones return all, and we compare too). */
const FILTER_IP_SOURCE = 1;
const NLA_F_NESTED = 0x8000;
const IPS_DST_NAT = 1 << 5;
const HEADER_BYTES = 4;
/**
 * Each list makes the kernel walk its whole table (9 ms), whatever it finds: for more addresses than these, as when
 * a host dies with its endpoints, everything is read once.
 */
const FILTERED_MAX = 4;

/** struct nfgenmsg: family, version, resource. */
function header(family: number): Uint8Array {
  return Uint8Array.of(family, 0, 0, 0);
}

function listAllRequest(family: number): Request {
  return {
    type: CT_GET,
    flags: NLM_F.DUMP,
    fixed: header(family),
    attributes: [],
    label: 'all connections',
  };
}

function sourceKey(address: string): number {
  return isIPv4(address) ? CTA_IP_V4_SRC : CTA_IP_V6_SRC;
}

function listRequest(address: string): Request {
  const source = attribute(CTA_TUPLE_IP | NLA_F_NESTED, [
    attribute(sourceKey(address), addressBytes(address)),
  ]);
  return {
    type: CT_GET,
    flags: NLM_F.DUMP,
    fixed: header(isIPv4(address) ? AF_INET : AF_INET6),
    attributes: [
      attribute(CTA.TUPLE_REPLY | NLA_F_NESTED, [source]),
      attribute(CTA.FILTER | NLA_F_NESTED, [attribute(CTA_FILTER_REPLY_FLAGS, u32(FILTER_IP_SOURCE))]),
    ],
    label: `connections to ${address}`,
  };
}

/** One translated connection, as it was when it was listed. */
export interface Connection {
  readonly family: number;
  /** The tuple of its answers; names the endpoint. */
  readonly reply: Buffer;
  /** Where the connection was translated to. */
  readonly target: string;
}

/** Undefined for connections that nobody translated. */
function toConnection({ payload }: Message): Connection | undefined {
  const attributes = decodeAttributes(payload, HEADER_BYTES);
  const reply = attributes.get(CTA.TUPLE_REPLY);
  const tuple = decodeAttributes(reply ?? Buffer.alloc(0), 0);
  const addresses = decodeAttributes(tuple.get(CTA_TUPLE_IP) ?? Buffer.alloc(0), 0);
  const source = addresses.get(CTA_IP_V4_SRC) ?? addresses.get(CTA_IP_V6_SRC);
  const translated = ((attributes.get(CTA.STATUS)?.readUInt32BE() ?? 0) & IPS_DST_NAT) !== 0;
  return reply === undefined || source === undefined || !translated
    ? undefined
    : { family: payload.readUInt8(0), reply, target: addressText(source) };
}

/**
 * By the tuple of the answers: between the list and this, a client may take the port of a closed connection again,
 * and the kernel puts an entry to another endpoint in the place of the one that was listed. That one has the same
 * tuple of the questions (and often the same id: its memory is used again at once), but not this.
 */
function deletion({ family, reply, target }: Connection): Request {
  return {
    type: CT_DELETE,
    flags: 0,
    fixed: header(family),
    attributes: [attribute(CTA.TUPLE_REPLY | NLA_F_NESTED, reply)],
    label: `connection to ${target}`,
  };
}

/**
 * Deletes the entries of connections that were translated to one of the addresses.
 * @returns how many
 */
export function forgetConnections(namespace: NamespaceRef, addresses: readonly string[]): number {
  return deleteConnections(namespace, connectionsTo(namespace, addresses));
}

/** The same of all whose target is not wanted; reads the whole table, so not for every day. */
export function forgetConnectionsWhere(
  namespace: NamespaceRef,
  isUnwanted: (target: string) => boolean,
): number {
  const all = list(namespace, [AF_INET, AF_INET6].map(listAllRequest));
  return deleteConnections(
    namespace,
    all.filter(({ target }) => isUnwanted(target)),
  );
}

/** Connections that were translated to one of the addresses. */
export function connectionsTo(namespace: NamespaceRef, addresses: readonly string[]): readonly Connection[] {
  const wanted = new Set(addresses);
  const requests =
    wanted.size > FILTERED_MAX ? [AF_INET, AF_INET6].map(listAllRequest) : [...wanted].map(listRequest);
  return list(namespace, requests).filter(({ target }) => wanted.has(target));
}

function list(namespace: NamespaceRef, requests: readonly Request[]): readonly Connection[] {
  const socket = new NetlinkSocket(namespace, NETLINK_NETFILTER);
  try {
    return requests
      .flatMap((request) => socket.query(request))
      .flatMap((message) => toConnection(message) ?? []);
  } finally {
    socket.close();
  }
}

/**
 * Deletes the entries of these connections, and of no other that has come in the place of one.
 * @returns how many were asked for
 */
export function deleteConnections(namespace: NamespaceRef, connections: readonly Connection[]): number {
  const socket = new NetlinkSocket(namespace, NETLINK_NETFILTER);
  try {
    socket.execute(connections.map(deletion), ['ENOENT']);
    return connections.length;
  } finally {
    socket.close();
  }
}
