// The processes of a lab's host, by pid: found, killed, frozen and thawed. Only what the lab started is touched.
import { readFile } from 'node:fs/promises';
import { daemonPid, type Host } from './lab.ts';

/** The manager process of a host: the daemon's child that runs manager/main. */
export async function managerPid(host: Host): Promise<number | undefined> {
  const daemon = await daemonPid(host);
  const children = (await readFile(`/proc/${daemon}/task/${daemon}/children`, 'utf8')).trim().split(' ');
  for (const child of children.filter((pid) => pid !== '')) {
    const command = await readFile(`/proc/${child}/cmdline`, 'latin1').catch(() => '');
    if (command.includes('manager/main')) {
      return Number(child);
    }
  }
  return undefined;
}

/** The daemon of a host and its manager, where one runs. */
export async function skeinPids(host: Host): Promise<readonly number[]> {
  const manager = await managerPid(host);
  return [...(manager === undefined ? [] : [manager]), await daemonPid(host)];
}

/** All in one go. A process that is gone already needs no signal. */
export function signal(pids: readonly (number | undefined)[], name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      if (pid !== undefined) {
        process.kill(pid, name);
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
        throw error;
      }
    }
  }
}
