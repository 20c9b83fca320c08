// The files made for one container on the host: /etc/resolv.conf, hosts, hostname, and the tmpfs that
// alone ever holds its secrets and configs.
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MS, mount } from '../kernel/mount.ts';
import type { ContainerPlan, FilePayload } from './api.ts';
import { type ContainerFiles, payloadPath } from './container_mounts.ts';
import { badSpec } from './errors.ts';

/** A page per file and some for the directory, on top of the bytes. */
const TMPFS_PAGE_BYTES = 4096;
const ID_MAX = 2 ** 31 - 1;

const LOCAL_HOSTS = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

export function containerFiles(runDirectory: string): ContainerFiles {
  return {
    resolvConf: join(runDirectory, 'resolv.conf'),
    hosts: join(runDirectory, 'hosts'),
    hostname: join(runDirectory, 'hostname'),
    payloads: join(runDirectory, 'payloads'),
  };
}

export async function writeContainerFiles(plan: ContainerPlan, files: ContainerFiles): Promise<void> {
  await Promise.all([
    writeFile(files.resolvConf, plan.resolvConf, { mode: 0o644 }),
    writeFile(files.hostname, `${plan.hostname}\n`, { mode: 0o644 }),
    writeFile(files.hosts, hostsFile(plan.hostsLines, plan.spec.hosts), { mode: 0o644 }),
  ]);
  if (plan.secrets.length + plan.configs.length > 0) {
    await writePayloads(plan, files);
  }
}

/** /etc/hosts: localhost, the spec's `IP name…` lines, the container's own addresses. */
export function hostsFile(own: readonly string[], extra: readonly string[]): string {
  return [LOCAL_HOSTS, ...[...extra, ...own].map((line) => `${line.trim().replace(/\s+/g, '\t')}\n`)].join(
    '',
  );
}

async function writePayloads(plan: ContainerPlan, files: ContainerFiles): Promise<void> {
  const all = [...plan.secrets, ...plan.configs];
  const bytes = all.reduce((sum, file) => sum + file.data.length + 2 * TMPFS_PAGE_BYTES, TMPFS_PAGE_BYTES);
  await mkdir(files.payloads, { recursive: true, mode: 0o700 });
  mount(
    'tmpfs',
    files.payloads,
    'tmpfs',
    MS.NOSUID | MS.NODEV | MS.NOEXEC,
    `size=${bytes},mode=700,nr_inodes=${all.length + 2}`,
  );
  for (const [index, payload] of plan.secrets.entries()) {
    await writePayload(payloadPath(files, 'secret', index), payload);
  }
  for (const [index, payload] of plan.configs.entries()) {
    await writePayload(payloadPath(files, 'config', index), payload);
  }
}

async function writePayload(path: string, { data, target }: FilePayload): Promise<void> {
  await writeFile(path, data, { mode: 0o600 });
  await chown(path, ownerId(target.uid, 'uid'), ownerId(target.gid, 'gid'));
  await chmod(path, target.mode & 0o7777);
}

function ownerId(text: string, what: string): number {
  const value = text === '' ? 0 : /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (value < 0 || value > ID_MAX) {
    throw badSpec(`invalid ${what} "${text}" of a secret or config: it must be a number`);
  }
  return value;
}
