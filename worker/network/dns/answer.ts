// One DNS question to one answer packet, or the decision to ask upstream. Pure but for the rotation that
// the caller counts. Wire format by dns-packet (RFC 1035, RFC 6891 for the payload size).
import { isIPv4 } from 'node:net';
import { type Answer, type DecodedPacket, type Packet, decode, encode } from 'dns-packet';
import type { NetworkView } from '../../../shared/model/view.ts';
import { lookupAddress, lookupName, reverseAddress } from './zone.ts';

/** Views change within milliseconds, so answers must not be kept for long. */
export const TTL_S = 5;
/** Without EDNS a datagram holds no more (RFC 1035). */
const PLAIN_UDP_BYTES = 512;
/** Most that we send in one datagram: fits every MTU the overlay can have. */
const UDP_BYTES_MAX = 1232;
export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
const MESSAGE_BYTES_MAX = 65_535;
const HEADER_BYTES = 12;
const FLAGS_AT = 2;
const ANSWER_COUNT_AT = 6;
/** Type and class. */
const QUESTION_TAIL_BYTES = 4;
const POINTER_TO_QUESTION = Buffer.from([0xc0, HEADER_BYTES]);
const FLAG_RECURSION_DESIRED = 0x100;
const FLAG_RECURSION_AVAILABLE = 0x80;
const FLAG_TRUNCATED = 0x200;
const FLAG_AUTHORITATIVE = 0x400;

export type Decision =
  | { readonly kind: 'answer'; readonly answers: readonly Answer[]; readonly rcode: number }
  | { readonly kind: 'forward' };

/** What stands for bytes that are no text; no name of a task or service has it. */
const NO_TEXT = '\uFFFD';

/** Undefined for what is no query, or asks for a name that could not be repeated as it came: it gets no answer. */
export function parseQuery(data: Buffer): DecodedPacket | undefined {
  try {
    const packet = decode(data);
    const [question, ...more] = packet.questions ?? [];
    const isOne = question !== undefined && more.length === 0 && !question.name.includes(NO_TEXT);
    return packet.type === 'query' && isOne ? packet : undefined;
  } catch {
    // Hostile or broken input: dns-packet throws whatever its parser stumbled upon.
    return undefined;
  }
}

/** @param turn grows with each query: answers with several addresses start at another one each time */
export function decide(query: DecodedPacket, views: readonly NetworkView[], turn: number): Decision {
  const [question] = query.questions ?? [];
  if (question === undefined) {
    return { kind: 'answer', answers: [], rcode: RCODE.FORMERR };
  }
  const { name, type } = question;
  if (type === 'PTR') {
    const address = reverseAddress(name);
    const names = address === undefined ? [] : lookupAddress(views, address);
    return names.length === 0
      ? { kind: 'forward' }
      : {
          kind: 'answer',
          rcode: RCODE.NOERROR,
          answers: names.map((data) => ({ type: 'PTR' as const, name, ttl: TTL_S, data })),
        };
  }
  const found = lookupName(views, name);
  if (!found.known) {
    return { kind: 'forward' };
  }
  const matching = found.addresses.filter((address) => isIPv4(address) === (type === 'A'));
  const wanted = type === 'A' || type === 'AAAA' ? rotated([...new Set(matching)], turn) : [];
  return {
    kind: 'answer',
    rcode: RCODE.NOERROR,
    answers: wanted.map((data) => ({
      type: type === 'A' ? ('A' as const) : ('AAAA' as const),
      name,
      ttl: TTL_S,
      data,
    })),
  };
}

export function rotated<T>(items: readonly T[], turn: number): T[] {
  const start = items.length === 0 ? 0 : turn % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function response(query: DecodedPacket, answers: readonly Answer[], rcode: number, extra: number): Packet {
  return {
    type: 'response',
    id: query.id ?? 0,
    // dns-packet keeps the response code in the flags' lowest bits.
    flags: ((query.flags ?? 0) & FLAG_RECURSION_DESIRED) | FLAG_RECURSION_AVAILABLE | extra | rcode,
    questions: query.questions ?? [],
    answers: [...answers],
  };
}

/**
 * As many answers as the asker's datagram holds. Some of them with the truncation bit are more use than none:
 * whoever can asks again by tcp, and the C library of Alpine before 3.18 cannot.
 */
export function udpResponse(query: DecodedPacket, answers: readonly Answer[], rcode: number): Buffer {
  return whole(query, answers, rcode, payloadLimit(query));
}

export function tcpResponse(query: DecodedPacket, answers: readonly Answer[], rcode: number): Buffer {
  const message = whole(query, answers, rcode, MESSAGE_BYTES_MAX);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

function whole(query: DecodedPacket, answers: readonly Answer[], rcode: number, limitBytes: number): Buffer {
  const head = encode(response(query, [], rcode, FLAG_AUTHORITATIVE));
  const parts: Buffer[] = [head];
  let length = head.length;
  for (const answer of answers) {
    const record = recordOf(query, answer, head.length);
    if (length + record.length > limitBytes) {
      break;
    }
    parts.push(record);
    length += record.length;
  }
  const message = Buffer.concat(parts);
  message.writeUInt16BE(parts.length - 1, ANSWER_COUNT_AT);
  if (parts.length <= answers.length) {
    message.writeUInt16BE(message.readUInt16BE(FLAGS_AT) | FLAG_TRUNCATED, FLAGS_AT);
  }
  return message;
}

/** Every answer is about the name in question: two bytes point to it (RFC 1035, 4.1.4), which dns-packet does not do. */
function recordOf(query: DecodedPacket, answer: Answer, headBytes: number): Buffer {
  const filled = encode({ type: 'response', questions: query.questions ?? [], answers: [answer] });
  const nameBytes = headBytes - HEADER_BYTES - QUESTION_TAIL_BYTES;
  return Buffer.concat([POINTER_TO_QUESTION, filled.subarray(headBytes + nameBytes)]);
}

/** Largest datagram that the asker takes. */
export function payloadLimit(query: DecodedPacket): number {
  for (const record of query.additionals ?? []) {
    if (record.type === 'OPT') {
      return Math.min(Math.max(record.udpPayloadSize, PLAIN_UDP_BYTES), UDP_BYTES_MAX);
    }
  }
  return PLAIN_UDP_BYTES;
}

/** The header's truncation bit of a raw packet. */
export function isTruncated(data: Buffer): boolean {
  return data.length > 3 && (data.readUInt16BE(2) & FLAG_TRUNCATED) !== 0;
}

/** A raw answer made to fit a datagram: cut to header and question with the truncation bit set. */
export function fitDatagram(query: DecodedPacket, data: Buffer): Buffer {
  return data.length <= payloadLimit(query)
    ? data
    : encode(response(query, [], data.readUInt8(3) & 0xf, FLAG_TRUNCATED));
}
