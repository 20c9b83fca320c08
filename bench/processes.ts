// Processes of this machine as /proc shows them: who descends from whom, and what memory each holds.
import { readFile, readdir } from 'node:fs/promises';

export interface ProcessMemory {
  /** Resident set, KiB: shared pages counted whole. */
  readonly rssKib: number;
  /** Proportional set, KiB: each shared page divided by its users. Sums of it are honest. */
  readonly pssKib: number;
}

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Arguments joined by blanks. */
  readonly command: string;
}

export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(pids.map(readEntry));
  return entries.filter((entry) => entry !== undefined);
}

/** Zero for a process that is gone. */
export async function memoryOf(pid: number): Promise<ProcessMemory> {
  try {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    return { rssKib: field(text, 'Rss'), pssKib: field(text, 'Pss') };
  } catch {
    return { rssKib: 0, pssKib: 0 };
  }
}

export async function sumMemory(pids: readonly number[]): Promise<ProcessMemory> {
  const all = await Promise.all(pids.map(memoryOf));
  return {
    rssKib: all.reduce((sum, one) => sum + one.rssKib, 0),
    pssKib: all.reduce((sum, one) => sum + one.pssKib, 0),
  };
}

async function readEntry(pid: number): Promise<ProcessEntry | undefined> {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    const [, parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(parent), command: command.replaceAll('\0', ' ').trim() };
  } catch {
    return undefined;
  }
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}
