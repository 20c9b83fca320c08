// Requests of the kernel's IPsec (linux/xfrm.h) as plain functions: security associations and policies of ESP in
// transport mode between two addresses of one family. Pure; `xfrm_read.ts` is the way back.
import { type Request, attribute } from './netlink_message.ts';
import { addressBytes } from './socket.ts';
import { familyOf } from './rtnetlink.ts';

export const XFRM_MSG = {
  NEWSA: 0x10,
  DELSA: 0x11,
  GETSA: 0x12,
  DELPOLICY: 0x14,
  GETPOLICY: 0x15,
  UPDPOLICY: 0x19,
} as const;
export const XFRMA = { TMPL: 5, ALG_AEAD: 18, REPLAY_ESN_VAL: 23 } as const;
export const IPPROTO_UDP = 17;
export const IPPROTO_ESP = 50;
export const XFRM_MODE_TRANSPORT = 0;
export const XFRM_STATE_ESN = 128;
export const XFRM_POLICY_BLOCK = 1;
export const POLICY_DIRECTIONS = ['in', 'out'] as const;
/** struct xfrm_algo_aead: the name's room, then lengths in bits, then the key. */
export const ALGORITHM_NAME_BYTES = 64;
/** Sizes of the fixed parts, and where their fields are. */
export const SELECTOR = {
  BYTES: 56,
  SOURCE: 16,
  DPORT: 32,
  FAMILY: 40,
  LENGTH_D: 42,
  LENGTH_S: 43,
  PROTO: 44,
};
export const SA = {
  ...{ BYTES: 224, DST: 56, SPI: 72, PROTO: 76, SRC: 80, LIMITS: 96, CURRENT: 160, STATS: 192 },
  ...{ REQID: 208, FAMILY: 212, MODE: 214, FLAGS: 216 },
};
export const POLICY = { BYTES: 168, LIMITS: 56, PRIORITY: 152, DIR: 160, ACTION: 161 };
export const TEMPLATE = {
  BYTES: 64,
  SPI: 16,
  PROTO: 20,
  FAMILY: 24,
  SRC: 28,
  REQID: 44,
  MODE: 48,
  ALGORITHMS: 52,
};
/** A template that takes any algorithm. */
const ALL_ALGORITHMS = 0xffffffff;
/** struct xfrm_replay_state_esn: six words before the bitmap. */
export const ESN_HEADER_BYTES = 24;

/** What packets it is about: UDP to a port. CIDRs. */
export interface XfrmSelector {
  readonly src: string;
  readonly dst: string;
  readonly port: number;
}

/** One direction between two nodes with one key; the kernel holds one per `dst` and `spi`. */
export interface XfrmState {
  readonly src: string;
  readonly dst: string;
  readonly spi: number;
  readonly reqid: number;
  /** E.g. `rfc4106(gcm(aes))`. */
  readonly algorithm: string;
  /** Hexadecimal, with the salt. */
  readonly key: string;
  readonly tagBits: number;
  /** UDP port of the packets that it may carry. */
  readonly port: number;
  /** Packets; extended sequence numbers (RFC 4304) are always on. */
  readonly replayWindow: number;
}

export interface XfrmPolicy {
  readonly dir: (typeof POLICY_DIRECTIONS)[number];
  readonly selector: XfrmSelector;
  /** The lower goes first; says whose policy it is, too. */
  readonly priority: number;
  /** Absent: such packets are dropped. `spi` 0 and the addresses 0.0.0.0 and :: mean any. */
  readonly template?: {
    readonly src: string;
    readonly dst: string;
    readonly spi: number;
    readonly reqid: number;
  };
}

/** The address alone. */
function hostOf(address: string): string {
  return `${address}/${addressBytes(address).length * 8}`;
}

function cidr(text: string): { readonly bytes: Uint8Array; readonly length: number } {
  const [address = '', length = '32'] = text.split('/');
  return { bytes: addressBytes(address), length: Number(length) };
}

function selectorBytes({ src, dst, port }: XfrmSelector): Buffer {
  const out = Buffer.alloc(SELECTOR.BYTES);
  const [from, to] = [cidr(src), cidr(dst)];
  out.set(to.bytes, 0);
  out.set(from.bytes, SELECTOR.SOURCE);
  out.writeUInt16BE(port, SELECTOR.DPORT);
  out.writeUInt16BE(0xffff, SELECTOR.DPORT + 2);
  out.writeUInt16LE(familyOf(dst), SELECTOR.FAMILY);
  out.writeUInt8(to.length, SELECTOR.LENGTH_D);
  out.writeUInt8(from.length, SELECTOR.LENGTH_S);
  out.writeUInt8(IPPROTO_UDP, SELECTOR.PROTO);
  return out;
}

/** struct xfrm_lifetime_cfg: no limit of bytes and packets (all ones), none of time (zero). */
function writeNoLimits(out: Buffer, at: number): void {
  out.fill(0xff, at, at + 32);
}

export function addState(state: XfrmState): Request {
  const fixed = Buffer.alloc(SA.BYTES);
  fixed.set(selectorBytes({ src: hostOf(state.src), dst: hostOf(state.dst), port: state.port }), 0);
  fixed.set(addressBytes(state.dst), SA.DST);
  fixed.writeUInt32BE(state.spi, SA.SPI);
  fixed.writeUInt8(IPPROTO_ESP, SA.PROTO);
  fixed.set(addressBytes(state.src), SA.SRC);
  writeNoLimits(fixed, SA.LIMITS);
  fixed.writeUInt32LE(state.reqid, SA.REQID);
  fixed.writeUInt16LE(familyOf(state.dst), SA.FAMILY);
  fixed.writeUInt8(XFRM_MODE_TRANSPORT, SA.MODE);
  fixed.writeUInt8(XFRM_STATE_ESN, SA.FLAGS);
  const key = Buffer.from(state.key, 'hex');
  const aead = Buffer.alloc(ALGORITHM_NAME_BYTES + 8 + key.length);
  aead.write(state.algorithm, 0, 'ascii');
  aead.writeUInt32LE(key.length * 8, ALGORITHM_NAME_BYTES);
  aead.writeUInt32LE(state.tagBits, ALGORITHM_NAME_BYTES + 4);
  aead.set(key, ALGORITHM_NAME_BYTES + 8);
  const words = Math.ceil(state.replayWindow / 32);
  const esn = Buffer.alloc(ESN_HEADER_BYTES + words * 4);
  esn.writeUInt32LE(words, 0);
  esn.writeUInt32LE(state.replayWindow, 20);
  return {
    type: XFRM_MSG.NEWSA,
    flags: 0,
    fixed,
    attributes: [attribute(XFRMA.ALG_AEAD, aead), attribute(XFRMA.REPLAY_ESN_VAL, esn)],
    label: stateLabel(state),
  };
}

export function deleteState(state: Pick<XfrmState, 'dst' | 'spi'>): Request {
  const fixed = Buffer.alloc(24);
  fixed.set(addressBytes(state.dst), 0);
  fixed.writeUInt32BE(state.spi, 16);
  fixed.writeUInt16LE(familyOf(state.dst), 20);
  fixed.writeUInt8(IPPROTO_ESP, 22);
  return { type: XFRM_MSG.DELSA, flags: 0, fixed, attributes: [], label: `${stateLabel(state)} removal` };
}

/** Adds, or replaces in one step what has the same direction and selector: no packet finds none in between. */
export function putPolicy(policy: XfrmPolicy): Request {
  const fixed = Buffer.alloc(POLICY.BYTES);
  fixed.set(selectorBytes(policy.selector), 0);
  writeNoLimits(fixed, POLICY.LIMITS);
  fixed.writeUInt32LE(policy.priority, POLICY.PRIORITY);
  fixed.writeUInt8(POLICY_DIRECTIONS.indexOf(policy.dir), POLICY.DIR);
  fixed.writeUInt8(policy.template === undefined ? XFRM_POLICY_BLOCK : 0, POLICY.ACTION);
  return {
    type: XFRM_MSG.UPDPOLICY,
    flags: 0,
    fixed,
    attributes: policy.template === undefined ? [] : [attribute(XFRMA.TMPL, templateBytes(policy.template))],
    label: policyLabel(policy),
  };
}

function templateBytes(template: NonNullable<XfrmPolicy['template']>): Buffer {
  const out = Buffer.alloc(TEMPLATE.BYTES);
  out.set(addressBytes(template.dst), 0);
  out.writeUInt32BE(template.spi, TEMPLATE.SPI);
  out.writeUInt8(IPPROTO_ESP, TEMPLATE.PROTO);
  out.writeUInt16LE(familyOf(template.dst), TEMPLATE.FAMILY);
  out.set(addressBytes(template.src), TEMPLATE.SRC);
  out.writeUInt32LE(template.reqid, TEMPLATE.REQID);
  out.writeUInt8(XFRM_MODE_TRANSPORT, TEMPLATE.MODE);
  for (const at of [0, 4, 8]) {
    out.writeUInt32LE(ALL_ALGORITHMS, TEMPLATE.ALGORITHMS + at);
  }
  return out;
}

export function deletePolicy(policy: Pick<XfrmPolicy, 'dir' | 'selector'>): Request {
  const fixed = Buffer.alloc(64);
  fixed.set(selectorBytes(policy.selector), 0);
  fixed.writeUInt8(POLICY_DIRECTIONS.indexOf(policy.dir), 60);
  return {
    type: XFRM_MSG.DELPOLICY,
    flags: 0,
    fixed,
    attributes: [],
    label: `${policyLabel(policy)} removal`,
  };
}

/** Never the key: labels stand in errors and logs. */
function stateLabel({ dst, spi }: Pick<XfrmState, 'dst' | 'spi'>): string {
  return `security association to ${dst} spi 0x${spi.toString(16)}`;
}

function policyLabel({ dir, selector }: Pick<XfrmPolicy, 'dir' | 'selector'>): string {
  return `ipsec policy ${dir} ${selector.src} to ${selector.dst} port ${selector.port}`;
}
