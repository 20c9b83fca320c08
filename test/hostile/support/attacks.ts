// For tests: ways to speak HTTP/2 and gRPC badly. Each opens its own connection, does its worst, and resolves when the
// server has answered, cut it, or the time is over; what the server did is the caller's to judge.
import { type TLSSocket, connect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { answerOf, framed, RawClient } from './raw_client.ts';
import type { Presented } from './running_manager.ts';

export interface Attacker {
  readonly port: number;
  readonly presented: Presented;
}

/** What came of it: a gRPC status, `cut`, or `open` where the server still listens. */
export type Outcome = number | 'cut' | 'open';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const FRAME = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const;
const END_HEADERS = 4;
/** `:method POST`, `:scheme https` of the static table (RFC 7541), then :path and content-type as literals. */
const HEADER_BLOCK = Buffer.concat([
  Buffer.from([0x83, 0x87]),
  literal(1, 'manager'),
  literal(4, '/skein.v1.Ca/GetRootCertificate'),
  literal(31, 'application/grpc'),
]);

function literal(nameIndex: number, value: string): Buffer {
  const name = nameIndex < 15 ? [nameIndex] : [15, nameIndex - 15];
  return Buffer.concat([Buffer.from([...name, value.length]), Buffer.from(value, 'latin1')]);
}

/** RFC 9113, section 4.1. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array,
  length = payload.length,
) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function rawSocket({ port, presented }: Attacker): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      ...presented,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Writes the bytes and waits for the cut; `open` when the server bears them. */
async function sendBytes(attacker: Attacker, bytes: Iterable<Buffer>, patienceMs: number): Promise<Outcome> {
  const socket = await rawSocket(attacker);
  const cut = new Promise<Outcome>((resolve) => socket.once('close', () => resolve('cut')));
  socket.resume();
  const patience = new AbortController();
  try {
    for (const chunk of bytes) {
      if (socket.destroyed || !socket.writable) {
        break;
      }
      if (!socket.write(chunk)) {
        await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), cut]);
      }
    }
    return await Promise.race([cut, timeout(patienceMs, patience.signal)]);
  } finally {
    patience.abort();
    socket.destroy();
  }
}

function timeout(ms: number, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('open'), ms);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

/** The server's keepalive, unanswered, cuts after 4 s what nothing else has cut. */
const CUT_MS = 10_000;
/** A refusal comes at once. */
const ANSWER_MS = 5_000;
const START = Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0, Buffer.alloc(0))]);

function* repeated(bytes: Buffer, times: number): Generator<Buffer> {
  for (let count = 0; count < times; count += 1) {
    yield bytes;
  }
}

function* started(...parts: readonly (Buffer | Iterable<Buffer>)[]): Generator<Buffer> {
  yield START;
  for (const part of parts) {
    if (Buffer.isBuffer(part)) {
      yield part;
    } else {
      yield* part;
    }
  }
}

function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 0x2545f491;
  for (let at = 0; at < length; at += 1) {
    state = Math.imul(state, 1664525) + 1013904223;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

function* rapidResets(): Generator<Buffer> {
  for (let stream = 1; stream < 20_000; stream += 2) {
    yield frame(FRAME.headers, END_HEADERS, stream, HEADER_BLOCK);
    yield frame(FRAME.rstStream, 0, stream, Buffer.from([0, 0, 0, 8]));
  }
}

function* openStreams(count: number): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) {
    yield frame(FRAME.headers, END_HEADERS, 2 * index + 1, HEADER_BLOCK);
  }
}

type Attack = (attacker: Attacker) => Promise<Outcome>;

/** Bytes below gRPC: the connection they come by is cut, or bears them; nothing else notices. */
export const CONNECTION_ATTACKS: Readonly<Record<string, Attack>> = {
  'noise instead of the preface': (attacker) => sendBytes(attacker, [noise(64 * 1024)], CUT_MS),
  'HTTP/1 instead of HTTP/2': (attacker) =>
    sendBytes(attacker, [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')], CUT_MS),
  'noise after the preface': (attacker) => sendBytes(attacker, started(noise(64 * 1024)), CUT_MS),
  'a frame of 16 MiB': (attacker) =>
    sendBytes(attacker, started(frame(FRAME.data, 0, 1, Buffer.alloc(1024), 2 ** 24 - 1)), CUT_MS),
  'headers on stream 0': (attacker) =>
    sendBytes(attacker, started(frame(FRAME.headers, END_HEADERS, 0, HEADER_BLOCK)), CUT_MS),
  'data on a stream that is not open': (attacker) =>
    sendBytes(attacker, started(frame(FRAME.data, 0, 77, Buffer.alloc(100))), CUT_MS),
  'a header block that is no HPACK': (attacker) =>
    sendBytes(attacker, started(frame(FRAME.headers, END_HEADERS, 1, Buffer.alloc(100, 0xff))), CUT_MS),
  'a window grown beyond its end': (attacker) =>
    sendBytes(
      attacker,
      started(repeated(frame(FRAME.windowUpdate, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff])), 3)),
      CUT_MS,
    ),
  'headers continued without end': (attacker) =>
    sendBytes(
      attacker,
      started(
        frame(FRAME.headers, 0, 1, HEADER_BLOCK),
        repeated(frame(FRAME.continuation, 0, 1, literal(16, 'x'.repeat(100))), 20_000),
      ),
      CUT_MS,
    ),
  'a flood of settings': (attacker) =>
    sendBytes(attacker, started(repeated(frame(FRAME.settings, 0, 0, Buffer.alloc(0)), 20_000)), CUT_MS),
  'a flood of pings': (attacker) =>
    sendBytes(attacker, started(repeated(frame(FRAME.ping, 0, 0, Buffer.alloc(8)), 50_000)), CUT_MS),
  'five thousand streams that never end': (attacker) =>
    sendBytes(attacker, started(openStreams(5_000)), CUT_MS),
  'streams opened and reset at once': (attacker) => sendBytes(attacker, started(rapidResets()), CUT_MS),
};

/**
 * A call for each stream, each a message that claims to be large and grows by frames of one byte. `onSent` looks at
 * the server while it holds all of them.
 */
export async function trickle(
  attacker: Attacker,
  options: { streams: number; frames: number; onSent: () => void },
): Promise<void> {
  const client = new RawClient(attacker.port, attacker.presented);
  try {
    const streams = Array.from({ length: options.streams }, () => client.open(JOIN));
    for (const stream of streams) {
      stream.write(framed(Buffer.alloc(0), { length: 4_000_000 }));
    }
    for (let sent = 0; sent < options.frames; sent += streams.length) {
      await Promise.all(
        streams.map((stream) => new Promise((resolve) => stream.write(Buffer.alloc(1), resolve))),
      );
    }
    options.onSent();
  } finally {
    client.close();
  }
}

const JOIN = '/skein.v1.Ca/IssueCertificate';

async function oneCall(
  attacker: Attacker,
  bytes: Buffer,
  headers: Readonly<Record<string, string>> = {},
  path = JOIN,
): Promise<Outcome> {
  const client = new RawClient(attacker.port, attacker.presented);
  try {
    const stream = client.open(path, headers);
    stream.end(bytes);
    return (await answerOf(stream, ANSWER_MS)).status;
  } finally {
    client.close();
  }
}

const LARGEST_UINT32 = 0xffff_ffff;
const FIVE_MIB = 5 * 1024 * 1024;

/** Calls that a well-made HTTP/2 carries: the call is refused with a status, its connection lives. */
export const CALL_ATTACKS: Readonly<Record<string, Attack>> = {
  'a message that says it has 4 GiB': (attacker) =>
    oneCall(attacker, framed(Buffer.alloc(10), { length: LARGEST_UINT32 })),
  'a message of 5 MiB': (attacker) => oneCall(attacker, framed(Buffer.alloc(FIVE_MIB))),
  'a message cut off': (attacker) => oneCall(attacker, framed(Buffer.alloc(10), { length: 100 })),
  'three bytes of a prefix': (attacker) => oneCall(attacker, Buffer.alloc(3)),
  'no message at all': (attacker) => oneCall(attacker, Buffer.alloc(0)),
  'two messages where one belongs': (attacker) =>
    oneCall(attacker, Buffer.concat([framed(Buffer.alloc(0)), framed(Buffer.alloc(0))])),
  'no protobuf': (attacker) => oneCall(attacker, framed(noise(1000))),
  'protobuf cut off': (attacker) => oneCall(attacker, framed(Buffer.from([0x0a, 0x7f, 0x41]))),
  'a million groups in each other': (attacker) =>
    oneCall(
      attacker,
      framed(Buffer.from(Uint8Array.from({ length: 30_000 }, (_, at) => (at % 2 === 0 ? 0xa3 : 0x06)))),
    ),
  'compressed without an encoding': (attacker) => oneCall(attacker, framed(Buffer.alloc(10), { flag: 1 })),
  'an unknown compression flag': (attacker) =>
    oneCall(attacker, framed(Buffer.from([1, 2, 3]), { flag: 0x7e })),
  'gzip that is none': (attacker) =>
    oneCall(attacker, framed(noise(1000), { flag: 1 }), { 'grpc-encoding': 'gzip' }),
  'a bomb of gzip': (attacker) =>
    oneCall(attacker, framed(gzipSync(Buffer.alloc(64 * 1024 * 1024)), { flag: 1 }), {
      'grpc-encoding': 'gzip',
    }),
  'an encoding nobody knows': (attacker) =>
    oneCall(attacker, framed(Buffer.alloc(10), { flag: 1 }), { 'grpc-encoding': 'lzma' }),
  'a time-out that is none': (attacker) =>
    oneCall(attacker, framed(Buffer.alloc(0)), { 'grpc-timeout': '-99999999999999999999H' }),
  'a binary header that is no base64': (attacker) =>
    oneCall(attacker, framed(Buffer.alloc(0)), { 'skein-forwarded-peer-bin': '***{"kind":' }),
  'a method that does not exist': (attacker) =>
    oneCall(attacker, framed(Buffer.alloc(0)), {}, '/skein.v1.Ca/__proto__'),
};
