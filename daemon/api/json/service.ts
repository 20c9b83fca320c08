// Services and their specs between the Engine API's JSON and the model.
import { SkeinError } from '../../../shared/errors.ts';
import type { EndpointSpec, NetworkAttachmentConfig, PortConfig } from '../../../shared/model/endpoint.ts';
import type { ResourceRequirements, ResourceSet } from '../../../shared/model/resources.ts';
import type {
  Placement,
  RestartPolicy,
  Service,
  ServiceMode,
  ServiceSpec,
  TaskSpec,
  UpdateConfig,
} from '../../../shared/model/service.ts';
import type { ListedService } from '../../../shared/protocol/control.ts';
import { notImplemented } from '../errors.ts';
import { readContainerSpec, writeContainerSpec } from './container.ts';
import {
  compact,
  type Fields,
  listOrNothing,
  mapOrNothing,
  nanoseconds,
  numberOrNothing,
  textOrNothing,
  timestamp,
} from './fields.ts';

const DEFAULT_MONITOR_MS = 5_000;
const DEFAULT_RESTART_DELAY_MS = 5_000;

export function readServiceSpec(json: Fields): ServiceSpec {
  const update = json.object('UpdateConfig');
  const rollback = json.object('RollbackConfig');
  const endpoint = json.object('EndpointSpec');
  const template = json.section('TaskTemplate');
  const task = readTaskSpec(template);
  // Before API 1.25 the networks stood beside the template; clients still may send them there.
  const networks = task.networks.length > 0 ? task.networks : readNetworks(json);
  return {
    name: json.string('Name'),
    labels: json.stringMap('Labels'),
    task: { ...task, networks },
    mode: readMode(json.section('Mode')),
    ...(update !== undefined && { update: readUpdateConfig(update) }),
    ...(rollback !== undefined && { rollback: readUpdateConfig(rollback) }),
    ...(endpoint !== undefined && { endpoint: readEndpointSpec(endpoint) }),
  };
}

function readMode(json: Fields): ServiceMode {
  if (json.object('ReplicatedJob') !== undefined || json.object('GlobalJob') !== undefined) {
    throw notImplemented('service modes replicated-job and global-job');
  }
  const replicated = json.object('Replicated');
  if (json.object('Global') !== undefined) {
    if (replicated !== undefined) {
      throw new SkeinError('invalid', 'bad-mode', 'must specify only one service mode');
    }
    return { kind: 'global' };
  }
  return { kind: 'replicated', replicas: replicated?.optionalUnsigned('Replicas') ?? 1 };
}

export function readTaskSpec(json: Fields): TaskSpec {
  const resources = json.object('Resources');
  const restart = json.object('RestartPolicy');
  const placement = json.object('Placement');
  const logDriver = json.object('LogDriver');
  const runtime = json.string('Runtime');
  if (json.object('NetworkAttachmentSpec') !== undefined) {
    throw notImplemented('tasks that only attach to a network (NetworkAttachmentSpec)');
  }
  if (json.object('PluginSpec') !== undefined || (runtime !== '' && runtime !== 'container')) {
    throw notImplemented(`task runtime ${runtime || 'plugin'}`);
  }
  return {
    container: readContainerSpec(json.section('ContainerSpec')),
    networks: readNetworks(json),
    forceUpdate: json.unsigned('ForceUpdate'),
    ...(resources !== undefined && { resources: readResources(resources) }),
    ...(restart !== undefined && { restart: readRestartPolicy(restart) }),
    ...(placement !== undefined && { placement: readPlacement(placement) }),
    ...(logDriver !== undefined && {
      logDriver: { name: logDriver.string('Name'), options: logDriver.stringMap('Options') },
    }),
  };
}

function readNetworks(json: Fields): NetworkAttachmentConfig[] {
  return json.objects('Networks').map((item) => ({
    target: item.string('Target'),
    aliases: item.strings('Aliases'),
    driverOptions: item.stringMap('DriverOpts'),
  }));
}

function readResources(json: Fields): ResourceRequirements {
  const limits = json.section('Limits');
  const reservations = json.section('Reservations');
  return {
    limits: {
      nanoCpus: limits.number('NanoCPUs'),
      memoryBytes: limits.number('MemoryBytes'),
      pids: limits.number('Pids'),
    },
    reservations: {
      nanoCpus: reservations.number('NanoCPUs'),
      memoryBytes: reservations.number('MemoryBytes'),
      generic: reservations.objects('GenericResources').flatMap((item) => {
        const named = item.object('NamedResourceSpec');
        const discrete = item.object('DiscreteResourceSpec');
        return [
          ...(named === undefined ? [] : [{ kind: named.string('Kind'), value: named.string('Value') }]),
          ...(discrete === undefined
            ? []
            : [{ kind: discrete.string('Kind'), value: discrete.number('Value') }]),
        ];
      }),
    },
  };
}

function readRestartPolicy(json: Fields): RestartPolicy {
  return {
    condition: json.word('Condition', ['none', 'on-failure', 'any'] as const, 'any'),
    delayMs: json.optionalDurationMs('Delay') ?? DEFAULT_RESTART_DELAY_MS,
    maxAttempts: json.unsigned('MaxAttempts'),
    windowMs: json.durationMs('Window'),
  };
}

function readPlacement(json: Fields): Placement {
  return {
    constraints: json.strings('Constraints'),
    preferences: json.objects('Preferences').flatMap((item) => {
      const spread = item.object('Spread');
      return spread === undefined ? [] : [{ spreadDescriptor: spread.string('SpreadDescriptor') }];
    }),
    maxReplicas: json.unsigned('MaxReplicas'),
    platforms: json
      .objects('Platforms')
      .map((item) => ({ architecture: item.string('Architecture'), os: item.string('OS') })),
  };
}

function readUpdateConfig(json: Fields): UpdateConfig {
  return {
    parallelism: json.unsigned('Parallelism'),
    delayMs: json.durationMs('Delay'),
    failureAction: json.word('FailureAction', ['pause', 'continue', 'rollback'] as const, 'pause'),
    monitorMs: json.optionalDurationMs('Monitor') ?? DEFAULT_MONITOR_MS,
    maxFailureRatio: json.float('MaxFailureRatio'),
    order: json.word('Order', ['stop-first', 'start-first'] as const, 'stop-first'),
  };
}

function readEndpointSpec(json: Fields): EndpointSpec {
  return {
    mode: json.word('Mode', ['vip', 'dnsrr'] as const, 'vip'),
    ports: json.objects('Ports').map(readPort),
  };
}

function readPort(json: Fields): PortConfig {
  return {
    name: json.string('Name'),
    protocol: json.word('Protocol', ['tcp', 'udp', 'sctp'] as const, 'tcp'),
    target: json.unsigned('TargetPort'),
    published: json.unsigned('PublishedPort'),
    mode: json.word('PublishMode', ['ingress', 'host'] as const, 'ingress'),
  };
}

export function writeServiceSpec(spec: ServiceSpec): Record<string, unknown> {
  return compact({
    Name: spec.name,
    Labels: spec.labels,
    TaskTemplate: writeTaskSpec(spec.task),
    Mode: spec.mode.kind === 'global' ? { Global: {} } : { Replicated: { Replicas: spec.mode.replicas } },
    UpdateConfig: spec.update && writeUpdateConfig(spec.update),
    RollbackConfig: spec.rollback && writeUpdateConfig(spec.rollback),
    EndpointSpec: spec.endpoint && writeEndpointSpec(spec.endpoint),
  });
}

export function writeTaskSpec(spec: TaskSpec): Record<string, unknown> {
  return compact({
    ContainerSpec: writeContainerSpec(spec.container),
    Resources: spec.resources && writeResources(spec.resources),
    RestartPolicy: spec.restart && {
      Condition: spec.restart.condition,
      Delay: nanoseconds(spec.restart.delayMs),
      MaxAttempts: spec.restart.maxAttempts,
      ...(spec.restart.windowMs > 0 && { Window: nanoseconds(spec.restart.windowMs) }),
    },
    Placement: spec.placement && writePlacement(spec.placement),
    Networks: listOrNothing(
      spec.networks.map((item) =>
        compact({
          Target: item.target,
          Aliases: listOrNothing(item.aliases),
          DriverOpts: mapOrNothing(item.driverOptions),
        }),
      ),
    ),
    LogDriver:
      spec.logDriver && compact({ Name: spec.logDriver.name, Options: mapOrNothing(spec.logDriver.options) }),
    ForceUpdate: spec.forceUpdate,
    Runtime: 'container',
  });
}

function writeResources(resources: ResourceRequirements): Record<string, unknown> {
  return compact({
    Limits: section({
      NanoCPUs: numberOrNothing(resources.limits.nanoCpus),
      MemoryBytes: numberOrNothing(resources.limits.memoryBytes),
      Pids: numberOrNothing(resources.limits.pids),
    }),
    Reservations: section(writeResourceSet(resources.reservations)),
  });
}

function section(value: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const kept = compact(value);
  return Object.keys(kept).length === 0 ? undefined : kept;
}

export function writeResourceSet(set: ResourceSet): Record<string, unknown> {
  return {
    NanoCPUs: numberOrNothing(set.nanoCpus),
    MemoryBytes: numberOrNothing(set.memoryBytes),
    GenericResources: listOrNothing(
      set.generic.map((item) =>
        typeof item.value === 'number'
          ? { DiscreteResourceSpec: { Kind: item.kind, Value: item.value } }
          : { NamedResourceSpec: { Kind: item.kind, Value: item.value } },
      ),
    ),
  };
}

function writePlacement(placement: Placement): Record<string, unknown> {
  return compact({
    Constraints: listOrNothing(placement.constraints),
    Preferences: listOrNothing(
      placement.preferences.map((item) => ({ Spread: { SpreadDescriptor: item.spreadDescriptor } })),
    ),
    MaxReplicas: numberOrNothing(placement.maxReplicas),
    Platforms: listOrNothing(
      placement.platforms.map((item) =>
        compact({ Architecture: textOrNothing(item.architecture), OS: textOrNothing(item.os) }),
      ),
    ),
  });
}

function writeUpdateConfig(config: UpdateConfig): Record<string, unknown> {
  return compact({
    Parallelism: config.parallelism,
    Delay: numberOrNothing(nanoseconds(config.delayMs)),
    FailureAction: config.failureAction,
    Monitor: nanoseconds(config.monitorMs),
    MaxFailureRatio: config.maxFailureRatio,
    Order: config.order,
  });
}

function writeEndpointSpec(spec: EndpointSpec): Record<string, unknown> {
  return compact({ Mode: spec.mode, Ports: listOrNothing(spec.ports.map(writePort)) });
}

export function writePort(port: PortConfig): Record<string, unknown> {
  return compact({
    Name: textOrNothing(port.name),
    Protocol: port.protocol,
    TargetPort: port.target,
    PublishedPort: numberOrNothing(port.published),
    PublishMode: port.mode,
  });
}

export function writeService(service: Service, status?: ListedService['status']): Record<string, unknown> {
  const { endpoint, updateStatus } = service;
  return compact({
    ID: service.id,
    Version: { Index: service.meta.version },
    CreatedAt: timestamp(service.meta.createdAt),
    UpdatedAt: timestamp(service.meta.updatedAt),
    Spec: writeServiceSpec(service.spec),
    PreviousSpec: service.previousSpec && writeServiceSpec(service.previousSpec),
    Endpoint:
      endpoint === undefined
        ? { Spec: {} }
        : compact({
            Spec: writeEndpointSpec(endpoint.spec),
            Ports: listOrNothing(endpoint.ports.map(writePort)),
            VirtualIPs: listOrNothing(
              endpoint.virtualIps.map((item) => ({ NetworkID: item.networkId, Addr: item.address })),
            ),
          }),
    UpdateStatus:
      updateStatus &&
      compact({
        State: updateStatus.state,
        StartedAt: updateStatus.startedAt === undefined ? undefined : timestamp(updateStatus.startedAt),
        CompletedAt: updateStatus.completedAt === undefined ? undefined : timestamp(updateStatus.completedAt),
        Message: updateStatus.message,
      }),
    ServiceStatus: status && {
      RunningTasks: status.runningTasks,
      DesiredTasks: status.desiredTasks,
      CompletedTasks: status.completedTasks,
    },
  });
}
