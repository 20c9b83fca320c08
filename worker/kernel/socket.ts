// Sockets opened inside a network namespace. A socket stays in the namespace where it was made, so the
// descriptor can be given to dgram (`bind({ fd })`) or net (`listen({ fd })`) of the daemon.
import { isIPv4 } from 'node:net';
import { errnoName, kernelError } from './errors.ts';
import { FILTER_PROGRAM_BYTES, check, lastErrno, raw, rawSetFilter } from './libc.ts';
import { type NamespaceRef, inNamespace } from './namespace.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
/** Non-blocking and closed on exec: libuv wants the first, child processes must not inherit it. */
const SOCK_FLAGS = 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
/** Connections waiting for accept; the resolver is the only listener and answers at once. */
const BACKLOG = 128;

/**
 * A bound UDP socket, or a listening TCP socket, of the namespace.
 * @param port 0 lets the kernel choose
 * @returns a descriptor that the caller owns (giving it to dgram or net passes the ownership)
 * @throws SkeinError with the errno's name: `EADDRINUSE`, `EADDRNOTAVAIL` (is `lo` up?) …
 */
export function openSocket(
  namespace: NamespaceRef,
  kind: 'udp' | 'tcp',
  address: string,
  port: number,
): number {
  return inNamespace(namespace, () => {
    const family = isIPv4(address) ? AF_INET : AF_INET6;
    const type = (kind === 'udp' ? SOCK_DGRAM : SOCK_STREAM) | SOCK_FLAGS;
    const fd = check(raw.socket(family, type, 0), 'socket', `${kind} ${address}`);
    try {
      if (kind === 'tcp') {
        check(
          raw.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, new Uint8Array([1, 0, 0, 0]), 4),
          'setsockopt',
          'SO_REUSEADDR',
        );
      }
      const socketAddress = encodeSocketAddress(address, port);
      check(raw.bind(fd, socketAddress, socketAddress.length), 'bind', `${address}:${port}/${kind}`);
      if (kind === 'tcp') {
        check(raw.listen(fd, BACKLOG), 'listen', `${address}:${port}/${kind}`);
      }
      return fd;
    } catch (error) {
      raw.close(fd);
      throw error;
    }
  });
}

/**
 * A TCP socket of the namespace with a connection under way; for `new net.Socket({ fd })`. Node itself makes
 * the socket only at the next tick, which is too late to be inside a namespace.
 * @returns a descriptor that the caller owns; a refusal shows when it is read or written
 */
export function connectSocket(namespace: NamespaceRef, address: string, port: number): number {
  return inNamespace(namespace, () => {
    const family = isIPv4(address) ? AF_INET : AF_INET6;
    const fd = check(raw.socket(family, SOCK_STREAM | SOCK_FLAGS, 0), 'socket', `tcp ${address}`);
    const target = encodeSocketAddress(address, port);
    if (raw.connect(fd, target, target.length) < 0 && errnoName(lastErrno()) !== 'EINPROGRESS') {
      const error = kernelError('connect', lastErrno(), `${address}:${port}`);
      raw.close(fd);
      throw error;
    }
    return fd;
  });
}

/** BPF_RET with 0: not a byte of any packet is taken. */
const TAKE_NOTHING = Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0);
const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;

/** From now on the kernel drops what arrives for the socket, without waking anybody. */
export function muteSocket(fd: number): void {
  const program = { len: 1, filter: TAKE_NOTHING };
  const result = rawSetFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, FILTER_PROGRAM_BYTES);
  check(result, 'setsockopt', 'SO_ATTACH_FILTER');
}

/** Undoes `muteSocket`; nothing happens to a socket that is not muted. */
export function unmuteSocket(fd: number): void {
  const unused = new Uint8Array(4);
  const result = raw.setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, unused, unused.length);
  if (result < 0 && errnoName(lastErrno()) !== 'ENOENT') {
    throw kernelError('setsockopt', lastErrno(), 'SO_DETACH_FILTER');
  }
}

/** struct sockaddr_in or sockaddr_in6 (flow and scope 0). */
export function encodeSocketAddress(address: string, port: number): Buffer {
  const bytes = addressBytes(address);
  const out = Buffer.alloc(bytes.length === 4 ? 16 : 28);
  out.writeUInt16LE(bytes.length === 4 ? AF_INET : AF_INET6, 0);
  out.writeUInt16BE(port, 2);
  out.set(bytes, bytes.length === 4 ? 4 : 8);
  return out;
}

/** An address in network byte order: 4 or 16 bytes. Takes what `net.isIP` takes, without a zone. */
export function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) {
    return Uint8Array.from(address.split('.'), Number);
  }
  const [head = '', tail] = address.split('::');
  const words = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((word) => {
          if (isIPv4(word)) {
            const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
            return [a * 256 + b, c * 256 + d];
          }
          return [Number.parseInt(word, 16)];
        });
  const first = words(head);
  const last = tail === undefined ? [] : words(tail);
  const gap = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...new Array<number>(Math.max(gap, 0)).fill(0), ...last];
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}
