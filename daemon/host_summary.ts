// What this machine is, for `info`: the kernel and system by name, and what is missing for all to work.
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import type { HostFacts, RuntimePrograms } from '../worker/runtime/host_facts.ts';
import type { HostFacts as ApiHostFacts } from './api/backend.ts';

export type SystemFacts = Pick<
  ApiHostFacts,
  | 'kernelVersion'
  | 'operatingSystem'
  | 'osVersion'
  | 'cgroupVersion'
  | 'runtime'
  | 'storageDriver'
  | 'warnings'
>;

/** @param more warnings that others found reason for */
export async function readSystemFacts(
  facts: HostFacts,
  programs: RuntimePrograms,
  more: readonly string[],
): Promise<SystemFacts> {
  const system = await osRelease();
  return {
    kernelVersion: release(),
    operatingSystem: system['PRETTY_NAME'] ?? 'Linux',
    osVersion: system['VERSION_ID'] ?? '',
    cgroupVersion: facts.cgroupMode === 'v2' ? '2' : '1',
    runtime: programs.name,
    storageDriver: 'overlay2',
    warnings: [...warningsOf(facts), ...more],
  };
}

async function osRelease(): Promise<Readonly<Record<string, string>>> {
  try {
    const lines = (await readFile('/etc/os-release', 'utf8')).split('\n');
    return Object.fromEntries(
      lines.flatMap((line) => {
        const [, key, value] = /^(\w+)="?(.*?)"?$/.exec(line) ?? [];
        return key === undefined || value === undefined ? [] : [[key, value] as const];
      }),
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return {};
    }
    throw error;
  }
}

function warningsOf(facts: HostFacts): string[] {
  const warnings: string[] = [];
  for (const controller of ['cpu', 'memory', 'pids']) {
    if (!facts.controllers.has(controller)) {
      warnings.push(
        `WARNING: no cgroup controller '${controller}': services with such a limit will be refused here`,
      );
    }
  }
  if (!facts.memorySwapLimit) {
    warnings.push('WARNING: No swap limit support');
  }
  if (!facts.seccomp) {
    warnings.push('WARNING: No seccomp support: containers run without a system call filter');
  }
  if (facts.initPath === undefined) {
    warnings.push('WARNING: no init program (tini): services with --init will be refused here');
  }
  return warnings;
}
