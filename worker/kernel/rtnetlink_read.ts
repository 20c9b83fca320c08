// Reads the kernel's tables through a netlink socket into plain values, for the comparison of what is
// with what should be. IPv4 and IPv6 addresses come as text in the form `net` prints them.
import {
  type Message,
  NLM_F,
  type Request,
  attribute,
  cString,
  decodeAttributes,
} from './netlink_message.ts';
import type { NetlinkSocket } from './netlink_socket.ts';
import { hasErrno } from './errors.ts';
import { addressBytes } from './socket.ts';
import {
  AF,
  FRA,
  IFF_UP,
  IFLA,
  INFO,
  NDA,
  NUD_PERMANENT,
  RTA,
  RTM,
  RTN,
  RTPROT_KERNEL,
  type RouteSpec,
  type RuleSpec,
  VXLAN,
  getLinkByName,
} from './rtnetlink.ts';

export interface LinkState {
  readonly index: number;
  readonly name: string;
  readonly kind: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly vxlan?: { readonly vni: number; readonly local: string; readonly port: number };
}

export interface AddressState {
  readonly index: number;
  /** CIDR. */
  readonly address: string;
}

export interface NeighbourState {
  readonly index: number;
  readonly address: string;
  readonly mac: string;
}

/** All but the kernel's own (by protocol), whoever made them; `index` is the outgoing interface. */
export type RouteState = RouteSpec;
export type RuleState = RuleSpec;

/** IP6_RT_PRIO_USER. */
const METRIC6 = 1024;

function dump(type: number, fixedBytes: number, family: number, label: string): Request {
  const fixed = Buffer.alloc(fixedBytes);
  fixed.writeUInt8(family, 0);
  return { type, flags: NLM_F.DUMP, fixed, attributes: [], label };
}

/** Network byte order to text. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) {
    return bytes.join('.');
  }
  const words = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  const runs = [...words.join(':').matchAll(/(?:^|:)(?:0(?::|$)){2,}/g)].sort(
    (one, other) => other[0].length - one[0].length,
  );
  const longest = runs[0]?.[0];
  return longest === undefined ? words.join(':') : words.join(':').replace(longest, '::');
}

function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Of an answer, or of what the kernel announces of a link. */
export function toLink({ payload }: Message): LinkState {
  const attributes = decodeAttributes(payload, 16);
  const info = decodeAttributes(attributes.get(IFLA.LINKINFO) ?? Buffer.alloc(0), 0);
  const kind = info.get(INFO.KIND);
  const data = decodeAttributes(info.get(INFO.DATA) ?? Buffer.alloc(0), 0);
  const link: LinkState = {
    index: payload.readInt32LE(4),
    name: cString(attributes.get(IFLA.IFNAME) ?? Buffer.alloc(1)),
    kind: kind === undefined ? '' : cString(kind),
    mac: macText(attributes.get(IFLA.ADDRESS) ?? Buffer.alloc(0)),
    mtu: attributes.get(IFLA.MTU)?.readUInt32LE() ?? 0,
    up: (payload.readUInt32LE(8) & IFF_UP) !== 0,
  };
  if (link.kind !== 'vxlan') {
    return link;
  }
  const local = data.get(VXLAN.LOCAL) ?? data.get(VXLAN.LOCAL6);
  return {
    ...link,
    vxlan: {
      vni: data.get(VXLAN.ID)?.readUInt32LE() ?? 0,
      local: local === undefined ? '' : addressText(local),
      port: data.get(VXLAN.PORT)?.readUInt16BE() ?? 0,
    },
  };
}

export function readLinks(socket: NetlinkSocket): LinkState[] {
  return socket.query(dump(RTM.GETLINK, 16, AF.UNSPEC, 'links')).map(toLink);
}

/** Undefined when there is no such link. */
export function findLink(socket: NetlinkSocket, name: string): LinkState | undefined {
  try {
    const [message] = socket.query(getLinkByName(name));
    return message === undefined ? undefined : toLink(message);
  } catch (error) {
    if (hasErrno(error, 'ENODEV')) {
      return undefined;
    }
    throw error;
  }
}

export function readAddresses(socket: NetlinkSocket): AddressState[] {
  const IFA_ADDRESS = 1;
  const IFA_LOCAL = 2;
  return socket.query(dump(RTM.GETADDR, 8, AF.UNSPEC, 'addresses')).flatMap(({ payload }) => {
    const attributes = decodeAttributes(payload, 8);
    const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
    return bytes === undefined
      ? []
      : [{ index: payload.readUInt32LE(4), address: `${addressText(bytes)}/${payload.readUInt8(1)}` }];
  });
}

export function readRoutes(socket: NetlinkSocket, family: number = AF.INET): RouteState[] {
  return socket.query(dump(RTM.GETROUTE, 12, family, 'routes')).flatMap(({ payload }) => {
    if (payload.readUInt8(5) === RTPROT_KERNEL) {
      return [];
    }
    const attributes = decodeAttributes(payload, 12);
    const destination = attributes.get(RTA.DST);
    const length = payload.readUInt8(1);
    const anywhere = family === AF.INET ? '0.0.0.0' : '::';
    const via = attributes.get(RTA.GATEWAY);
    const index = attributes.get(RTA.OIF);
    const source = attributes.get(RTA.PREFSRC);
    const metric = attributes.get(RTA.PRIORITY);
    // Every route of IPv6 has a metric; the kernel's default is none to speak of.
    const hasMetric = metric !== undefined && !(family === AF.INET6 && metric.readUInt32LE() === METRIC6);
    const unicast = payload.readUInt8(7) === RTN.UNICAST;
    return [
      {
        destination: `${destination === undefined ? anywhere : addressText(destination)}/${length}`,
        table: attributes.get(RTA.TABLE)?.readUInt32LE() ?? payload.readUInt8(4),
        type: unicast ? ('unicast' as const) : ('unreachable' as const),
        ...(via === undefined ? {} : { via: addressText(via) }),
        ...(index === undefined || !unicast ? {} : { index: index.readUInt32LE() }),
        ...(source === undefined ? {} : { source: addressText(source) }),
        ...(hasMetric ? { metric: metric.readUInt32LE() } : {}),
      },
    ];
  });
}

/** Whether the namespace knows a way to the address at all. */
export function hasRoute(socket: NetlinkSocket, address: string): boolean {
  const bytes = addressBytes(address);
  const fixed = Buffer.alloc(12);
  fixed.writeUInt8(bytes.length === 4 ? AF.INET : AF.INET6, 0);
  fixed.writeUInt8(bytes.length * 8, 1);
  const label = `route to ${address}`;
  try {
    const request = { type: RTM.GETROUTE, flags: 0, fixed, attributes: [attribute(RTA.DST, bytes)], label };
    const [answer] = socket.query(request);
    return answer !== undefined && answer.payload.readUInt8(7) !== RTN.UNREACHABLE;
  } catch (error) {
    if (hasErrno(error, 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EACCES', 'EINVAL')) {
      return false;
    }
    throw error;
  }
}

function toNeighbour({ payload }: Message): NeighbourState[] {
  const attributes = decodeAttributes(payload, 12);
  const address = attributes.get(NDA.DST);
  const mac = attributes.get(NDA.LLADDR);
  const permanent = (payload.readUInt16LE(8) & NUD_PERMANENT) !== 0;
  return address === undefined || mac === undefined || !permanent
    ? []
    : [{ index: payload.readInt32LE(4), address: addressText(address), mac: macText(mac) }];
}

/** Permanent entries only: the kernel's own learning is none of our business. */
export function readNeighbours(socket: NetlinkSocket, family: number = AF.INET): NeighbourState[] {
  return socket.query(dump(RTM.GETNEIGH, 12, family, 'neighbours')).flatMap(toNeighbour);
}

/** Forwarding entries of VXLAN devices: `address` is the peer's VTEP. */
export function readForwarding(socket: NetlinkSocket): NeighbourState[] {
  return socket.query(dump(RTM.GETNEIGH, 16, AF.BRIDGE, 'forwarding entries')).flatMap(toNeighbour);
}

export function readRules(socket: NetlinkSocket, family: number = AF.INET): RuleState[] {
  return socket.query(dump(RTM.GETRULE, 12, family, 'rules')).flatMap(({ payload }) => {
    const attributes = decodeAttributes(payload, 12);
    if (attributes.get(FRA.PROTOCOL)?.readUInt8() === RTPROT_KERNEL) {
      return [];
    }
    const from = attributes.get(FRA.SRC);
    const fwmark = attributes.get(FRA.FWMARK);
    return [
      {
        priority: attributes.get(FRA.PRIORITY)?.readUInt32LE() ?? 0,
        table: attributes.get(FRA.TABLE)?.readUInt32LE() ?? payload.readUInt8(4),
        ...(fwmark === undefined ? {} : { fwmark: fwmark.readUInt32LE() }),
        ...(from === undefined ? {} : { from: `${addressText(from)}/${payload.readUInt8(2)}` }),
        ...(family === AF.INET6 && { six: true as const }),
      },
    ];
  });
}
