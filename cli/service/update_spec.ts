// The new ServiceSpec of service update: the present one, with what the flags take away, add and set.
import type {
  GenericResource,
  Mount,
  NetworkAttachment,
  Port,
  ServiceSpec,
  Ulimit,
} from '../client/types.ts';
import { CliError, UsageError } from '../errors.ts';
import type { Values } from '../flags/flag.ts';
import { resolveEnvironment, toMap } from '../opts/pairs.ts';
import { shellWords } from '../opts/resources.ts';
import { capability } from './create_spec.ts';
import type { PinnedImage } from './resolve.ts';
import { applyScalars, getPath, type Json, setPath } from './scalars.ts';
import type { UPDATE_FLAGS } from './update_flags.ts';

type Flags = Values<typeof UPDATE_FLAGS>;
type FlagName = keyof typeof UPDATE_FLAGS;

/** What names meant: ids for networks, secrets and configs, and the image, when one was given. */
export interface UpdateResolved {
  readonly image: PinnedImage | undefined;
  readonly networksAdded: readonly NetworkAttachment[];
  /** Ids of networks to leave. */
  readonly networksRemoved: readonly string[];
  readonly secretsAdded: readonly Json[];
  readonly configsAdded: readonly Json[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const CONTAINER = 'TaskTemplate.ContainerSpec';

/** @throws UsageError for flags that do not fit the service */
export function updateSpec(
  present: ServiceSpec,
  flags: Flags,
  changed: (name: FlagName) => boolean,
  resolved: UpdateResolved,
): Json {
  const spec: Json = { ...structuredClone(present) };
  applyScalars(spec, flags, (name) => Object.hasOwn(flags, name) && changed(name as FlagName));
  applyImage(spec, resolved.image);
  applyMode(spec, present, flags);
  if (changed('args')) {
    setPath(spec, `${CONTAINER}.Args`, shellWords(flags.args ?? ''));
  }
  if (flags.force) {
    setPath(spec, 'TaskTemplate.ForceUpdate', (present.TaskTemplate.ForceUpdate ?? 0) + 1);
  }
  if (changed('log-driver') || changed('log-opt')) {
    setPath(spec, 'TaskTemplate.LogDriver.Options', toMap(flags['log-opt']));
  }
  refuseAttached(present, resolved.networksAdded);
  applyMaps(spec, flags);
  applyTexts(spec, flags, resolved.env);
  applyObjects(spec, flags, resolved);
  applyCapabilities(spec, flags);
  return spec;
}

function refuseAttached(present: ServiceSpec, added: readonly NetworkAttachment[]): void {
  const attached = (present.TaskTemplate.Networks ?? []).map((network) => network.Target);
  const again = added.find((network) => attached.includes(network.Target));
  if (again !== undefined) {
    throw new CliError(`service is already attached to network ${again.Target}`);
  }
}

function applyImage(spec: Json, image: PinnedImage | undefined): void {
  if (image === undefined) {
    return;
  }
  setPath(spec, `${CONTAINER}.Image`, image.image);
  if (image.platforms !== undefined || getPath(spec, 'TaskTemplate.Placement.Platforms') !== undefined) {
    setPath(spec, 'TaskTemplate.Placement.Platforms', image.platforms ?? []);
  }
}

function applyMode(
  spec: Json,
  present: ServiceSpec,
  { replicas, 'max-concurrent': concurrent }: Flags,
): void {
  const { Mode: mode = {} } = present;
  if (replicas !== undefined) {
    if (mode.Replicated === undefined && mode.ReplicatedJob === undefined) {
      throw new UsageError('replicas can only be used with replicated or replicated-job mode');
    }
    setPath(
      spec,
      mode.Replicated === undefined ? 'Mode.ReplicatedJob.TotalCompletions' : 'Mode.Replicated.Replicas',
      replicas,
    );
  }
  if (concurrent !== undefined) {
    if (mode.ReplicatedJob === undefined) {
      throw new UsageError('max-concurrent can only be used with replicated-job mode');
    }
    setPath(spec, 'Mode.ReplicatedJob.MaxConcurrent', concurrent);
  }
}

function applyMaps(spec: Json, flags: Flags): void {
  const change = (path: string, add: readonly string[], remove: readonly string[]) => {
    if (add.length > 0 || remove.length > 0) {
      const present = getPath(spec, path);
      const kept = Object.entries(typeof present === 'object' && present !== null ? present : {});
      const left = kept.filter(([key]) => !remove.includes(key));
      setPath(spec, path, { ...Object.fromEntries(left), ...toMap(add) });
    }
  };
  change('Labels', flags['label-add'], flags['label-rm']);
  change(`${CONTAINER}.Labels`, flags['container-label-add'], flags['container-label-rm']);
  change(`${CONTAINER}.Sysctls`, flags['sysctl-add'], flags['sysctl-rm']);
}

function applyTexts(spec: Json, flags: Flags, env: UpdateResolved['env']): void {
  const same = (text: string) => text;
  const nameOf = (entry: string) => entry.split('=', 1)[0] ?? '';
  changeList(spec, `${CONTAINER}.Env`, nameOf, resolveEnvironment(flags['env-add'], env), flags['env-rm']);
  changeList(spec, `${CONTAINER}.Groups`, same, flags['group-add'], flags['group-rm']);
  changeList(spec, `${CONTAINER}.Hosts`, same, flags['host-add'], hostsToRemove(spec, flags['host-rm']));
  changeList(spec, `${CONTAINER}.DNSConfig.Nameservers`, same, flags['dns-add'], flags['dns-rm']);
  changeList(spec, `${CONTAINER}.DNSConfig.Search`, same, flags['dns-search-add'], flags['dns-search-rm']);
  changeList(spec, `${CONTAINER}.DNSConfig.Options`, same, flags['dns-option-add'], flags['dns-option-rm']);
  const constraints = 'TaskTemplate.Placement.Constraints';
  changeList(spec, constraints, same, flags['constraint-add'], flags['constraint-rm']);
}

/** `name:address` takes one line away, a bare name all its lines. */
function hostsToRemove(spec: Json, remove: readonly string[]): string[] {
  const present = textsAt(spec, `${CONTAINER}.Hosts`);
  return present.filter((line) => {
    const [address = '', name = ''] = line.split(' ');
    return remove.some((wanted) => wanted === name || wanted === `${name}:${address}`);
  });
}

function applyObjects(spec: Json, flags: Flags, resolved: UpdateResolved): void {
  changeList<Mount>(
    spec,
    `${CONTAINER}.Mounts`,
    (mount) => mount.Target ?? '',
    flags['mount-add'],
    flags['mount-rm'],
  );
  changeList<Ulimit>(
    spec,
    `${CONTAINER}.Ulimits`,
    (limit) => limit.Name,
    flags['ulimit-add'],
    flags['ulimit-rm'],
  );
  changeFiles(spec, 'Secret', resolved.secretsAdded, flags['secret-rm']);
  changeFiles(spec, 'Config', resolved.configsAdded, flags['config-rm']);
  changeList<NetworkAttachment>(
    spec,
    'TaskTemplate.Networks',
    (network) => network.Target,
    resolved.networksAdded,
    resolved.networksRemoved,
  );
  const preference = (label: string) => ({ Spread: { SpreadDescriptor: label } });
  changeList(
    spec,
    'TaskTemplate.Placement.Preferences',
    (item: ReturnType<typeof preference>) => item.Spread.SpreadDescriptor,
    flags['placement-pref-add'].map(preference),
    flags['placement-pref-rm'],
  );
  changeList<GenericResource>(
    spec,
    'TaskTemplate.Resources.Reservations.GenericResources',
    (item) => item.NamedResourceSpec?.Kind ?? item.DiscreteResourceSpec?.Kind ?? '',
    flags['generic-resource-add'],
    flags['generic-resource-rm'],
  );
  changePorts(spec, flags['publish-add'], flags['publish-rm']);
}

/** A port is taken away by its target; one target may be published several times. */
function changePorts(spec: Json, add: readonly Port[], remove: readonly Port[]): void {
  const path = 'EndpointSpec.Ports';
  if (add.length === 0 && remove.length === 0) {
    return;
  }
  const target = (port: Port) => `${port.TargetPort}/${port.Protocol ?? 'tcp'}`;
  const whole = (port: Port) => `${target(port)}:${port.PublishedPort ?? 0}:${port.PublishMode ?? 'ingress'}`;
  const gone = remove.map(target);
  const kept = itemsAt<Port>(spec, path).filter((port) => !gone.includes(target(port)));
  setPath(spec, path, [...new Map([...kept, ...add].map((port) => [whole(port), port])).values()]);
}

/** A file is known by the object it comes from and the path it goes to. */
function changeFiles(
  spec: Json,
  noun: 'Secret' | 'Config',
  add: readonly Json[],
  remove: readonly string[],
): void {
  const path = `${CONTAINER}.${noun}s`;
  const name = `${noun}Name`;
  const present = itemsAt<Json>(spec, path).filter((file) => !remove.includes(String(file[name])));
  if (add.length === 0 && remove.length === 0) {
    return;
  }
  const target = (file: Json) => JSON.stringify(getPath(file, 'File.Name'));
  const targets = add.map(target);
  setPath(spec, path, [...present.filter((file) => !targets.includes(target(file))), ...add]);
}

/** Takes away by key, then adds; an item with the key of a present one takes its place. */
function changeList<T>(
  spec: Json,
  path: string,
  keyOf: (item: T) => string,
  add: readonly T[],
  remove: readonly string[],
): void {
  if (add.length === 0 && remove.length === 0) {
    return;
  }
  const byKey = new Map(itemsAt<T>(spec, path).map((item) => [keyOf(item), item]));
  for (const key of remove) {
    byKey.delete(key);
  }
  for (const item of add) {
    byKey.set(keyOf(item), item);
  }
  setPath(spec, path, [...byKey.values()]);
}

function applyCapabilities(spec: Json, flags: Flags): void {
  const added = flags['cap-add'].map(capability);
  const dropped = flags['cap-drop'].map(capability);
  if (added.length === 0 && dropped.length === 0) {
    return;
  }
  const paths = { add: `${CONTAINER}.CapabilityAdd`, drop: `${CONTAINER}.CapabilityDrop` };
  const present = { add: textsAt(spec, paths.add), drop: textsAt(spec, paths.drop) };
  // RESET empties a list. Else: to drop what was added only takes it off that list, and the other way round.
  const change = (
    list: readonly string[],
    gain: readonly string[],
    other: readonly string[],
    lose: readonly string[],
  ) => {
    const kept = gain.includes('CAP_RESET') ? [] : list.filter((name) => !lose.includes(name));
    const gained = gain.filter((name) => name !== 'CAP_RESET' && !other.includes(name));
    return [...new Set([...kept, ...gained])].sort();
  };
  setPath(spec, paths.add, change(present.add, added, present.drop, dropped));
  setPath(spec, paths.drop, change(present.drop, dropped, present.add, added));
}

function itemsAt<T>(spec: Json, path: string): readonly T[] {
  const value = getPath(spec, path);
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

function textsAt(spec: Json, path: string): readonly string[] {
  return itemsAt<unknown>(spec, path).filter((item) => typeof item === 'string');
}
