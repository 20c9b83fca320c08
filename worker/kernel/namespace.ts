// Network namespaces: made without a child process, pinned by a bind mount of a file, entered for the
// length of one synchronous function. "Host" is the namespace this daemon was started in, never pid 1's.
import { closeSync, mkdirSync, openSync, rmSync, statSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { assert } from '../../shared/errors.ts';
import { hasErrno } from './errors.ts';
import { check, raw } from './libc.ts';
import { MNT, MS, mount, umount2 } from './mount.ts';

/** From linux/sched.h. */
const CLONE_NEWNET = 0x40000000;
/** Of the calling thread: libuv's pool threads keep theirs while the main thread visits another. */
const OWN_NAMESPACE = '/proc/thread-self/ns/net';
/** statfs type of nsfs (linux/magic.h): tells a pinned namespace from a plain file. */
const NSFS_MAGIC = 0x6e736673;
/** More stale mounts than this stacked on one file is no accident. */
const STACKED_MOUNTS_MAX = 16;

/** A namespace by the path of its file, or by an open descriptor of it. */
export type NamespaceRef = string | number;

let home: number | undefined;
/** Descriptors of the namespaces entered and not left yet; the innermost is last. */
const entered: number[] = [];

/** Descriptor of the namespace this process began in; stays open for the life of the process. */
export function homeNamespace(): number {
  home ??= openSync(OWN_NAMESPACE, 'r');
  return home;
}

/** Opens a namespace file; the descriptor must be closed by the caller. */
export function openNamespace(path: string): number {
  return openSync(path, 'r');
}

/** True when `path` is a pinned namespace, false when missing or a plain file (after a reboot). */
export function isNamespace(path: string): boolean {
  try {
    return statfsSync(path).type === NSFS_MAGIC;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) {
      return false;
    }
    throw error;
  }
}

/** What tells two namespaces apart: device and inode of the nsfs file. */
export function namespaceIdentity(ref: NamespaceRef): string {
  const status = statSync(typeof ref === 'number' ? `/proc/self/fd/${ref}` : ref, { bigint: true });
  return `${status.dev}:${status.ino}`;
}

/**
 * Makes a network namespace and pins it at `path` (directories made with mode 0700).
 * Only `lo`, which is down, is in it. Runs without a child process: unshare, bind mount, go back.
 * @throws SkeinError `EEXIST`-like from the file system when `path` is a pinned namespace already
 */
export function createNamespace(path: string): void {
  assert(!isNamespace(path), `${path} is a namespace already`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  const back = entered.at(-1) ?? homeNamespace();
  check(raw.unshare(CLONE_NEWNET), 'unshare', 'network namespace');
  try {
    mount(OWN_NAMESPACE, path, '', MS.BIND);
  } finally {
    returnTo(back);
  }
}

/** Unpins the namespace; the kernel ends it, later, when nobody uses it. Does nothing when it is gone. */
export function removeNamespace(path: string): void {
  for (let round = 0; round < STACKED_MOUNTS_MAX && isNamespace(path); round += 1) {
    umount2(path, MNT.DETACH);
  }
  rmSync(path, { force: true });
}

/**
 * Runs `action` with this thread inside the namespace and comes back. `action` must be synchronous: what
 * it starts (sockets, child processes) belongs to the namespace, what it awaits would not.
 * Calls may nest. A failure to come back stops the process: nothing after it could be trusted.
 */
export function inNamespace<T>(ref: NamespaceRef, action: () => T): T {
  const back = entered.at(-1) ?? homeNamespace();
  const target = typeof ref === 'number' ? ref : openNamespace(ref);
  try {
    check(raw.setns(target, CLONE_NEWNET), 'setns', String(ref));
    entered.push(target);
    try {
      const result = action();
      assert(!(result instanceof Promise), 'inNamespace needs a synchronous function');
      return result;
    } finally {
      entered.pop();
      returnTo(back);
    }
  } finally {
    if (typeof ref !== 'number') {
      closeSync(target);
    }
  }
}

function returnTo(descriptor: number): void {
  if (raw.setns(descriptor, CLONE_NEWNET) < 0) {
    process.stderr.write('skeind: cannot return to its own network namespace; stopping\n');
    process.abort();
  }
}
