// Resource limits of a task as the OCI runtime takes them. A limit that the host's cgroups cannot enforce
// is an error with its name; nothing is dropped in silence. Pure.
import type { Ulimit } from '../../shared/model/container.ts';
import type { ResourceRequirements } from '../../shared/model/resources.ts';
import { badSpec, limitUnsupported } from './errors.ts';
import type { HostFacts } from './host_facts.ts';
import type { OciDeviceRule, OciResources, OciRlimit } from './oci.ts';

/** The kernel's default CFS period; Docker uses it for `--cpus` too. */
const CPU_PERIOD_US = 100_000;
/** The kernel refuses quotas below 1 ms. */
const CPU_QUOTA_MIN_US = 1000;
/** 1e9 nano-CPUs are one CPU for the whole period. */
const NANO_PER_CPU = 1e9;
/** Less than this a container cannot even start in (Docker's figure: 4 MiB in Swarm's spec check). */
const MEMORY_MIN_BYTES = 4 * 1024 * 1024;

/** Docker's default device list: null, zero, full, random, urandom, tty, console, ptmx, pts; mknod of anything. */
const DEVICES: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' },
  { allow: true, type: 'c', major: 1, minor: 5, access: 'rwm' },
  { allow: true, type: 'c', major: 1, minor: 7, access: 'rwm' },
  { allow: true, type: 'c', major: 1, minor: 8, access: 'rwm' },
  { allow: true, type: 'c', major: 1, minor: 9, access: 'rwm' },
  { allow: true, type: 'c', major: 5, minor: 0, access: 'rwm' },
  { allow: true, type: 'c', major: 5, minor: 1, access: 'rwm' },
  { allow: true, type: 'c', major: 5, minor: 2, access: 'rwm' },
  { allow: true, type: 'c', major: 136, access: 'rwm' },
];

const ULIMITS: ReadonlySet<string> = new Set(
  `as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack`.split(
    ' ',
  ),
);

/** @throws SkeinError `limit-unsupported` or `bad-container-spec` */
export function buildResources(
  requirements: ResourceRequirements | undefined,
  host: Pick<HostFacts, 'controllers' | 'memorySwapLimit' | 'cpus'>,
): OciResources {
  const limits = requirements?.limits ?? { nanoCpus: 0, memoryBytes: 0, pids: 0 };
  const need = (limit: string, controller: string): void => {
    if (!host.controllers.has(controller)) {
      throw limitUnsupported(limit, controller);
    }
  };
  if (limits.memoryBytes > 0) {
    need('the memory limit', 'memory');
    if (limits.memoryBytes < MEMORY_MIN_BYTES) {
      throw badSpec(`invalid memory limit ${limits.memoryBytes}: the minimum is 4 MiB`);
    }
  }
  if (limits.nanoCpus > 0) {
    need('the cpu limit', 'cpu');
  }
  if (limits.pids > 0) {
    need('the pids limit', 'pids');
  }
  return {
    devices: DEVICES,
    ...(limits.memoryBytes > 0 ? { memory: memoryLimit(limits.memoryBytes, host.memorySwapLimit) } : {}),
    ...(limits.nanoCpus > 0 ? { cpu: cpuLimit(limits.nanoCpus) } : {}),
    ...(limits.pids > 0 ? { pids: { limit: limits.pids } } : {}),
  };
}

/** Docker's rule for services: memory plus swap is twice the memory; where swap is not counted it is left out. */
function memoryLimit(
  bytes: number,
  swapCounted: boolean,
): { readonly limit: number; readonly swap?: number } {
  return swapCounted ? { limit: bytes, swap: bytes * 2 } : { limit: bytes };
}

function cpuLimit(nanoCpus: number): { readonly quota: number; readonly period: number } {
  const quota = Math.round((nanoCpus / NANO_PER_CPU) * CPU_PERIOD_US);
  return { quota: Math.max(quota, CPU_QUOTA_MIN_US), period: CPU_PERIOD_US };
}

/** @throws SkeinError `bad-container-spec` for an unknown name or soft above hard */
export function buildRlimits(ulimits: readonly Ulimit[]): readonly OciRlimit[] {
  return ulimits.map(({ name, soft, hard }) => {
    const short = name.toLowerCase().replace(/^rlimit_/, '');
    if (!ULIMITS.has(short)) {
      throw badSpec(`invalid ulimit type: ${name}`);
    }
    if (hard !== -1 && (soft === -1 || soft > hard)) {
      throw badSpec(`ulimit ${name}: the soft limit ${soft} is above the hard limit ${hard}`);
    }
    return { type: `RLIMIT_${short.toUpperCase()}`, soft: unlimited(soft), hard: unlimited(hard) };
  });
}

/** RLIM_INFINITY is 2^64-1, which JSON numbers of this language cannot carry; 2^63 is as good and exact. */
const RLIMIT_INFINITY = 2 ** 63;

function unlimited(value: number): number {
  return value === -1 ? RLIMIT_INFINITY : value;
}
