// Codec of services: the user's spec, and the endpoint and update status that skein keeps of it.
import type {
  Endpoint,
  Service,
  ServiceMode,
  ServiceSpec,
  UpdateConfig,
  UpdateOrder,
  UpdateState,
  UpdateStatus,
} from '../model/service.ts';
import { decodeEndpointSpec, decodePort, encodeEndpointSpec, encodePort } from './endpoint.ts';
import type { Mutable } from './fields.ts';
import {
  decodeDuration,
  decodeTime,
  encodeDuration,
  encodeTime,
  enumCodec,
  integer,
  malformed,
  nonEmpty,
  required,
} from './fields.ts';
import type { Endpoint__Output } from './generated/skein/v1/Endpoint.ts';
import type { Service__Output } from './generated/skein/v1/Service.ts';
import type { ServiceMode__Output } from './generated/skein/v1/ServiceMode.ts';
import type { ServiceSpec__Output } from './generated/skein/v1/ServiceSpec.ts';
import type { UpdateConfig__Output } from './generated/skein/v1/UpdateConfig.ts';
import type { UpdateFailureAction__Output } from './generated/skein/v1/UpdateFailureAction.ts';
import type { UpdateOrder__Output } from './generated/skein/v1/UpdateOrder.ts';
import type { UpdateState__Output } from './generated/skein/v1/UpdateState.ts';
import type { UpdateStatus__Output } from './generated/skein/v1/UpdateStatus.ts';
import { decodeAnnotations, decodeMeta, encodeAnnotations, encodeMeta } from './meta.ts';
import type { Encoded } from './schema.ts';
import { decodeTaskSpec, encodeTaskSpec } from './task_spec.ts';

const failureAction = enumCodec<UpdateFailureAction__Output, UpdateConfig['failureAction']>()({
  UPDATE_FAILURE_ACTION_UNSPECIFIED: undefined,
  UPDATE_FAILURE_ACTION_PAUSE: 'pause',
  UPDATE_FAILURE_ACTION_CONTINUE: 'continue',
  UPDATE_FAILURE_ACTION_ROLLBACK: 'rollback',
});

const updateOrder = enumCodec<UpdateOrder__Output, UpdateOrder>()({
  UPDATE_ORDER_UNSPECIFIED: undefined,
  UPDATE_ORDER_STOP_FIRST: 'stop-first',
  UPDATE_ORDER_START_FIRST: 'start-first',
});

const updateState = enumCodec<UpdateState__Output, UpdateState>()({
  UPDATE_STATE_UNSPECIFIED: undefined,
  UPDATE_STATE_UPDATING: 'updating',
  UPDATE_STATE_PAUSED: 'paused',
  UPDATE_STATE_COMPLETED: 'completed',
  UPDATE_STATE_ROLLBACK_STARTED: 'rollback_started',
  UPDATE_STATE_ROLLBACK_PAUSED: 'rollback_paused',
  UPDATE_STATE_ROLLBACK_COMPLETED: 'rollback_completed',
});

function encodeMode(mode: ServiceMode): Encoded<ServiceMode__Output> {
  return mode.kind === 'replicated'
    ? { replicated: { replicas: mode.replicas }, global: undefined }
    : { replicated: undefined, global: {} };
}

function decodeMode(wire: ServiceMode__Output): ServiceMode {
  if (wire.replicated) {
    return { kind: 'replicated', replicas: integer(wire.replicated.replicas, 'ReplicatedMode.replicas') };
  }
  if (wire.global) {
    return { kind: 'global' };
  }
  throw malformed('ServiceMode.variant', 'is missing');
}

function encodeUpdateConfig(config: UpdateConfig): Encoded<UpdateConfig__Output> {
  return {
    parallelism: config.parallelism,
    delayNs: encodeDuration(config.delayMs),
    failureAction: failureAction.encode(config.failureAction),
    monitorNs: encodeDuration(config.monitorMs),
    maxFailureRatio: config.maxFailureRatio,
    order: updateOrder.encode(config.order),
  };
}

function decodeUpdateConfig(wire: UpdateConfig__Output): UpdateConfig {
  return {
    parallelism: integer(wire.parallelism, 'UpdateConfig.parallelism'),
    delayMs: decodeDuration(wire.delayNs),
    failureAction: failureAction.decode(wire.failureAction, 'UpdateConfig.failure_action'),
    monitorMs: decodeDuration(wire.monitorNs),
    maxFailureRatio: wire.maxFailureRatio,
    order: updateOrder.decode(wire.order, 'UpdateConfig.order'),
  };
}

export function encodeServiceSpec(spec: ServiceSpec): Encoded<ServiceSpec__Output> {
  return {
    annotations: encodeAnnotations(spec),
    task: encodeTaskSpec(spec.task),
    mode: encodeMode(spec.mode),
    update: spec.update && encodeUpdateConfig(spec.update),
    rollback: spec.rollback && encodeUpdateConfig(spec.rollback),
    endpoint: spec.endpoint && encodeEndpointSpec(spec.endpoint),
  };
}

export function decodeServiceSpec(wire: ServiceSpec__Output): ServiceSpec {
  const spec: Mutable<ServiceSpec> = {
    ...decodeAnnotations(wire.annotations, 'ServiceSpec'),
    task: decodeTaskSpec(required(wire.task, 'ServiceSpec.task')),
    mode: decodeMode(required(wire.mode, 'ServiceSpec.mode')),
  };
  if (wire.update) {
    spec.update = decodeUpdateConfig(wire.update);
  }
  if (wire.rollback) {
    spec.rollback = decodeUpdateConfig(wire.rollback);
  }
  if (wire.endpoint) {
    spec.endpoint = decodeEndpointSpec(wire.endpoint);
  }
  return spec;
}

function encodeUpdateStatus(status: UpdateStatus): Encoded<UpdateStatus__Output> {
  return {
    state: updateState.encode(status.state),
    startedAtUs: status.startedAt === undefined ? undefined : encodeTime(status.startedAt),
    completedAtUs: status.completedAt === undefined ? undefined : encodeTime(status.completedAt),
    message: status.message,
  };
}

function decodeUpdateStatus(wire: UpdateStatus__Output): UpdateStatus {
  const status: Mutable<UpdateStatus> = {
    state: updateState.decode(wire.state, 'UpdateStatus.state'),
    message: wire.message,
  };
  if (wire.startedAtUs !== undefined) {
    status.startedAt = decodeTime(wire.startedAtUs, 'UpdateStatus.started_at');
  }
  if (wire.completedAtUs !== undefined) {
    status.completedAt = decodeTime(wire.completedAtUs, 'UpdateStatus.completed_at');
  }
  return status;
}

export function encodeEndpoint(endpoint: Endpoint): Encoded<Endpoint__Output> {
  return {
    spec: encodeEndpointSpec(endpoint.spec),
    ports: endpoint.ports.map(encodePort),
    virtualIps: endpoint.virtualIps.map(({ networkId, address }) => ({ networkId, address })),
  };
}

export function decodeEndpoint(wire: Endpoint__Output): Endpoint {
  return {
    spec: decodeEndpointSpec(required(wire.spec, 'Endpoint.spec')),
    ports: wire.ports.map(decodePort),
    virtualIps: wire.virtualIps.map(({ networkId, address }) => ({
      networkId: nonEmpty(networkId, 'VirtualIp.network_id'),
      address,
    })),
  };
}

export function encodeService(service: Service): Encoded<Service__Output> {
  return {
    id: service.id,
    meta: encodeMeta(service.meta),
    spec: encodeServiceSpec(service.spec),
    specVersion: service.specVersion,
    previousSpec: service.previousSpec && encodeServiceSpec(service.previousSpec),
    previousSpecVersion: service.previousSpecVersion,
    endpoint: service.endpoint && encodeEndpoint(service.endpoint),
    updateStatus: service.updateStatus && encodeUpdateStatus(service.updateStatus),
  };
}

export function decodeService(wire: Service__Output): Service {
  const service: Mutable<Service> = {
    id: nonEmpty(wire.id, 'Service.id'),
    meta: decodeMeta(wire.meta, 'Service'),
    spec: decodeServiceSpec(required(wire.spec, 'Service.spec')),
    specVersion: integer(wire.specVersion, 'Service.spec_version'),
  };
  if (wire.previousSpec) {
    service.previousSpec = decodeServiceSpec(wire.previousSpec);
  }
  if (wire.previousSpecVersion !== undefined) {
    service.previousSpecVersion = integer(wire.previousSpecVersion, 'Service.previous_spec_version');
  }
  if (wire.endpoint) {
    service.endpoint = decodeEndpoint(wire.endpoint);
  }
  if (wire.updateStatus) {
    service.updateStatus = decodeUpdateStatus(wire.updateStatus);
  }
  return service;
}
