// The mount table of a container in the order the runtime must make it: kernel file systems first, then
// what the spec asks for, parents before children. Pure.
import type { ContainerSpec } from '../../shared/model/container.ts';
import type { ContainerPlan, FilePayload, HostMount } from './api.ts';
import { badSpec } from './errors.ts';
import type { OciMount } from './oci.ts';

/** Docker's size of /dev/shm. */
const SHM_BYTES = 64 * 1024 * 1024;
/** Docker's mode of a tmpfs mount unless told otherwise: as /tmp. */
const TMPFS_MODE = 0o1777;
const INIT_TARGET = '/sbin/docker-init';
const SECRETS_DIRECTORY = '/run/secrets';

const KERNEL_MOUNTS: readonly OciMount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['ro', 'nosuid', 'noexec', 'nodev'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${SHM_BYTES}`],
  },
];

/** Files on the host, made for this container, that are bind-mounted into it. */
export interface ContainerFiles {
  readonly resolvConf: string;
  readonly hosts: string;
  readonly hostname: string;
  /** Directory of the task's tmpfs: secret and config number n is `secret-n`, `config-n`. */
  readonly payloads: string;
}

export function buildMounts(
  plan: Pick<ContainerPlan, 'spec' | 'mounts' | 'secrets' | 'configs'>,
  files: ContainerFiles,
  initPath: string | undefined,
): readonly OciMount[] {
  const ours: OciMount[] = [
    bindFile(files.resolvConf, '/etc/resolv.conf', false),
    bindFile(files.hostname, '/etc/hostname', false),
    bindFile(files.hosts, '/etc/hosts', false),
    ...plan.secrets.map((payload, index) =>
      bindFile(payloadPath(files, 'secret', index), secretTarget(payload), true),
    ),
    ...plan.configs.map((payload, index) =>
      bindFile(payloadPath(files, 'config', index), configTarget(payload), true),
    ),
    ...(initPath === undefined ? [] : [bindFile(initPath, INIT_TARGET, true)]),
  ];
  const wanted = [...plan.mounts.map(bindDirectory), ...tmpfsMounts(plan.spec)];
  const replaced = new Set(wanted.map((mount) => mount.destination));
  const kept = [...KERNEL_MOUNTS, ...ours].filter((mount) => !replaced.has(mount.destination));
  // A stable sort: what is mounted on /a must be there before what is mounted on /a/b.
  return [...kept, ...wanted].sort((a, b) => depth(a.destination) - depth(b.destination));
}

/** Where the init program appears in the container. */
export function initTarget(): string {
  return INIT_TARGET;
}

export function payloadPath(
  files: Pick<ContainerFiles, 'payloads'>,
  kind: 'secret' | 'config',
  index: number,
): string {
  return `${files.payloads}/${kind}-${index}`;
}

function secretTarget(payload: FilePayload): string {
  const { name } = payload.target;
  return name.startsWith('/') ? name : `${SECRETS_DIRECTORY}/${name}`;
}

function configTarget(payload: FilePayload): string {
  const { name } = payload.target;
  return name.startsWith('/') ? name : `/${name}`;
}

function bindFile(source: string, destination: string, readOnly: boolean): OciMount {
  return {
    destination: checkedTarget(destination),
    type: 'bind',
    source,
    options: ['rbind', 'rprivate', readOnly ? 'ro' : 'rw', ...(readOnly ? ['nosuid', 'nodev'] : [])],
  };
}

function bindDirectory(mount: HostMount): OciMount {
  return {
    destination: checkedTarget(mount.target),
    type: 'bind',
    source: mount.source,
    options: [mount.recursive ? 'rbind' : 'bind', mount.propagation, mount.readOnly ? 'ro' : 'rw'],
  };
}

function tmpfsMounts(spec: ContainerSpec): readonly OciMount[] {
  return spec.mounts
    .filter((mount) => mount.type === 'tmpfs')
    .map((mount) => ({
      destination: checkedTarget(mount.target),
      type: 'tmpfs',
      source: 'tmpfs',
      options: [
        'nosuid',
        'nodev',
        'noexec',
        mount.readOnly ? 'ro' : 'rw',
        `mode=${((mount.tmpfs?.mode ?? 0) || TMPFS_MODE).toString(8)}`,
        ...((mount.tmpfs?.sizeBytes ?? 0) > 0 ? [`size=${mount.tmpfs?.sizeBytes}`] : []),
      ],
    }));
}

function checkedTarget(target: string): string {
  if (!target.startsWith('/') || target.split('/').includes('..') || target.includes('\0')) {
    throw badSpec(`invalid mount target "${target}": it must be an absolute path without ".."`);
  }
  const clean = target.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  if (clean === '/') {
    throw badSpec('invalid mount target: the root of the container cannot be mounted over');
  }
  return clean;
}

function depth(path: string): number {
  return path.split('/').length;
}
