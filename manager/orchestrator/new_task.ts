// A task as the orchestrator makes it: a copy of its service's spec, not yet allocated.
import type { Cluster, LogDriver } from '../../shared/model/cluster.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Service } from '../../shared/model/service.ts';
import type { Task, TaskState } from '../../shared/model/task.ts';

export interface NewTask {
  readonly id: Id;
  /** 0 for global services. */
  readonly slot: number;
  /** Set for global services only. */
  readonly nodeId: Id;
  readonly desiredState: TaskState;
  /** Epoch ms. */
  readonly now: number;
}

/** State `new`; the allocator gives it addresses, the scheduler a node. */
export function newTask(service: Service, cluster: Cluster | undefined, made: NewTask): Task {
  const { spec } = service;
  const logDriver: LogDriver | undefined = spec.task.logDriver ?? cluster?.spec.taskDefaults.logDriver;
  const place = spec.mode.kind === 'global' ? made.nodeId : String(made.slot);
  const task: Task = {
    id: made.id,
    meta: { version: 0, createdAt: made.now, updatedAt: made.now },
    name: `${spec.name}.${place}.${made.id}`,
    labels: spec.labels,
    serviceId: service.id,
    serviceName: spec.name,
    slot: made.slot,
    nodeId: made.nodeId,
    spec: spec.task,
    specVersion: service.specVersion,
    desiredState: made.desiredState,
    status: { state: 'new', timestamp: made.now, message: 'created', error: '', ports: [] },
    networks: [],
  };
  return logDriver === undefined ? task : { ...task, logDriver };
}
