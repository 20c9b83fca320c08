// Turns an errno of a system call into the house's error. The code is the errno's own name (EBUSY,
// ENOENT, EPERM …), because callers decide by it; the message names the call and its object.
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { type ErrorKind, SkeinError } from '../../shared/errors.ts';

const KIND_OF: Readonly<Record<string, ErrorKind>> = {
  ENOENT: 'not-found',
  ENODEV: 'not-found',
  ESRCH: 'not-found',
  EEXIST: 'already-exists',
  EBUSY: 'conflict',
  EADDRINUSE: 'conflict',
  EPERM: 'denied',
  EACCES: 'denied',
  EINVAL: 'invalid',
  ENOMEM: 'exhausted',
  ENOSPC: 'exhausted',
  EMFILE: 'exhausted',
  ENFILE: 'exhausted',
  EAGAIN: 'timeout',
  EOPNOTSUPP: 'not-implemented',
};

/** Name of an errno number, e.g. 16 → `EBUSY`; `E<number>` for one that Node does not know. */
export function errnoName(errno: number): string {
  return (
    getSystemErrorMap().get(-errno)?.[0] ??
    Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ??
    `E${errno}`
  );
}

/**
 * @param call the system call, e.g. `umount2`
 * @param subject what it was done to: a path, an interface, an address
 */
export function kernelError(call: string, errno: number, subject: string, hint = ''): SkeinError {
  const name = errnoName(errno);
  const text = getSystemErrorMap().get(-errno)?.[1] ?? 'unknown error';
  const advice =
    hint !== ''
      ? hint
      : name === 'EPERM' || name === 'EACCES'
        ? 'skeind must run as root with CAP_SYS_ADMIN and CAP_NET_ADMIN'
        : '';
  return new SkeinError(
    KIND_OF[name] ?? 'internal',
    name,
    `${call} ${subject}: ${text} (${name})${advice === '' ? '' : `; ${advice}`}`,
    { data: { call, subject, errno: String(errno) } },
  );
}

/** True when `error` is a system error (ours or Node's) with one of these errno names. */
export function hasErrno(error: unknown, ...names: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && names.includes(error.code)
  );
}
