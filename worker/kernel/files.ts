// File calls that Node has no face for: device nodes, extended attributes and advisory locks.
import koffi from 'koffi';
import { check, lastErrno } from './libc.ts';

const libc = koffi.load('libc.so.6');
const mknodCall = libc.func('int mknod(const char *path, uint32_t mode, uint64_t device)');
const lsetxattrCall = libc.func(
  'int lsetxattr(const char *path, const char *name, const uint8_t *value, size_t size, int flags)',
);
const flockCall = libc.func('int flock(int fd, int operation)');

/** File types of mknod(2), from sys/stat.h. */
export const FILE_TYPE = { fifo: 0o010000, character: 0o020000, block: 0o060000 } as const;

const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = 11;

/** makedev(3) of glibc: 32 bits of minor around 12 of major. */
function deviceNumber(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (
    ((high & 0xfffff000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | (low & 0xffn)
  );
}

/** Makes a device node or FIFO; overlayfs takes a 0/0 character device as "deleted here". */
export function mknod(path: string, type: number, mode: number, major: number, minor: number): void {
  check(mknodCall(path, type | mode, deviceNumber(major, minor)), 'mknod', path);
}

/** Sets an extended attribute of the file itself, not of what a link points to. */
export function lsetxattr(path: string, name: string, value: Uint8Array): void {
  check(lsetxattrCall(path, name, value, value.length, 0), 'lsetxattr', `${name} of ${path}`);
}

/** Takes an exclusive lock that lasts as long as the descriptor is open; false when another process has it. */
export function tryLock(descriptor: number): boolean {
  const result: number = flockCall(descriptor, LOCK_EX | LOCK_NB);
  if (result < 0 && lastErrno() === EWOULDBLOCK) {
    return false;
  }
  check(result, 'flock', `descriptor ${descriptor}`);
  return true;
}
