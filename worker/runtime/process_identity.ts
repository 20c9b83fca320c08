// Tells whether a process noted earlier still is the same one: pid and kernel start time together are
// unique until reboot, a pid alone is not.
import { readFile } from 'node:fs/promises';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/<pid>/stat. */
  readonly startTicks: number;
}

/** The live process of this pid; undefined when there is none or it is a zombie. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  if (pid <= 0) {
    return undefined;
  }
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // ENOENT, or ESRCH when it ends while being read: in both cases it is gone.
    return undefined;
  }
  // The second field is the name in parentheses and may hold spaces: count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], Number(fields[19])];
  return state === 'Z' || state === 'X' || !Number.isSafeInteger(startTicks)
    ? undefined
    : { pid, startTicks };
}

export async function isAlive({ pid, startTicks }: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(pid);
  return now !== undefined && now.startTicks === startTicks;
}

/** Sends the signal to the process if it still is the one that was noted; one that has ended is no error. */
export async function signalProcess(identity: ProcessIdentity, signal: number): Promise<void> {
  if (!(await isAlive(identity))) {
    return;
  }
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      throw error;
    }
  }
}
