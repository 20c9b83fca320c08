// IPVS through generic netlink (linux/ip_vs.h, linux/genetlink.h): requests as bytes and answers as values.
// Pure but for `resolveFamily`, which asks the kernel for the family's number.
import { hasErrno } from './errors.ts';
import {
  type Attribute,
  type Message,
  NLM_F,
  type Request,
  attribute,
  cString,
  decodeAttributes,
  text,
  u16,
  u16be,
  u32,
} from './netlink_message.ts';
import type { NetlinkSocket } from './netlink_socket.ts';
import { addressText } from './rtnetlink_read.ts';
import { addressBytes } from './socket.ts';

const GENL_ID_CTRL = 0x10;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR = { FAMILY_ID: 1, FAMILY_NAME: 2 } as const;
const IPVS_VERSION = 1;
const COMMAND = {
  NEW_SERVICE: 1,
  SET_SERVICE: 2,
  DEL_SERVICE: 3,
  GET_SERVICE: 4,
  NEW_DEST: 5,
  SET_DEST: 6,
  DEL_DEST: 7,
  GET_DEST: 8,
  SET_CONFIG: 12,
  GET_CONFIG: 13,
} as const;
const CMD_ATTR = { SERVICE: 1, DEST: 2, TIMEOUT_TCP: 4, TIMEOUT_TCP_FIN: 5, TIMEOUT_UDP: 6 } as const;
const SVC = {
  AF: 1,
  PROTOCOL: 2,
  ADDR: 3,
  PORT: 4,
  FWMARK: 5,
  SCHED_NAME: 6,
  FLAGS: 7,
  TIMEOUT: 8,
  NETMASK: 9,
} as const;
const DEST = {
  ADDR: 1,
  PORT: 2,
  FWD_METHOD: 3,
  WEIGHT: 4,
  U_THRESH: 5,
  L_THRESH: 6,
  ADDR_FAMILY: 11,
} as const;
const AF_INET = 2;
const AF_INET6 = 10;
const NETMASK_HOST = 0xffffffff;
/** Forwarding by address translation, so replies come back through the balancing namespace. */
const FWD_MASQUERADE = 0;
/** Of the connection flags that a destination shows: how it is forwarded to. */
const FWD_MASK = 7;
/** The one flag of a service that is the kernel's own mark: it stands in the table. */
const SERVICE_HASHED = 2;
/** Addresses are unions as large as an IPv6 address. */
const ADDRESS_BYTES = 16;

/** A virtual service: by firewall mark (all ports of a VIP), or by protocol, address and port. */
export type IpvsService =
  | ({ readonly kind: 'mark'; readonly mark: number; readonly scheduler: string } & Foreign)
  | ({
      readonly kind: 'port';
      /** IP protocol number: 6 TCP, 17 UDP, 132 SCTP. */
      readonly protocol: number;
      readonly address: string;
      readonly port: number;
      readonly scheduler: string;
    } & Foreign);

/** What only somebody else makes; skein sees it, and changes or removes it. */
interface Foreign {
  /** The service is one of IPv6. */
  readonly six?: true;
  /** It has flags (persistence, one packet a connection) that skein sets nowhere. */
  readonly odd?: true;
}

/** How long a connection without packets is remembered, in seconds. */
export interface IpvsTimeouts {
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}

export interface IpvsDestination {
  readonly address: string;
  /** 0 with a mark service: the port stays as it came. */
  readonly port: number;
  /** 0: no new connections, those there are live on. */
  readonly weight: number;
  /** Not by address translation; only somebody else makes such a one. */
  readonly odd?: true;
}

function genericHeader(command: number, version: number): Uint8Array {
  return Uint8Array.of(command, version, 0, 0);
}

function paddedAddress(address: string): Uint8Array {
  const out = new Uint8Array(ADDRESS_BYTES);
  out.set(addressBytes(address));
  return out;
}

function serviceIdentity(service: IpvsService): Attribute[] {
  const family = attribute(SVC.AF, u16(service.six === true ? AF_INET6 : AF_INET));
  return service.kind === 'mark'
    ? [family, attribute(SVC.FWMARK, u32(service.mark))]
    : [
        family,
        attribute(SVC.PROTOCOL, u16(service.protocol)),
        attribute(SVC.ADDR, paddedAddress(service.address)),
        attribute(SVC.PORT, u16be(service.port)),
      ];
}

function serviceParameters(service: IpvsService): Attribute[] {
  return [
    attribute(SVC.SCHED_NAME, text(service.scheduler)),
    // struct ip_vs_flags: no flag set, all of them meant.
    attribute(SVC.FLAGS, Buffer.concat([u32(0), u32(0xffffffff)])),
    attribute(SVC.TIMEOUT, u32(0)),
    attribute(SVC.NETMASK, u32(NETMASK_HOST)),
  ];
}

function destinationIdentity(destination: IpvsDestination): Attribute[] {
  return [
    attribute(DEST.ADDR_FAMILY, u16(AF_INET)),
    attribute(DEST.ADDR, paddedAddress(destination.address)),
    attribute(DEST.PORT, u16be(destination.port)),
  ];
}

function destinationParameters(destination: IpvsDestination): Attribute[] {
  return [
    attribute(DEST.FWD_METHOD, u32(FWD_MASQUERADE)),
    attribute(DEST.WEIGHT, u32(destination.weight)),
    attribute(DEST.U_THRESH, u32(0)),
    attribute(DEST.L_THRESH, u32(0)),
  ];
}

/** Requests of one family number; the number differs from boot to boot. */
export class IpvsRequests {
  private readonly family: number;

  constructor(family: number) {
    this.family = family;
  }

  addService(service: IpvsService): Request {
    return this.request(COMMAND.NEW_SERVICE, service, [
      ...serviceIdentity(service),
      ...serviceParameters(service),
    ]);
  }

  /** Scheduler and flags of a service that stands. */
  setService(service: IpvsService): Request {
    return this.request(COMMAND.SET_SERVICE, service, [
      ...serviceIdentity(service),
      ...serviceParameters(service),
    ]);
  }

  removeService(service: IpvsService): Request {
    return this.request(COMMAND.DEL_SERVICE, service, serviceIdentity(service));
  }

  addDestination(service: IpvsService, destination: IpvsDestination): Request {
    return this.destinationRequest(COMMAND.NEW_DEST, service, destination, true);
  }

  setDestination(service: IpvsService, destination: IpvsDestination): Request {
    return this.destinationRequest(COMMAND.SET_DEST, service, destination, true);
  }

  removeDestination(service: IpvsService, destination: IpvsDestination): Request {
    return this.destinationRequest(COMMAND.DEL_DEST, service, destination, false);
  }

  listServices(): Request {
    return this.dump(COMMAND.GET_SERVICE, [], 'ipvs services');
  }

  listDestinations(service: IpvsService): Request {
    const named = [attribute(CMD_ATTR.SERVICE, serviceIdentity(service))];
    return this.dump(COMMAND.GET_DEST, named, 'ipvs destinations');
  }

  getTimeouts(): Request {
    const fixed = genericHeader(COMMAND.GET_CONFIG, IPVS_VERSION);
    return { type: this.family, flags: 0, fixed, attributes: [], label: 'ipvs time-outs' };
  }

  /** Of the whole namespace; connections take them up with their next packet. */
  setTimeouts({ tcp, tcpFin, udp }: IpvsTimeouts): Request {
    return {
      type: this.family,
      flags: NLM_F.ACK,
      fixed: genericHeader(COMMAND.SET_CONFIG, IPVS_VERSION),
      attributes: [
        attribute(CMD_ATTR.TIMEOUT_TCP, u32(tcp)),
        attribute(CMD_ATTR.TIMEOUT_TCP_FIN, u32(tcpFin)),
        attribute(CMD_ATTR.TIMEOUT_UDP, u32(udp)),
      ],
      label: `ipvs time-outs ${tcp} ${tcpFin} ${udp}`,
    };
  }

  private request(command: number, service: IpvsService, attributes: readonly Attribute[]): Request {
    return {
      type: this.family,
      flags: NLM_F.ACK,
      fixed: genericHeader(command, IPVS_VERSION),
      attributes: [attribute(CMD_ATTR.SERVICE, attributes)],
      label: `ipvs ${describeService(service)}`,
    };
  }

  private destinationRequest(
    command: number,
    service: IpvsService,
    destination: IpvsDestination,
    whole: boolean,
  ): Request {
    const parameters = whole ? destinationParameters(destination) : [];
    return {
      type: this.family,
      flags: NLM_F.ACK,
      fixed: genericHeader(command, IPVS_VERSION),
      attributes: [
        attribute(CMD_ATTR.SERVICE, serviceIdentity(service)),
        attribute(CMD_ATTR.DEST, [...destinationIdentity(destination), ...parameters]),
      ],
      label: `ipvs ${describeService(service)} to ${destination.address}:${destination.port}`,
    };
  }

  private dump(command: number, attributes: readonly Attribute[], label: string): Request {
    const fixed = genericHeader(command, IPVS_VERSION);
    return { type: this.family, flags: NLM_F.DUMP, fixed, attributes, label };
  }
}

export function describeService(service: IpvsService): string {
  const family = service.six === true ? 'ipv6 ' : '';
  return service.kind === 'mark'
    ? `${family}mark ${service.mark}`
    : `${family}${service.protocol} ${service.address}:${service.port}`;
}

export function familyRequest(name: string): Request {
  return {
    type: GENL_ID_CTRL,
    flags: 0,
    fixed: genericHeader(CTRL_CMD_GETFAMILY, 1),
    attributes: [attribute(CTRL_ATTR.FAMILY_NAME, text(name))],
    label: `generic netlink family ${name}`,
  };
}

/** The family's number, or undefined when the kernel does not have it (nor a module to load for it). */
export function resolveFamily(socket: NetlinkSocket, name: string): number | undefined {
  try {
    const [message] = socket.query(familyRequest(name));
    return message === undefined
      ? undefined
      : decodeAttributes(message.payload, 4).get(CTRL_ATTR.FAMILY_ID)?.readUInt16LE();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
}

export function parseService({ payload }: Message): IpvsService | undefined {
  const nest = decodeAttributes(payload, 4).get(CMD_ATTR.SERVICE);
  if (nest === undefined) {
    return undefined;
  }
  const attributes = decodeAttributes(nest, 0);
  const scheduler = cString(attributes.get(SVC.SCHED_NAME) ?? Buffer.alloc(1));
  const mark = attributes.get(SVC.FWMARK)?.readUInt32LE();
  const isSix = attributes.get(SVC.AF)?.readUInt16LE() === AF_INET6;
  const flags = attributes.get(SVC.FLAGS)?.readUInt32LE() ?? 0;
  const foreign: Foreign = {
    ...(isSix && { six: true }),
    ...((flags & ~SERVICE_HASHED) !== 0 && { odd: true }),
  };
  if (mark !== undefined) {
    return { kind: 'mark', mark, scheduler, ...foreign };
  }
  return {
    kind: 'port',
    protocol: attributes.get(SVC.PROTOCOL)?.readUInt16LE() ?? 0,
    address: unionText(attributes.get(SVC.ADDR), isSix),
    port: attributes.get(SVC.PORT)?.readUInt16BE() ?? 0,
    scheduler,
    ...foreign,
  };
}

export function parseDestination({ payload }: Message): IpvsDestination | undefined {
  const nest = decodeAttributes(payload, 4).get(CMD_ATTR.DEST);
  if (nest === undefined) {
    return undefined;
  }
  const attributes = decodeAttributes(nest, 0);
  const method = (attributes.get(DEST.FWD_METHOD)?.readUInt32LE() ?? 0) & FWD_MASK;
  return {
    address: unionText(
      attributes.get(DEST.ADDR),
      attributes.get(DEST.ADDR_FAMILY)?.readUInt16LE() === AF_INET6,
    ),
    port: attributes.get(DEST.PORT)?.readUInt16BE() ?? 0,
    weight: attributes.get(DEST.WEIGHT)?.readUInt32LE() ?? 0,
    ...(method !== FWD_MASQUERADE && { odd: true as const }),
  };
}

export function parseTimeouts({ payload }: Message): IpvsTimeouts {
  const attributes = decodeAttributes(payload, 4);
  const seconds = (type: number): number => attributes.get(type)?.readUInt32LE() ?? 0;
  return {
    tcp: seconds(CMD_ATTR.TIMEOUT_TCP),
    tcpFin: seconds(CMD_ATTR.TIMEOUT_TCP_FIN),
    udp: seconds(CMD_ATTR.TIMEOUT_UDP),
  };
}

function unionText(value: Buffer | undefined, isSix: boolean): string {
  return addressText((value ?? Buffer.alloc(ADDRESS_BYTES)).subarray(0, isSix ? ADDRESS_BYTES : 4));
}
