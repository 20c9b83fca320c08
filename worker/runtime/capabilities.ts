// Linux capabilities of a container: Docker's default set, changed by the spec's add and drop lists.
import { badSpec } from './errors.ts';

/** What a container of Docker has unless told otherwise. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

/** All capabilities in the order of linux/capability.h, up to kernel 5.9. */
export const ALL_CAPABILITIES: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
];

/**
 * The sorted capability set.
 * @param hostSet what this host can give (bounding set of the daemon): `ALL` and the defaults are cut to it
 * @throws SkeinError `bad-container-spec` for a name that does not exist
 */
export function resolveCapabilities(
  add: readonly string[],
  drop: readonly string[],
  hostSet: ReadonlySet<string>,
): readonly string[] {
  const added = add.map(normalize);
  const dropped = drop.map(normalize);
  const chosen = new Set<string>();
  if (added.includes('ALL')) {
    addAll(chosen, ALL_CAPABILITIES);
  } else if (!dropped.includes('ALL')) {
    addAll(chosen, DEFAULT_CAPABILITIES);
  }
  for (const name of [...chosen]) {
    if (!hostSet.has(name)) {
      chosen.delete(name);
    }
  }
  addAll(chosen, added);
  chosen.delete('ALL');
  for (const name of dropped) {
    chosen.delete(name);
  }
  return [...chosen].sort();
}

/** Names of the bits of a `Cap…:` line in /proc/<pid>/status. */
export function capabilityNames(mask: bigint): ReadonlySet<string> {
  return new Set(ALL_CAPABILITIES.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n));
}

function addAll(target: Set<string>, names: readonly string[]): void {
  for (const name of names) {
    target.add(name);
  }
}

function normalize(name: string): string {
  const upper = name.toUpperCase();
  if (upper === 'ALL') {
    return upper;
  }
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (!ALL_CAPABILITIES.includes(full)) {
    throw badSpec(`unknown capability "${name}"`);
  }
  return full;
}
