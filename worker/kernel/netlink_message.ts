// Netlink's framing (RFC 3549, linux/netlink.h): headers, attributes, and the way back. Pure: bytes in,
// bytes out. Little-endian hosts only (x86-64, arm64, riscv64), like Node's own Linux builds we support.

export const NLM_F = {
  REQUEST: 0x1,
  MULTI: 0x2,
  ACK: 0x4,
  DUMP_INTERRUPTED: 0x10,
  DUMP: 0x300,
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
} as const;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
/** Upper bits of an attribute's type are flags (nested, network byte order). */
const ATTRIBUTE_TYPE_MASK = 0x3fff;
export const NLA_F_NESTED = 0x8000;

/** One attribute: type and value; a list is a nest. */
export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array | readonly Attribute[];
}

/** A request before it has a sequence number. */
export interface Request {
  readonly type: number;
  readonly flags: number;
  /** The fixed part after the header: ifinfomsg, rtmsg, genlmsghdr … */
  readonly fixed: Uint8Array;
  readonly attributes: readonly Attribute[];
  /** What it does, for error messages: "route 10.0.1.5/32 dev t-abc". */
  readonly label: string;
}

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Of the socket whose request this answers or announces; 0 is the kernel itself. */
  readonly portId: number;
  readonly payload: Buffer;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16(value: number): Uint8Array {
  const out = Buffer.alloc(2);
  out.writeUInt16LE(value);
  return out;
}

export function u16be(value: number): Uint8Array {
  const out = Buffer.alloc(2);
  out.writeUInt16BE(value);
  return out;
}

export function u32(value: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0);
  return out;
}

export function u64(value: bigint): Uint8Array {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(value);
  return out;
}

/** NUL-terminated, as the kernel wants names. */
export function text(value: string): Uint8Array {
  return Buffer.from(`${value}\0`, 'utf8');
}

export function attribute(type: number, value: Uint8Array | readonly Attribute[]): Attribute {
  return { type, value };
}

function attributeBytes(item: Attribute): number {
  const body = item.value instanceof Uint8Array ? item.value.length : attributesBytes(item.value);
  return ATTRIBUTE_HEADER_BYTES + body;
}

function attributesBytes(items: readonly Attribute[]): number {
  return items.reduce((sum, item) => sum + aligned(attributeBytes(item)), 0);
}

function writeAttributes(out: Buffer, start: number, items: readonly Attribute[]): number {
  let offset = start;
  for (const item of items) {
    const length = attributeBytes(item);
    out.writeUInt16LE(length, offset);
    out.writeUInt16LE(item.type, offset + 2);
    if (item.value instanceof Uint8Array) {
      out.set(item.value, offset + ATTRIBUTE_HEADER_BYTES);
    } else {
      writeAttributes(out, offset + ATTRIBUTE_HEADER_BYTES, item.value);
    }
    offset += aligned(length);
  }
  return offset;
}

/** Attributes alone, padded: for values that hold a fixed part before their nest. */
export function encodeAttributes(items: readonly Attribute[]): Buffer {
  const out = Buffer.alloc(attributesBytes(items));
  writeAttributes(out, 0, items);
  return out;
}

/** A whole message, padded to four bytes so that messages can follow each other in one datagram. */
export function encodeMessage(request: Request, sequence: number): Buffer {
  const fixed = aligned(request.fixed.length);
  const length = HEADER_BYTES + fixed + attributesBytes(request.attributes);
  const out = Buffer.alloc(length);
  out.writeUInt32LE(length, 0);
  out.writeUInt16LE(request.type, 4);
  out.writeUInt16LE(request.flags | NLM_F.REQUEST, 6);
  out.writeUInt32LE(sequence, 8);
  out.set(request.fixed, HEADER_BYTES);
  writeAttributes(out, HEADER_BYTES + fixed, request.attributes);
  return out;
}

/** Splits what recv returned. A length that does not fit ends the list (the kernel never sends one). */
export function decodeMessages(data: Buffer): Message[] {
  const messages: Message[] = [];
  let offset = 0;
  while (offset + HEADER_BYTES <= data.length) {
    const length = data.readUInt32LE(offset);
    if (length < HEADER_BYTES || offset + length > data.length) {
      break;
    }
    messages.push({
      type: data.readUInt16LE(offset + 4),
      flags: data.readUInt16LE(offset + 6),
      sequence: data.readUInt32LE(offset + 8),
      portId: data.readUInt32LE(offset + 12),
      payload: data.subarray(offset + HEADER_BYTES, offset + length),
    });
    offset += aligned(length);
  }
  return messages;
}

/** Attributes of a payload from `start`; of repeated types the last wins. */
export function decodeAttributes(payload: Buffer, start: number): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  let offset = start;
  while (offset + ATTRIBUTE_HEADER_BYTES <= payload.length) {
    const length = payload.readUInt16LE(offset);
    if (length < ATTRIBUTE_HEADER_BYTES || offset + length > payload.length) {
      break;
    }
    const type = payload.readUInt16LE(offset + 2) & ATTRIBUTE_TYPE_MASK;
    found.set(type, payload.subarray(offset + ATTRIBUTE_HEADER_BYTES, offset + length));
    offset += aligned(length);
  }
  return found;
}

/** The errno of an NLMSG_ERROR (0 is an acknowledgement) and the kernel's own words, if it sent any. */
export function decodeError(message: Message): { readonly errno: number; readonly reason: string } {
  const errno = -message.payload.readInt32LE(0);
  const NLM_F_CAPPED = 0x100;
  const NLM_F_ACK_TLVS = 0x200;
  if ((message.flags & NLM_F_ACK_TLVS) === 0) {
    return { errno, reason: '' };
  }
  const echoed = message.flags & NLM_F_CAPPED ? HEADER_BYTES : message.payload.readUInt32LE(4);
  const NLMSGERR_ATTR_MSG = 1;
  const words = decodeAttributes(message.payload, 4 + aligned(echoed)).get(NLMSGERR_ATTR_MSG);
  return { errno, reason: words === undefined ? '' : cString(words) };
}

/** Text up to the first NUL. */
export function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
