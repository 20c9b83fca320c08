// One run of one slot of a service. A task is never restarted, it is replaced.
import type { AttachmentClaim } from './attachment.ts';
import type { LogDriver } from './cluster.ts';
import type { Endpoint, TaskSpec } from './service.ts';
import type { NetworkAttachment, PortConfig } from './endpoint.ts';
import type { Id, Labels, Meta } from './meta.ts';

/** In the order a task may move through, only ever forward. */
export const TASK_STATES = [
  'new',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
] as const;

export type TaskState = (typeof TASK_STATES)[number];

const RANKS: ReadonlyMap<TaskState, number> = new Map(TASK_STATES.map((state, rank) => [state, rank]));

/** Position of a state in the life of a task; a greater one is later. */
export function taskStateRank(state: TaskState): number {
  return RANKS.get(state) ?? -1;
}

/** True once the task has ended and can never run again (complete and later). */
export function isTerminal(state: TaskState): boolean {
  return taskStateRank(state) > taskStateRank('running');
}

export interface ContainerStatus {
  readonly containerId: string;
  readonly pid: number;
  readonly exitCode: number;
}

export interface TaskStatus {
  readonly state: TaskState;
  /** When the reporter saw the state. */
  readonly timestamp: number;
  readonly message: string;
  /** Why it failed or waits; empty when all is well. */
  readonly error: string;
  readonly container?: ContainerStatus;
  /** Host-mode ports as bound on the node. */
  readonly ports: readonly PortConfig[];
}

export interface Task {
  readonly id: Id;
  readonly meta: Meta;
  /** `<service>.<slot>.<id>`, or `<service>.<node>.<id>` for global services. */
  readonly name: string;
  /** The service's labels at the time of creation. */
  readonly labels: Labels;
  readonly serviceId: Id;
  readonly serviceName: string;
  /** 1 and up for replicated services, 0 for global ones. */
  readonly slot: number;
  /** Empty until the scheduler assigned it. */
  readonly nodeId: Id;
  readonly spec: TaskSpec;
  /** The service's `specVersion` that this task was made from. */
  readonly specVersion: number;
  readonly desiredState: TaskState;
  readonly status: TaskStatus;
  readonly networks: readonly NetworkAttachment[];
  /** Copy of the service's endpoint when the task was allocated (host ports are taken from here). */
  readonly endpoint?: Endpoint;
  readonly logDriver?: LogDriver;
  /**
   * Present: the task runs nothing. It holds the addresses of a container that its node runs by itself, on the one
   * network of its spec; it has no service, is bound to the node from the beginning, and the spec's container is empty.
   */
  readonly attachment?: AttachmentClaim;
}
