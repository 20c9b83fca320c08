// Codec of what a task is made from: container, resources, restart, placement, networks.
import type { Placement, RestartCondition, RestartPolicy, TaskSpec } from '../model/service.ts';
import { decodeContainerSpec, encodeContainerSpec } from './container.ts';
import { decodeAttachmentConfig, encodeAttachmentConfig } from './endpoint.ts';
import type { Mutable } from './fields.ts';
import { decodeDuration, encodeDuration, enumCodec, integer, required } from './fields.ts';
import type { Placement__Output } from './generated/skein/v1/Placement.ts';
import type { RestartCondition__Output } from './generated/skein/v1/RestartCondition.ts';
import type { RestartPolicy__Output } from './generated/skein/v1/RestartPolicy.ts';
import type { TaskSpec__Output } from './generated/skein/v1/TaskSpec.ts';
import { decodeLogDriver, encodeLogDriver } from './meta.ts';
import { decodePlatform, encodePlatform } from './node.ts';
import { decodeResourceRequirements, encodeResourceRequirements } from './resources.ts';
import type { Encoded } from './schema.ts';

const restartCondition = enumCodec<RestartCondition__Output, RestartCondition>()({
  RESTART_CONDITION_UNSPECIFIED: undefined,
  RESTART_CONDITION_NONE: 'none',
  RESTART_CONDITION_ON_FAILURE: 'on-failure',
  RESTART_CONDITION_ANY: 'any',
});

function encodeRestart(policy: RestartPolicy): Encoded<RestartPolicy__Output> {
  return {
    condition: restartCondition.encode(policy.condition),
    delayNs: encodeDuration(policy.delayMs),
    maxAttempts: policy.maxAttempts,
    windowNs: encodeDuration(policy.windowMs),
  };
}

function decodeRestart(wire: RestartPolicy__Output): RestartPolicy {
  return {
    condition: restartCondition.decode(wire.condition, 'RestartPolicy.condition'),
    delayMs: decodeDuration(wire.delayNs),
    maxAttempts: integer(wire.maxAttempts, 'RestartPolicy.max_attempts'),
    windowMs: decodeDuration(wire.windowNs),
  };
}

function encodePlacement(placement: Placement): Encoded<Placement__Output> {
  return {
    constraints: placement.constraints,
    preferences: placement.preferences.map(({ spreadDescriptor }) => ({ spreadDescriptor })),
    maxReplicas: placement.maxReplicas,
    platforms: placement.platforms.map(encodePlatform),
  };
}

function decodePlacement(wire: Placement__Output): Placement {
  return {
    constraints: wire.constraints,
    preferences: wire.preferences.map(({ spreadDescriptor }) => ({ spreadDescriptor })),
    maxReplicas: integer(wire.maxReplicas, 'Placement.max_replicas'),
    platforms: wire.platforms.map(decodePlatform),
  };
}

export function encodeTaskSpec(spec: TaskSpec): Encoded<TaskSpec__Output> {
  return {
    container: encodeContainerSpec(spec.container),
    resources: spec.resources && encodeResourceRequirements(spec.resources),
    restart: spec.restart && encodeRestart(spec.restart),
    placement: spec.placement && encodePlacement(spec.placement),
    networks: spec.networks.map(encodeAttachmentConfig),
    logDriver: spec.logDriver && encodeLogDriver(spec.logDriver),
    forceUpdate: spec.forceUpdate,
  };
}

export function decodeTaskSpec(wire: TaskSpec__Output): TaskSpec {
  const spec: Mutable<TaskSpec> = {
    container: decodeContainerSpec(required(wire.container, 'TaskSpec.container')),
    networks: wire.networks.map(decodeAttachmentConfig),
    forceUpdate: integer(wire.forceUpdate, 'TaskSpec.force_update'),
  };
  if (wire.resources) {
    spec.resources = decodeResourceRequirements(wire.resources);
  }
  if (wire.restart) {
    spec.restart = decodeRestart(wire.restart);
  }
  if (wire.placement) {
    spec.placement = decodePlacement(wire.placement);
  }
  if (wire.logDriver) {
    spec.logDriver = decodeLogDriver(wire.logDriver);
  }
  return spec;
}
