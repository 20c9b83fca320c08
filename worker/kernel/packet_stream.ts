// A client of a unix socket that keeps packets apart (SOCK_SEQPACKET), which Node cannot make, as one of its streams:
// each chunk that it gives is one packet, each write of one chunk sends one. Knows nothing of what is said.
import { Socket } from 'node:net';
import { errnoName, kernelError } from './errors.ts';
import { check, lastErrno, raw } from './libc.ts';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_SEQPACKET = 5;
/** Non-blocking and closed on exec. */
const SOCK_FLAGS = 0o4000 | 0o2000000;
const O_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
/** struct sockaddr_un. */
const PATH_MAX_BYTES = 107;
/** No packet is larger: a longer one would be cut by the kernel. */
const PACKET_MAX_BYTES = 64 * 1024;

/** One end of a connection of packets. What fails in one direction does not end the other. */
export interface PacketStream {
  /** Gives packets as `data`, then `end` or `error`. */
  readonly input: Socket;
  /** For one packet at a time; ending it tells the other side that no more comes. */
  readonly output: Socket;
  /** To be called at `end` or `error` of the input: the packets that the other side sent just before it closed. */
  rest(): readonly Buffer[];
  close(): void;
}

/**
 * @param path at most 107 bytes (a longer one is reached by `/proc/self/fd`)
 * @throws SkeinError with the errno's name: `ENOENT`, `ECONNREFUSED` …
 */
export function connectPackets(path: string): PacketStream {
  const address = socketPath(path);
  const fd = check(raw.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_FLAGS, 0), 'socket', path);
  try {
    check(raw.connect(fd, address, address.length), 'connect', path);
    return packetStream(fd);
  } catch (error) {
    raw.close(fd);
    throw error;
  }
}

function packetStream(fd: number): PacketStream {
  const input = socketOn(fd, { readable: true, writable: false });
  const output = socketOn(fd, { readable: false, writable: true });
  let isClosed = false;
  const close = (): void => {
    if (!isClosed) {
      isClosed = true;
      raw.close(fd);
      input.destroy();
      output.destroy();
    }
  };
  return { input, output, rest: () => (isClosed ? [] : drain(fd)), close };
}

/**
 * libuv takes a descriptor only of a kind that it knows, and looks at it when the stream is made: so it is given a
 * plain socket, whose number is the connection's before it is first polled.
 */
function socketOn(fd: number, way: { readonly readable: boolean; readonly writable: boolean }): Socket {
  const number = check(
    raw.socket(AF_UNIX, SOCK_STREAM | SOCK_FLAGS, 0),
    'socket',
    'place of a packet socket',
  );
  const socket = new Socket({ fd: number, ...way, allowHalfOpen: true });
  if (raw.dup3(fd, number, O_CLOEXEC) < 0) {
    const error = kernelError('dup3', lastErrno(), 'packet socket');
    socket.destroy();
    throw error;
  }
  return socket;
}

/** A closed end is told by libuv as soon as one read gave less than it had room for, as a packet always does. */
function drain(fd: number): readonly Buffer[] {
  const packets: Buffer[] = [];
  const buffer = Buffer.alloc(PACKET_MAX_BYTES);
  // The kernel's buffer bounds how many there are.
  for (;;) {
    const length = raw.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
    if (length <= 0) {
      if (length < 0 && errnoName(lastErrno()) === 'EINTR') {
        continue;
      }
      return packets;
    }
    packets.push(Buffer.from(buffer.subarray(0, length)));
  }
}

function socketPath(path: string): Buffer {
  const bytes = Buffer.from(path);
  const address = Buffer.alloc(2 + Math.min(bytes.length, PATH_MAX_BYTES) + 1);
  address.writeUInt16LE(AF_UNIX, 0);
  bytes.copy(address, 2, 0, PATH_MAX_BYTES);
  return address;
}
