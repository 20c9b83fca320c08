// What this host can do for containers: cgroup layout and controllers, programs found, capabilities,
// sizes. Read once at start; the builder of config.json takes it as data.
import { access, constants, readFile, readdir, statfs } from 'node:fs/promises';
import { arch, cpus, hostname, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import type { NodeDescription } from '../../shared/model/node.ts';
import { ALL_CAPABILITIES, capabilityNames } from './capabilities.ts';
import { runtimeMissing } from './errors.ts';

const CGROUP_ROOT = '/sys/fs/cgroup';
/** linux/magic.h */
const CGROUP2_MAGIC = 0x63677270;
/** Where programs of a bare service environment are found. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Static init programs: tini's package names its static build so, catatonit is static anyway. */
const INIT_PROGRAMS = ['tini-static', 'docker-init', 'catatonit', 'tini'] as const;

export type CgroupMode = 'v1' | 'hybrid' | 'v2';
export type OciRuntimeName = 'runc' | 'crun';

export interface HostFacts {
  /** As `uname -m` says. */
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly cgroupMode: CgroupMode;
  /** Controllers that can be used (`cpu`, `memory`, `pids`, `cpuset`, …). */
  readonly controllers: ReadonlySet<string>;
  /** v1 only: where each controller's hierarchy is mounted. */
  readonly controllerPaths: ReadonlyMap<string, string>;
  readonly memorySwapLimit: boolean;
  readonly capabilities: ReadonlySet<string>;
  /** The daemon's own; a container's may not be lower without CAP_SYS_RESOURCE over it. */
  readonly oomScoreAdj: number;
  readonly canLowerOomScore: boolean;
  readonly seccomp: boolean;
  readonly initPath: string | undefined;
}

export interface RuntimePrograms {
  readonly name: OciRuntimeName;
  readonly path: string;
  readonly conmon: string;
  /**
   * crun refuses hybrid cgroups; on such a host it is called in a mount namespace of its own, where the
   * unified hierarchy is unmounted. The namespace ends with that one call.
   */
  readonly hideUnified: { readonly unshare: string; readonly shell: string } | undefined;
}

export async function readHostFacts(): Promise<HostFacts> {
  const mode = await cgroupMode();
  const { controllers, paths } = mode === 'v2' ? await unifiedControllers() : await legacyControllers();
  const status = await readFile('/proc/self/status', 'utf8');
  const swapFile = mode === 'v2' ? undefined : join(paths.get('memory') ?? '', 'memory.memsw.limit_in_bytes');
  return {
    architecture: machine(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    cgroupMode: mode,
    controllers,
    controllerPaths: paths,
    memorySwapLimit: swapFile === undefined ? controllers.has('memory') : await exists(swapFile),
    capabilities: statusCapabilities(status),
    oomScoreAdj: Number((await readFile('/proc/self/oom_score_adj', 'utf8')).trim()),
    canLowerOomScore: statusCapabilities(status).has('CAP_SYS_RESOURCE'),
    seccomp: /^Seccomp:/m.test(status),
    initPath: await firstProgram(INIT_PROGRAMS),
  };
}

/** crun where cgroups are v2 or it can be made to work; runc else. `forced` names one. */
export async function findPrograms(
  facts: HostFacts,
  forced: OciRuntimeName | 'auto',
): Promise<RuntimePrograms> {
  const conmon = await findProgram('conmon');
  if (conmon === undefined) {
    throw runtimeMissing('conmon', 'conmon');
  }
  const [crun, runc, unshare, shell] = await Promise.all(['crun', 'runc', 'unshare', 'sh'].map(findProgram));
  const hide =
    facts.cgroupMode === 'hybrid' && unshare !== undefined && shell !== undefined
      ? { unshare, shell }
      : undefined;
  const crunWorks = crun !== undefined && (facts.cgroupMode !== 'hybrid' || hide !== undefined);
  if (forced !== 'runc' && crunWorks) {
    return { name: 'crun', path: crun, conmon, hideUnified: hide };
  }
  if (forced !== 'crun' && runc !== undefined) {
    return { name: 'runc', path: runc, conmon, hideUnified: undefined };
  }
  throw runtimeMissing(forced === 'auto' ? 'runc or crun' : forced, forced === 'auto' ? 'runc' : forced);
}

/** What a node says of itself when it registers. */
export function describeHost(
  facts: HostFacts,
  options: {
    readonly version: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly trustRootPem: string;
  },
): NodeDescription {
  return {
    hostname: hostname(),
    platform: { architecture: facts.architecture, os: 'linux' },
    resources: { nanoCpus: facts.cpus * 1e9, memoryBytes: facts.memoryBytes, generic: [] },
    engine: {
      version: options.version,
      labels: options.labels,
      plugins: [
        { type: 'Log', name: 'json-file' },
        { type: 'Log', name: 'local' },
        { type: 'Network', name: 'host' },
        { type: 'Network', name: 'overlay' },
        { type: 'Volume', name: 'local' },
      ],
    },
    trustRootPem: options.trustRootPem,
  };
}

async function cgroupMode(): Promise<CgroupMode> {
  if ((await statfs(CGROUP_ROOT)).type === CGROUP2_MAGIC) {
    return 'v2';
  }
  const unified = join(CGROUP_ROOT, 'unified');
  return (await exists(unified)) && (await statfs(unified)).type === CGROUP2_MAGIC ? 'hybrid' : 'v1';
}

async function unifiedControllers() {
  const text = await readFile(join(CGROUP_ROOT, 'cgroup.controllers'), 'utf8');
  return { controllers: new Set(text.trim().split(/\s+/)), paths: new Map<string, string>() };
}

async function legacyControllers() {
  const paths = new Map<string, string>();
  for (const line of (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')) {
    const [before = '', after = ''] = line.split(' - ', 2);
    const [type, , superOptions = ''] = after.split(' ');
    const target = before.split(' ')[4];
    if (type === 'cgroup' && target !== undefined) {
      for (const option of superOptions.split(',')) {
        paths.set(option, target);
      }
    }
  }
  const known = (await readFile('/proc/cgroups', 'utf8'))
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');
  return { controllers: new Set(known.filter((name) => paths.has(name))), paths };
}

function statusCapabilities(status: string): ReadonlySet<string> {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return bounding === undefined ? new Set(ALL_CAPABILITIES) : capabilityNames(BigInt(`0x${bounding}`));
}

const MACHINES: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  arm: 'armv7l',
  ppc64: 'ppc64le',
};

function machine(): string {
  return MACHINES[arch()] ?? arch();
}

async function firstProgram(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const path = await findProgram(name);
    if (path !== undefined) {
      return path;
    }
  }
  return undefined;
}

/** Absolute path of a program on PATH and the usual system directories. */
export async function findProgram(name: string): Promise<string | undefined> {
  const path = `${process.env['PATH'] ?? ''}${delimiter}${DEFAULT_PATH}`;
  for (const directory of path.split(delimiter)) {
    const candidate = join(directory, name);
    if (directory !== '' && (await executable(candidate))) {
      return candidate;
    }
  }
  return undefined;
}

async function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Entries of a directory, none when it is missing. */
export async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
