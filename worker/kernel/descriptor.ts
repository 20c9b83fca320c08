// Open descriptors of another process, taken over by pidfd_getfd(2) (Linux 5.6): what outlived a daemon in the hands
// of a process that it started is had again by the next one. Knows nothing of what they are.
import { readFileSync } from 'node:fs';
import { hasErrno } from './errors.ts';
import { check, raw } from './libc.ts';

/** The same on every architecture. */
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;
/** Bit of CAP_SYS_PTRACE: a daemon that has it may do so to what another daemon started (ptrace(2), also under Yama). */
const CAP_SYS_PTRACE = 19n;
/** Yama's setting with which nobody may. */
const YAMA_NOBODY = '3';
/** No process has so many. */
const NO_DESCRIPTOR = 0x7fff_fff0;

let able: boolean | undefined;

/** Whether this kernel knows the call and lets a daemon such as this one use it on children of its predecessor. */
export function canTakeDescriptors(): boolean {
  able ??= probe();
  return able;
}

/**
 * A descriptor of this process for what the other one has under that number; closed on exec.
 * @throws SkeinError with the errno's name: `ESRCH` (the process is gone), `EBADF` (it has none of that number) …
 */
export function takeDescriptor(pid: number, descriptor: number): number {
  const handle = check(Number(raw.syscall(SYS_PIDFD_OPEN, pid, 0, 0)), 'pidfd_open', `process ${pid}`);
  try {
    const taken = raw.syscall(SYS_PIDFD_GETFD, handle, descriptor, 0);
    return check(Number(taken), 'pidfd_getfd', `${descriptor} of process ${pid}`);
  } finally {
    raw.close(handle);
  }
}

function probe(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  if (((BigInt(`0x${effective}`) >> CAP_SYS_PTRACE) & 1n) === 0n || yamaScope() === YAMA_NOBODY) {
    return false;
  }
  try {
    raw.close(takeDescriptor(process.pid, NO_DESCRIPTOR));
    return true;
  } catch (error) {
    return hasErrno(error, 'EBADF');
  }
}

function yamaScope(): string {
  try {
    return readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8').trim();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return '';
    }
    throw error;
  }
}
