// The C library through koffi: the few calls that Node has no face for. Only worker/kernel uses it;
// everything here is synchronous and runs on the calling thread, which setns(2) depends on.
import koffi from 'koffi';
import { kernelError } from './errors.ts';

const libc = koffi.load('libc.so.6');

type Call = (...args: readonly (number | bigint | string | Uint8Array | null)[]) => number;

function bind(definition: string): Call {
  const call: Call = libc.func(definition);
  return call;
}

/** Raw calls; -1 means failure and `lastErrno()` tells which. */
export const raw = {
  mount: bind(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  ),
  umount2: bind('int umount2(const char *target, int flags)'),
  setns: bind('int setns(int fd, int type)'),
  unshare: bind('int unshare(int flags)'),
  socket: bind('int socket(int domain, int type, int protocol)'),
  bind: bind('int bind(int fd, const uint8_t *address, uint32_t length)'),
  connect: bind('int connect(int fd, const uint8_t *address, uint32_t length)'),
  listen: bind('int listen(int fd, int backlog)'),
  setsockopt: bind('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)'),
  send: bind('int64_t send(int fd, const uint8_t *data, uint64_t length, int flags)'),
  recv: bind('int64_t recv(int fd, uint8_t *data, uint64_t length, int flags)'),
  close: bind('int close(int fd)'),
} as const;

export function lastErrno(): number {
  return koffi.errno();
}

/** Returns the call's result, or throws the error of its errno. */
export function check(result: number, call: string, subject: string): number {
  if (result < 0) {
    throw kernelError(call, lastErrno(), subject);
  }
  return result;
}
