// Whether a device merges the packets that it receives (generic receive offload), asked and set through the
// ethtool family of generic netlink (linux/ethtool_netlink.h, since Linux 5.6).
import { resolveFamily } from './genetlink_ipvs.ts';
import type { NamespaceRef } from './namespace.ts';
import {
  type Attribute,
  NLA_F_NESTED,
  type Request,
  attribute,
  decodeAttributes,
  text,
  u32,
} from './netlink_message.ts';
import { NETLINK_GENERIC, NetlinkSocket } from './netlink_socket.ts';

const FAMILY_NAME = 'ethtool';
const VERSION = 1;
const FEATURES_GET = 11;
const FEATURES_SET = 12;
const HEADER = { DEV_NAME: 2, FLAGS: 3 } as const;
const FEATURES = { HEADER: 1, WANTED: 3, ACTIVE: 4 } as const;
const BITSET_BITS = 3;
const BITSET_BITS_BIT = 1;
const BIT = { NAME: 2, VALUE: 3 } as const;
const OMIT_REPLY = 2;
const MERGING = 'rx-gro';

function request(family: number, command: number, attributes: readonly Attribute[], label: string): Request {
  return { type: family, flags: 0, fixed: Uint8Array.of(command, VERSION, 0, 0), attributes, label };
}

function header(link: string, flags: number): Attribute {
  const device = attribute(HEADER.DEV_NAME, text(link));
  return attribute(FEATURES.HEADER | NLA_F_NESTED, [device, attribute(HEADER.FLAGS, u32(flags))]);
}

/** A bit is listed among the active ones by its name. */
function isMerging(socket: NetlinkSocket, family: number, link: string): boolean {
  const [answer] = socket.query(request(family, FEATURES_GET, [header(link, 0)], `features of ${link}`));
  const features = decodeAttributes(answer?.payload ?? Buffer.alloc(4), 4);
  return features.get(FEATURES.ACTIVE)?.includes(`${MERGING}\0`) ?? false;
}

function merging(family: number, link: string, on: boolean): Request {
  const bit = [attribute(BIT.NAME, text(MERGING)), ...(on ? [attribute(BIT.VALUE, new Uint8Array(0))] : [])];
  const bits = attribute(BITSET_BITS | NLA_F_NESTED, [attribute(BITSET_BITS_BIT | NLA_F_NESTED, bit)]);
  const wanted = attribute(FEATURES.WANTED | NLA_F_NESTED, [bits]);
  return request(family, FEATURES_SET, [header(link, OMIT_REPLY), wanted], `${MERGING} of ${link}`);
}

/**
 * Switches the merging of received packets on or off.
 * @returns whether it was otherwise before; false, too, on kernels that cannot be asked: they work, only slower
 * @throws SkeinError of the kernel, e.g. `ENODEV`
 */
export function setMerging(namespace: NamespaceRef, link: string, on: boolean): boolean {
  const socket = new NetlinkSocket(namespace, NETLINK_GENERIC);
  try {
    const family = resolveFamily(socket, FAMILY_NAME);
    if (family === undefined || isMerging(socket, family, link) === on) {
      return false;
    }
    socket.execute([merging(family, link, on)]);
    return true;
  } finally {
    socket.close();
  }
}
