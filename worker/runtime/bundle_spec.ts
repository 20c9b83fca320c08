// Builds config.json: the container's spec, its image's defaults and the host's facts in, the OCI
// specification out. A pure function; reading the image's passwd and making files is the caller's work.
import type { ContainerPlan } from './api.ts';
import type { ResolvedUser } from './accounts.ts';
import { resolveCapabilities } from './capabilities.ts';
import { type ContainerFiles, buildMounts, initTarget } from './container_mounts.ts';
import { badSpec, initMissing } from './errors.ts';
import type { HostFacts } from './host_facts.ts';
import { buildResources, buildRlimits } from './limits.ts';
import type { OciNamespace, OciSeccomp, OciSpec } from './oci.ts';
import { defaultSeccomp } from './seccomp.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Paths of /proc and /sys that tell of, or reach, the host (Docker's lists). */
const MASKED_PATHS: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/** Sysctls of namespaces that every container has of its own; the net ones need a network namespace. */
const IPC_SYSCTLS = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\.)/;

export interface BundleInput {
  readonly plan: ContainerPlan;
  readonly user: ResolvedUser;
  readonly files: ContainerFiles;
  readonly rootPath: string;
  readonly cgroupsPath: string;
  readonly host: HostFacts;
}

export interface BundleResult {
  readonly spec: OciSpec;
  readonly warnings: readonly string[];
}

/** @throws SkeinError `bad-container-spec`, `limit-unsupported`, `init-missing` */
export function buildBundle(input: BundleInput): BundleResult {
  const { plan, user, host } = input;
  const { spec } = plan;
  const warnings: string[] = [];
  const capabilities = resolveCapabilities(spec.capabilityAdd, spec.capabilityDrop, host.capabilities);
  const isRoot = user.uid === 0;
  const initPath = spec.init === true ? requireInit(host) : undefined;
  const seccomp = host.seccomp ? seccompOf(plan, host, capabilities) : undefined;
  const oomScoreAdj = oomScore(spec.oomScoreAdj, host, warnings);
  const sysctl = checkedSysctls(spec.sysctls, plan.netnsPath !== '');
  const result: OciSpec = {
    ociVersion: '1.0.2',
    process: {
      terminal: spec.tty,
      user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
      args: [...(initPath === undefined ? [] : [initTarget(), '--']), ...commandOf(plan)],
      env: environmentOf(plan, user.home),
      cwd: workingDirectory(plan),
      capabilities: {
        bounding: capabilities,
        effective: isRoot ? capabilities : [],
        permitted: isRoot ? capabilities : [],
      },
      ...(spec.ulimits.length === 0 ? {} : { rlimits: buildRlimits(spec.ulimits) }),
      noNewPrivileges: spec.privileges?.noNewPrivileges ?? false,
      ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
    },
    root: { path: input.rootPath, readonly: spec.readOnly },
    hostname: plan.hostname,
    mounts: buildMounts(plan, input.files, initPath),
    annotations: {},
    linux: {
      namespaces: namespaces(plan, host),
      resources: buildResources(plan.resources, host),
      cgroupsPath: input.cgroupsPath,
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
      ...(seccomp === undefined ? {} : { seccomp }),
      ...(Object.keys(sysctl).length === 0 ? {} : { sysctl }),
      rootfsPropagation: rootPropagation(plan),
    },
  };
  return { spec: result, warnings };
}

/** ENTRYPOINT and CMD as Docker combines them: an own command drops the image's arguments too. */
export function commandOf(plan: Pick<ContainerPlan, 'spec' | 'image'>): readonly string[] {
  const { spec, image } = plan;
  const entrypoint = spec.command.length > 0 ? spec.command : image.entrypoint;
  const args = spec.args.length > 0 ? spec.args : spec.command.length > 0 ? [] : image.cmd;
  const command = [...entrypoint, ...args];
  if (command.length === 0) {
    throw badSpec('no command specified: neither the service nor its image names one');
  }
  return command;
}

/** PATH and HOSTNAME, then the image's, then the service's; a later one of the same name wins. */
export function environmentOf(
  plan: Pick<ContainerPlan, 'spec' | 'image' | 'hostname'>,
  home: string,
): readonly string[] {
  const variables = new Map<string, string>([
    ['PATH', DEFAULT_PATH],
    ['HOSTNAME', plan.hostname],
    ...(plan.spec.tty ? ([['TERM', 'xterm']] as const) : []),
  ]);
  for (const line of [...plan.image.env, ...plan.spec.env]) {
    const [name = ''] = line.split('=', 1);
    if (name === '') {
      continue;
    }
    if (line.includes('=')) {
      variables.set(name, line.slice(name.length + 1));
    } else {
      // `--env NAME` without a value: Docker takes it out.
      variables.delete(name);
    }
  }
  if (!variables.has('HOME')) {
    variables.set('HOME', home);
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

export function workingDirectory(plan: Pick<ContainerPlan, 'spec' | 'image'>): string {
  const directory = (plan.spec.dir ?? '') || plan.image.workingDir || '/';
  if (!directory.startsWith('/')) {
    throw badSpec(`the working directory "${directory}" is invalid: it needs to be an absolute path`);
  }
  return directory;
}

function namespaces(plan: ContainerPlan, host: HostFacts): readonly OciNamespace[] {
  return [
    { type: 'pid' },
    { type: 'mount' },
    { type: 'ipc' },
    { type: 'uts' },
    ...(plan.netnsPath === '' ? [] : [{ type: 'network', path: plan.netnsPath } as const]),
    // As Docker: private where cgroups are v2, the host's where they are v1.
    ...(host.cgroupMode === 'v2' ? [{ type: 'cgroup' } as const] : []),
  ];
}

function seccompOf(
  plan: ContainerPlan,
  host: HostFacts,
  capabilities: readonly string[],
): OciSeccomp | undefined {
  const seccomp = plan.spec.privileges?.seccomp;
  switch (seccomp?.mode ?? 'default') {
    case 'default':
      return defaultSeccomp(host.architecture, capabilities);
    case 'unconfined':
      return undefined;
    case 'custom':
      return customSeccomp(seccomp?.profileJson ?? '');
  }
}

/** The runtime checks the rest; here only that it is a profile in the OCI's own shape. */
function customSeccomp(json: string): OciSeccomp {
  let profile: unknown;
  try {
    profile = JSON.parse(json);
  } catch (error) {
    throw badSpec(`the custom seccomp profile is not JSON: ${String(error)}`);
  }
  if (!isProfile(profile)) {
    throw badSpec('the custom seccomp profile has no "defaultAction"');
  }
  return profile;
}

function isProfile(value: unknown): value is OciSeccomp {
  return (
    typeof value === 'object' &&
    value !== null &&
    'defaultAction' in value &&
    typeof value.defaultAction === 'string'
  );
}

function requireInit(host: HostFacts): string {
  if (host.initPath === undefined) {
    throw initMissing();
  }
  return host.initPath;
}

function oomScore(wanted: number | undefined, host: HostFacts, warnings: string[]): number | undefined {
  if (wanted === undefined) {
    return undefined;
  }
  if (wanted < host.oomScoreAdj && !host.canLowerOomScore) {
    warnings.push(
      `oom_score_adj ${wanted} is below the daemon's own (${host.oomScoreAdj}), which needs CAP_SYS_RESOURCE; left at the daemon's`,
    );
    return undefined;
  }
  return wanted;
}

/** Sysctls of the network namespace are set by the network plane as well, before the container starts. */
function checkedSysctls(
  sysctls: Readonly<Record<string, string>>,
  ownNetwork: boolean,
): Readonly<Record<string, string>> {
  for (const name of Object.keys(sysctls)) {
    const isNet = name.startsWith('net.');
    if (!IPC_SYSCTLS.test(name) && !(isNet && ownNetwork)) {
      throw badSpec(
        `sysctl "${name}" is not allowed: it is not of a namespace that the container has of its own`,
      );
    }
  }
  return sysctls;
}

function rootPropagation(plan: ContainerPlan): string {
  const shares = plan.mounts.some((mount) => /shared/.test(mount.propagation));
  const slaves = plan.mounts.some((mount) => /slave/.test(mount.propagation));
  return shares ? 'rshared' : slaves ? 'rslave' : 'rprivate';
}
