// mount(2) and umount2(2). Synchronous and on the daemon's own mount namespace; a call takes
// microseconds, so it is no burden to the event loop.
import { check, raw } from './libc.ts';

/** Flags of mount(2), from linux/mount.h. */
export const MS = {
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  REMOUNT: 0x20,
  NOATIME: 0x400,
  BIND: 0x1000,
  MOVE: 0x2000,
  REC: 0x4000,
  UNBINDABLE: 0x20000,
  PRIVATE: 0x40000,
  SLAVE: 0x80000,
  SHARED: 0x100000,
  RELATIME: 0x200000,
} as const;

/** Flags of umount2(2). */
export const MNT = { FORCE: 1, DETACH: 2, EXPIRE: 4, UMOUNT_NOFOLLOW: 8 } as const;

/**
 * @param type file system, e.g. `overlay`, `tmpfs`; empty for bind mounts and remounts
 * @param flags of `MS`, or-ed
 * @param data file system options, at most one page (4096 bytes, the kernel's limit)
 * @throws SkeinError with the errno's name as code (`EBUSY`, `ENOENT`, `EINVAL` …)
 */
export function mount(source: string, target: string, type: string, flags = 0, data = ''): void {
  const result = raw.mount(source, target, type === '' ? null : type, flags, data === '' ? null : data);
  check(result, 'mount', `${source} on ${target}`);
}

/**
 * @param flags of `MNT`, or-ed
 * @throws SkeinError with code `EBUSY` while in use (use `MNT.DETACH`), `EINVAL` when nothing is mounted there
 */
export function umount2(target: string, flags = 0): void {
  check(raw.umount2(target, flags), 'umount2', target);
}
