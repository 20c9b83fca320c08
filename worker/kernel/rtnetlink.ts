// Requests of rtnetlink as plain functions: links, addresses, routes, neighbours, forwarding entries,
// rules (linux/rtnetlink.h, if_link.h, neighbour.h, fib_rules.h). Pure; `rtnetlink_read.ts` is the way back.
import {
  type Attribute,
  NLM_F,
  type Request,
  attribute,
  encodeAttributes,
  text,
  u16be,
  u32,
  u64,
  u8,
} from './netlink_message.ts';
import { addressBytes } from './socket.ts';

export const AF = { UNSPEC: 0, INET: 2, BRIDGE: 7, INET6: 10 } as const;
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  DELNEIGH: 29,
  GETNEIGH: 30,
  NEWRULE: 32,
  DELRULE: 33,
  GETRULE: 34,
  SETNEIGHTBL: 67,
} as const;
export const IFF_UP = 1;
export const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4, LINKINFO: 18, NET_NS_FD: 28 } as const;
export const INFO = { KIND: 1, DATA: 2 } as const;
export const VXLAN = { ID: 1, LOCAL: 4, TTL: 5, LEARNING: 7, PORT: 15, LOCAL6: 17 } as const;
export const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6, PREFSRC: 7, TABLE: 15 } as const;
export const RTN = { UNICAST: 1, UNREACHABLE: 7 } as const;
export const NDA = { DST: 1, LLADDR: 2 } as const;
export const FRA = { SRC: 2, PRIORITY: 6, FWMARK: 10, TABLE: 15, FWMASK: 16, PROTOCOL: 21 } as const;
export const NUD_PERMANENT = 0x80;
export const NTF_SELF = 0x02;
const RTNH_F_ONLINK = 4;
const RT_SCOPE_LINK = 253;
/** In a deletion: any scope. */
const RT_SCOPE_NOWHERE = 255;
const FR_ACT_TO_TBL = 1;
const VETH_INFO_PEER = 1;
const IFA_FLAGS = 8;
const IFA_F_NODAD = 0x02;
const IFA_F_NOPREFIXROUTE = 0x200;
export const MAIN_TABLE = 254;
/** Our mark on routes and rules ("S"; unassigned in rtnetlink.h), so that we never touch what others made. */
export const RTPROT_SKEIN = 0x53;
/** What the kernel makes by itself: connected routes, the three rules of every namespace. */
export const RTPROT_KERNEL = 2;

const ADD = NLM_F.CREATE | NLM_F.EXCL;
const PUT = NLM_F.CREATE | NLM_F.REPLACE;

export interface LinkEnd {
  readonly name: string;
  /** Interface index to take; 0 lets the kernel choose. */
  readonly index: number;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** Descriptor of the namespace to put it in; absent: the socket's. */
  readonly namespaceFd?: number;
}

export interface RouteSpec {
  /** CIDR. */
  readonly destination: string;
  readonly table: number;
  readonly type: 'unicast' | 'unreachable';
  readonly via?: string;
  readonly index?: number;
  readonly source?: string;
  /** Of routes that others made; ours have none. */
  readonly metric?: number;
}

export interface RuleSpec {
  readonly priority: number;
  readonly table: number;
  readonly fwmark?: number;
  /** CIDR. */
  readonly from?: string;
  /** Of IPv6; absent: of IPv4. */
  readonly six?: true;
}

export function macBytes(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(':'), (part) => Number.parseInt(part, 16));
}

export function parseCidr(cidr: string): { readonly address: string; readonly length: number } {
  const [address = '', length] = cidr.split('/');
  const whole = address.includes(':') ? 128 : 32;
  return { address, length: length === undefined ? whole : Number(length) };
}

export function familyOf(address: string): number {
  return address.includes(':') ? AF.INET6 : AF.INET;
}

function ifinfo(index: number, flags: number, change: number, family: number = AF.UNSPEC): Uint8Array {
  const out = Buffer.alloc(16);
  out.writeUInt8(family, 0);
  out.writeInt32LE(index, 4);
  out.writeUInt32LE(flags, 8);
  out.writeUInt32LE(change, 12);
  return out;
}

function endAttributes(end: LinkEnd): Attribute[] {
  return [
    attribute(IFLA.IFNAME, text(end.name)),
    attribute(IFLA.ADDRESS, macBytes(end.mac)),
    attribute(IFLA.MTU, u32(end.mtu)),
    ...(end.namespaceFd === undefined ? [] : [attribute(IFLA.NET_NS_FD, u32(end.namespaceFd))]),
  ];
}

function endHeader(end: LinkEnd): Uint8Array {
  return ifinfo(end.index, end.up ? IFF_UP : 0, end.up ? IFF_UP : 0);
}

/** Both ends of a veth in one request. The kernel refuses to bring the far end up here (it has no peer yet). */
export function addVeth(near: LinkEnd, far: LinkEnd): Request {
  const peer = Buffer.concat([endHeader({ ...far, up: false }), encodeAttributes(endAttributes(far))]);
  return {
    type: RTM.NEWLINK,
    flags: ADD,
    fixed: endHeader(near),
    attributes: [
      ...endAttributes(near),
      attribute(IFLA.LINKINFO, [
        attribute(INFO.KIND, text('veth')),
        attribute(INFO.DATA, [attribute(VETH_INFO_PEER, peer)]),
      ]),
    ],
    label: `link ${near.name} (veth to ${far.name})`,
  };
}

/**
 * A VXLAN device with no learning and no flooding. Its UDP socket belongs to the namespace of the netlink
 * socket that sends the request, wherever `end.namespaceFd` puts the device.
 */
export function addVxlan(end: LinkEnd, vni: number, local: string, port: number): Request {
  return {
    type: RTM.NEWLINK,
    flags: ADD,
    fixed: endHeader(end),
    attributes: [
      ...endAttributes(end),
      attribute(IFLA.LINKINFO, [
        attribute(INFO.KIND, text('vxlan')),
        attribute(INFO.DATA, [
          attribute(VXLAN.ID, u32(vni)),
          attribute(local.includes(':') ? VXLAN.LOCAL6 : VXLAN.LOCAL, addressBytes(local)),
          attribute(VXLAN.LEARNING, u8(0)),
          attribute(VXLAN.PORT, u16be(port)),
        ]),
      ]),
    ],
    label: `link ${end.name} (vxlan ${vni})`,
  };
}

export function setLink(index: number, up: boolean, mtu?: number): Request {
  return {
    type: RTM.NEWLINK,
    flags: 0,
    fixed: ifinfo(index, up ? IFF_UP : 0, IFF_UP),
    attributes: mtu === undefined ? [] : [attribute(IFLA.MTU, u32(mtu))],
    label: `link ${index} ${up ? 'up' : 'down'}`,
  };
}

export function deleteLink(index: number, name: string): Request {
  return {
    type: RTM.DELLINK,
    flags: 0,
    fixed: ifinfo(index, 0, 0),
    attributes: [],
    label: `link ${name} removal`,
  };
}

export function getLinkByName(name: string): Request {
  return {
    type: RTM.GETLINK,
    flags: 0,
    fixed: ifinfo(0, 0, 0),
    attributes: [attribute(IFLA.IFNAME, text(name))],
    label: `link ${name}`,
  };
}

/** Of a link whose index is not known any more. */
export function deleteLinkByName(name: string): Request {
  return {
    type: RTM.DELLINK,
    flags: 0,
    fixed: ifinfo(0, 0, 0),
    attributes: [attribute(IFLA.IFNAME, text(name))],
    label: `link ${name} removal`,
  };
}

/** `proxy_delay` 0 on the device: proxied ARP is answered at once instead of after up to 0.8 s. */
export function setProxyDelayZero(index: number): Request {
  const [NDTA_NAME, NDTA_PARMS, NDTPA_IFINDEX, NDTPA_PROXY_DELAY] = [1, 6, 1, 13];
  return {
    type: RTM.SETNEIGHTBL,
    flags: 0,
    fixed: Buffer.from([AF.INET, 0, 0, 0]),
    attributes: [
      attribute(NDTA_NAME, text('arp_cache')),
      attribute(NDTA_PARMS, [attribute(NDTPA_IFINDEX, u32(index)), attribute(NDTPA_PROXY_DELAY, u64(0n))]),
    ],
    label: `proxy_delay of link ${index}`,
  };
}

function addressRequest(type: number, flags: number, index: number, cidr: string): Request {
  const { address, length } = parseCidr(cidr);
  const isV6 = familyOf(address) === AF.INET6;
  // Nobody else can have the address: it is used at once, and of IPv6 the plan says the routes.
  const flags8 = isV6 ? IFA_F_NODAD : 0;
  // RFC 3927's addresses hold on their link alone: the kernel takes them as a source for nothing else.
  const scope = address.startsWith('169.254.') ? RT_SCOPE_LINK : 0;
  const fixed = Buffer.from([familyOf(address), length, flags8, scope, 0, 0, 0, 0]);
  fixed.writeUInt32LE(index, 4);
  const bytes = addressBytes(address);
  const IFA_ADDRESS = 1;
  const IFA_LOCAL = 2;
  return {
    type,
    flags,
    fixed,
    attributes: [
      attribute(IFA_LOCAL, bytes),
      attribute(IFA_ADDRESS, bytes),
      ...(isV6 ? [attribute(IFA_FLAGS, u32(IFA_F_NODAD | IFA_F_NOPREFIXROUTE))] : []),
    ],
    label: `address ${cidr}`,
  };
}

export function putAddress(index: number, cidr: string): Request {
  return addressRequest(RTM.NEWADDR, PUT, index, cidr);
}

export function deleteAddress(index: number, cidr: string): Request {
  return addressRequest(RTM.DELADDR, 0, index, cidr);
}

function routeRequest(type: number, flags: number, route: RouteSpec): Request {
  const { address, length } = parseCidr(route.destination);
  const SCOPE = route.via === undefined && route.type === 'unicast' ? 253 : 0;
  const fixed = Buffer.alloc(12);
  fixed.writeUInt8(familyOf(address), 0);
  fixed.writeUInt8(length, 1);
  fixed.writeUInt8(route.table < 256 ? route.table : 0, 4);
  fixed.writeUInt8(RTPROT_SKEIN, 5);
  fixed.writeUInt8(SCOPE, 6);
  fixed.writeUInt8(route.type === 'unicast' ? RTN.UNICAST : RTN.UNREACHABLE, 7);
  fixed.writeUInt32LE(route.via === undefined ? 0 : RTNH_F_ONLINK, 8);
  return {
    type,
    flags,
    fixed,
    attributes: [
      ...(length === 0 ? [] : [attribute(RTA.DST, addressBytes(address))]),
      attribute(RTA.TABLE, u32(route.table)),
      ...(route.via === undefined ? [] : [attribute(RTA.GATEWAY, addressBytes(route.via))]),
      ...(route.index === undefined ? [] : [attribute(RTA.OIF, u32(route.index))]),
      ...(route.source === undefined ? [] : [attribute(RTA.PREFSRC, addressBytes(route.source))]),
    ],
    label: `route ${route.destination} table ${route.table}`,
  };
}

export function putRoute(route: RouteSpec): Request {
  return routeRequest(RTM.NEWROUTE, PUT, route);
}

/** Whoever made it, and of whatever type: destination, table and metric say which one is meant. */
export function deleteRoute(route: Pick<RouteSpec, 'destination' | 'table' | 'metric'>): Request {
  const { address, length } = parseCidr(route.destination);
  const fixed = Buffer.alloc(12);
  fixed.writeUInt8(familyOf(address), 0);
  fixed.writeUInt8(length, 1);
  fixed.writeUInt8(route.table < 256 ? route.table : 0, 4);
  fixed.writeUInt8(RT_SCOPE_NOWHERE, 6);
  return {
    type: RTM.DELROUTE,
    flags: 0,
    fixed,
    attributes: [
      ...(length === 0 ? [] : [attribute(RTA.DST, addressBytes(address))]),
      attribute(RTA.TABLE, u32(route.table)),
      ...(route.metric === undefined ? [] : [attribute(RTA.PRIORITY, u32(route.metric))]),
    ],
    label: `route ${route.destination} table ${route.table} removal`,
  };
}

function neighbourFixed(family: number, index: number, flags: number): Uint8Array {
  const out = Buffer.alloc(12);
  out.writeUInt8(family, 0);
  out.writeInt32LE(index, 4);
  out.writeUInt16LE(NUD_PERMANENT, 8);
  out.writeUInt8(flags, 10);
  return out;
}

export function putNeighbour(index: number, address: string, mac: string): Request {
  return {
    type: RTM.NEWNEIGH,
    flags: PUT,
    fixed: neighbourFixed(familyOf(address), index, 0),
    attributes: [attribute(NDA.DST, addressBytes(address)), attribute(NDA.LLADDR, macBytes(mac))],
    label: `neighbour ${address}`,
  };
}

export function deleteNeighbour(index: number, address: string): Request {
  return {
    type: RTM.DELNEIGH,
    flags: 0,
    fixed: neighbourFixed(familyOf(address), index, 0),
    attributes: [attribute(NDA.DST, addressBytes(address))],
    label: `neighbour ${address} removal`,
  };
}

function forwardingRequest(type: number, flags: number, index: number, mac: string, vtep: string): Request {
  return {
    type,
    flags,
    fixed: neighbourFixed(AF.BRIDGE, index, NTF_SELF),
    attributes: [attribute(NDA.LLADDR, macBytes(mac)), attribute(NDA.DST, addressBytes(vtep))],
    label: `forwarding entry ${mac} to ${vtep}`,
  };
}

export function putForwarding(index: number, mac: string, vtep: string): Request {
  return forwardingRequest(RTM.NEWNEIGH, PUT, index, mac, vtep);
}

export function deleteForwarding(index: number, mac: string, vtep: string): Request {
  return forwardingRequest(RTM.DELNEIGH, 0, index, mac, vtep);
}

function ruleRequest(type: number, flags: number, rule: RuleSpec): Request {
  const from = rule.from === undefined ? undefined : parseCidr(rule.from);
  const fixed = Buffer.alloc(12);
  fixed.writeUInt8(rule.six ? AF.INET6 : AF.INET, 0);
  fixed.writeUInt8(from?.length ?? 0, 2);
  fixed.writeUInt8(rule.table < 256 ? rule.table : 0, 4);
  fixed.writeUInt8(FR_ACT_TO_TBL, 7);
  return {
    type,
    flags,
    fixed,
    attributes: [
      attribute(FRA.PRIORITY, u32(rule.priority)),
      ...(from === undefined ? [] : [attribute(FRA.SRC, addressBytes(from.address))]),
      ...(rule.fwmark === undefined ? [] : [attribute(FRA.FWMARK, u32(rule.fwmark))]),
      attribute(FRA.TABLE, u32(rule.table)),
      // A deletion takes the rule whoever made it.
      ...(type === RTM.NEWRULE ? [attribute(FRA.PROTOCOL, u8(RTPROT_SKEIN))] : []),
    ],
    label: `rule ${rule.priority} to table ${rule.table}`,
  };
}

export function addRule(rule: RuleSpec): Request {
  return ruleRequest(RTM.NEWRULE, ADD, rule);
}

export function deleteRule(rule: RuleSpec): Request {
  return ruleRequest(RTM.DELRULE, 0, rule);
}
