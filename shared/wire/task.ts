// Codec of tasks and of the status that workers report.
import type { ContainerStatus, Task, TaskState, TaskStatus } from '../model/task.ts';
import { decodeClaim, encodeClaim } from './attachment.ts';
import { decodeAttachment, decodePort, encodeAttachment, encodePort } from './endpoint.ts';
import type { Mutable } from './fields.ts';
import { decodeTime, encodeTime, enumCodec, integer, nonEmpty, required } from './fields.ts';
import type { ContainerStatus__Output } from './generated/skein/v1/ContainerStatus.ts';
import type { Task__Output } from './generated/skein/v1/Task.ts';
import type { TaskState__Output } from './generated/skein/v1/TaskState.ts';
import type { TaskStatus__Output } from './generated/skein/v1/TaskStatus.ts';
import { decodeLogDriver, decodeMeta, encodeLogDriver, encodeMeta } from './meta.ts';
import type { Encoded } from './schema.ts';
import { decodeEndpoint, encodeEndpoint } from './service.ts';
import { decodeTaskSpec, encodeTaskSpec } from './task_spec.ts';

const taskState = enumCodec<TaskState__Output, TaskState>()({
  TASK_STATE_UNSPECIFIED: undefined,
  TASK_STATE_NEW: 'new',
  TASK_STATE_PENDING: 'pending',
  TASK_STATE_ASSIGNED: 'assigned',
  TASK_STATE_ACCEPTED: 'accepted',
  TASK_STATE_PREPARING: 'preparing',
  TASK_STATE_READY: 'ready',
  TASK_STATE_STARTING: 'starting',
  TASK_STATE_RUNNING: 'running',
  TASK_STATE_COMPLETE: 'complete',
  TASK_STATE_SHUTDOWN: 'shutdown',
  TASK_STATE_FAILED: 'failed',
  TASK_STATE_REJECTED: 'rejected',
  TASK_STATE_REMOVE: 'remove',
  TASK_STATE_ORPHANED: 'orphaned',
});

function encodeContainerStatus(status: ContainerStatus): Encoded<ContainerStatus__Output> {
  return { containerId: status.containerId, pid: status.pid, exitCode: status.exitCode };
}

function decodeContainerStatus(wire: ContainerStatus__Output): ContainerStatus {
  return {
    containerId: wire.containerId,
    pid: integer(wire.pid, 'ContainerStatus.pid'),
    exitCode: integer(wire.exitCode, 'ContainerStatus.exit_code'),
  };
}

export function encodeTaskStatus(status: TaskStatus): Encoded<TaskStatus__Output> {
  return {
    state: taskState.encode(status.state),
    timestampUs: encodeTime(status.timestamp),
    message: status.message,
    error: status.error,
    container: status.container && encodeContainerStatus(status.container),
    ports: status.ports.map(encodePort),
  };
}

export function decodeTaskStatus(wire: TaskStatus__Output): TaskStatus {
  const status: Mutable<TaskStatus> = {
    state: taskState.decode(wire.state, 'TaskStatus.state'),
    timestamp: decodeTime(wire.timestampUs, 'TaskStatus.timestamp'),
    message: wire.message,
    error: wire.error,
    ports: wire.ports.map(decodePort),
  };
  if (wire.container) {
    status.container = decodeContainerStatus(wire.container);
  }
  return status;
}

export function encodeTask(task: Task): Encoded<Task__Output> {
  return {
    id: task.id,
    meta: encodeMeta(task.meta),
    name: task.name,
    labels: task.labels,
    serviceId: task.serviceId,
    serviceName: task.serviceName,
    slot: task.slot,
    nodeId: task.nodeId,
    spec: encodeTaskSpec(task.spec),
    specVersion: task.specVersion,
    desiredState: taskState.encode(task.desiredState),
    status: encodeTaskStatus(task.status),
    networks: task.networks.map(encodeAttachment),
    endpoint: task.endpoint && encodeEndpoint(task.endpoint),
    logDriver: task.logDriver && encodeLogDriver(task.logDriver),
    attachment: task.attachment && encodeClaim(task.attachment),
  };
}

export function decodeTask(wire: Task__Output): Task {
  const task: Mutable<Task> = {
    id: nonEmpty(wire.id, 'Task.id'),
    meta: decodeMeta(wire.meta, 'Task'),
    name: wire.name,
    labels: wire.labels,
    serviceId: wire.serviceId,
    serviceName: wire.serviceName,
    slot: integer(wire.slot, 'Task.slot'),
    nodeId: wire.nodeId,
    spec: decodeTaskSpec(required(wire.spec, 'Task.spec')),
    specVersion: integer(wire.specVersion, 'Task.spec_version'),
    desiredState: taskState.decode(wire.desiredState, 'Task.desired_state'),
    status: decodeTaskStatus(required(wire.status, 'Task.status')),
    networks: wire.networks.map(decodeAttachment),
  };
  if (wire.endpoint) {
    task.endpoint = decodeEndpoint(wire.endpoint);
  }
  if (wire.logDriver) {
    task.logDriver = decodeLogDriver(wire.logDriver);
  }
  if (wire.attachment) {
    task.attachment = decodeClaim(wire.attachment);
  }
  return task;
}
