// What the runtime reads and removes of a container's cgroups; making them and setting limits is the OCI
// runtime's part.
import { readFile, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../kernel/errors.ts';
import type { HostFacts } from './host_facts.ts';

const UNIFIED_ROOT = '/sys/fs/cgroup';

type CgroupHost = Pick<HostFacts, 'cgroupMode' | 'controllerPaths'>;

/** By conmon's note (it listens to the kernel's event) or the cgroup's own counter. */
export async function wasOomKilled(
  host: CgroupHost,
  cgroupsPath: string | undefined,
  runDirectory: string,
): Promise<boolean> {
  const kills = cgroupsPath === undefined ? 0 : await oomKills(host, cgroupsPath);
  return kills > 0 || (await exists(join(runDirectory, 'persist', 'oom')));
}

/** How many processes of the cgroup the kernel killed for want of memory; 0 when it cannot be told. */
async function oomKills(host: CgroupHost, cgroupsPath: string): Promise<number> {
  const file =
    host.cgroupMode === 'v2'
      ? join(UNIFIED_ROOT, cgroupsPath, 'memory.events')
      : join(host.controllerPaths.get('memory') ?? UNIFIED_ROOT, cgroupsPath, 'memory.oom_control');
  try {
    const text = await readFile(file, 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENODEV')) {
      return 0;
    }
    throw error;
  }
}

/** Removes what the OCI runtime left of an ended container's cgroup, in every hierarchy. */
export async function removeCgroup(host: CgroupHost, cgroupsPath: string): Promise<void> {
  for (const root of hierarchies(host)) {
    try {
      await rmdir(join(root, cgroupsPath));
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'EBUSY', 'ENOTEMPTY')) {
        throw error;
      }
    }
  }
}

function hierarchies(host: CgroupHost): ReadonlySet<string> {
  return host.cgroupMode === 'v2'
    ? new Set([UNIFIED_ROOT])
    : new Set([
        ...host.controllerPaths.values(),
        ...(host.cgroupMode === 'hybrid' ? [join(UNIFIED_ROOT, 'unified')] : []),
      ]);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
