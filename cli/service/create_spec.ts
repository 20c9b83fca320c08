// The ServiceSpec of service create, from flags whose names have been resolved.
import type { Values } from '../flags/flag.ts';
import { UsageError } from '../errors.ts';
import { resolveEnvironment, toMap } from '../opts/pairs.ts';
import type { NetworkAttachment } from '../client/types.ts';
import type { CREATE_FLAGS } from './create_flags.ts';
import type { PinnedImage } from './resolve.ts';
import { applyScalars, type Json, setPath } from './scalars.ts';

export interface Resolved extends PinnedImage {
  readonly command: readonly string[];
  /** Lines of the --env-file flags. */
  readonly fileLines: readonly string[];
  readonly networks: readonly NetworkAttachment[];
  readonly secrets: readonly Json[];
  readonly configs: readonly Json[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const DEFAULT_LOG_DRIVER = 'json-file';

type Flags = Values<typeof CREATE_FLAGS>;
type FlagName = keyof typeof CREATE_FLAGS;

/** @throws UsageError for flags that exclude each other */
export function buildSpec(flags: Flags, changed: (name: FlagName) => boolean, resolved: Resolved): Json {
  const spec: Json = {
    Name: flags.name ?? '',
    Labels: toMap(flags.label),
    TaskTemplate: { ContainerSpec: { Image: resolved.image }, ForceUpdate: 0 },
    Mode: serviceMode(flags),
    EndpointSpec: { Mode: 'vip' },
  };
  applyScalars(spec, flags, (name) => Object.hasOwn(flags, name) && changed(name as FlagName));
  const lists: Readonly<Record<string, unknown>> = {
    ...containerLists(flags, resolved),
    'EndpointSpec.Ports': flags.publish,
    'TaskTemplate.Networks': resolved.networks,
    'TaskTemplate.LogDriver.Options': toMap(flags['log-opt']),
    'TaskTemplate.Placement.Constraints': flags.constraint,
    'TaskTemplate.Placement.Platforms': resolved.platforms,
    'TaskTemplate.Placement.Preferences': flags['placement-pref'].map((label) => ({
      Spread: { SpreadDescriptor: label },
    })),
    'TaskTemplate.Resources.Reservations.GenericResources': flags['generic-resource'],
  };
  // Options without a driver are meant for the usual one.
  if (flags['log-opt'].length > 0 && flags['log-driver'] === undefined) {
    setPath(spec, 'TaskTemplate.LogDriver.Name', DEFAULT_LOG_DRIVER);
  }
  for (const [path, value] of Object.entries(lists)) {
    if (!isEmpty(value)) {
      setPath(spec, path, value);
    }
  }
  return spec;
}

function containerLists(flags: Flags, resolved: Resolved): Record<string, unknown> {
  const fields = {
    Args: resolved.command,
    Labels: toMap(flags['container-label']),
    Env: lastOfEachName(resolveEnvironment([...resolved.fileLines, ...flags.env], resolved.env)),
    Groups: flags.group,
    Mounts: flags.mount,
    Hosts: flags.host,
    'DNSConfig.Nameservers': flags.dns,
    'DNSConfig.Search': flags['dns-search'],
    'DNSConfig.Options': flags['dns-option'],
    Secrets: resolved.secrets,
    Configs: resolved.configs,
    Sysctls: toMap(flags.sysctl),
    CapabilityAdd: flags['cap-add'].map(capability),
    CapabilityDrop: flags['cap-drop'].map(capability),
    Ulimits: flags.ulimit,
  };
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`TaskTemplate.ContainerSpec.${name}`, value]),
  );
}

function serviceMode(flags: Flags): Json {
  const mode = flags.mode ?? 'replicated';
  const { replicas, 'max-concurrent': concurrent } = flags;
  if (mode !== 'replicated' && mode !== 'replicated-job') {
    if (replicas !== undefined) {
      throw new UsageError('replicas can only be used with replicated or replicated-job mode');
    }
    if (flags['replicas-max-per-node'] !== undefined) {
      throw new UsageError('replicas-max-per-node can only be used with replicated or replicated-job mode');
    }
  }
  if (concurrent !== undefined && mode !== 'replicated-job') {
    throw new UsageError('max-concurrent can only be used with replicated-job mode');
  }
  switch (mode) {
    case 'replicated':
      return { Replicated: replicas === undefined ? {} : { Replicas: replicas } };
    case 'global':
      return { Global: {} };
    case 'replicated-job':
      return {
        ReplicatedJob: { MaxConcurrent: concurrent ?? replicas ?? 1, TotalCompletions: replicas ?? 1 },
      };
    case 'global-job':
      return { GlobalJob: {} };
    default:
      throw new UsageError(
        `Unknown mode: ${mode}, only replicated, global, replicated-job and global-job supported`,
      );
  }
}

/** A variable given twice has its last value, at its last place. */
export function lastOfEachName(entries: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of entries) {
    const name = entry.split('=', 1)[0] ?? '';
    byName.delete(name);
    byName.set(name, entry);
  }
  return [...byName.values()];
}

/** `net_admin` and `CAP_NET_ADMIN` are one. */
export function capability(name: string): string {
  const upper = name.trim().toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    (Array.isArray(value)
      ? value.length === 0
      : typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
