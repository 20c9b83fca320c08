// The load that both groups get: one process, one connection, so many clients that each wait for the answer to
// their last write before they send the next. Writes that fail end the bench: nothing fails here.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { quantile } from '../numbers.ts';
import type { Group } from './contender.ts';

export interface LoadOptions {
  readonly clients: number;
  readonly seconds: number;
  readonly valueBytes: number;
}

export interface LoadResult {
  readonly clients: number;
  readonly writes: number;
  readonly writesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of one write, microseconds: of each member, the leader first, and of the client process. */
  readonly memberCpuUs: readonly number[];
  readonly clientCpuUs: number;
  /** Shares of the machine's CPU time while it was measured: all that was used, and by members and client alone. */
  readonly machineBusy: number;
  readonly ownBusy: number;
}

/** Caches are filled and the JIT has compiled what is hot. */
const WARM_UP_SECONDS = 2;
/** Written one after the other, so that no value is like the last. */
const VALUES = 64;

export async function load(group: Group, options: LoadOptions): Promise<LoadResult> {
  const values = Array.from({ length: VALUES }, () =>
    randomBytes(options.valueBytes).toString('hex').slice(0, options.valueBytes),
  );
  await writeFor(WARM_UP_SECONDS, group, options.clients, values);
  const machineBefore = await machineMs();
  const cpuBefore = await Promise.all(group.pids.map(cpuMs));
  const ownBefore = process.cpuUsage();
  const started = performance.now();
  const latencies = await writeFor(options.seconds, group, options.clients, values);
  const tookMs = performance.now() - started;
  const own = process.cpuUsage(ownBefore);
  const cpuAfter = await Promise.all(group.pids.map(cpuMs));
  const machineAfter = await machineMs();
  const totalMs = machineAfter.totalMs - machineBefore.totalMs;
  const ownMs = (own.user + own.system) / 1000 + sum(cpuAfter) - sum(cpuBefore);
  const writes = latencies.length;
  return {
    clients: options.clients,
    writes,
    writesPerSecond: (writes * 1000) / tookMs,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    memberCpuUs: cpuAfter.map((after, at) => ((after - (cpuBefore[at] ?? 0)) * 1000) / writes),
    clientCpuUs: (own.user + own.system) / writes,
    machineBusy: 1 - (machineAfter.idleMs - machineBefore.idleMs) / totalMs,
    ownBusy: ownMs / totalMs,
  };
}

async function writeFor(
  seconds: number,
  group: Group,
  clients: number,
  values: readonly string[],
): Promise<readonly number[]> {
  const end = performance.now() + seconds * 1000;
  const latencies: number[] = [];
  const client = async (number: number): Promise<void> => {
    const put = group.put(number);
    for (let turn = number; ; turn += 1) {
      const sent = performance.now();
      if (sent >= end) {
        return;
      }
      await put(values[turn % values.length] ?? '');
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return latencies;
}

/** CPU time of a process so far; the kernel counts in hundredths of a second. */
async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** CPU time of all cores since the machine started, and how much of it nobody wanted. */
async function machineMs(): Promise<{ readonly totalMs: number; readonly idleMs: number }> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  // user, nice, system, idle, iowait, irq, softirq, steal; what follows is contained in user.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { totalMs: sum(ticks) * 10, idleMs: ((ticks[3] ?? 0) + (ticks[4] ?? 0)) * 10 };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
