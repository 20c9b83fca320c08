// Tasks that look the same to the scheduler: same service, same spec version, same host ports. They are
// placed together, so that nodes are filtered once for all of them.
import type { PortConfig } from '../../shared/model/endpoint.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { TaskSpec } from '../../shared/model/service.ts';
import type { Task } from '../../shared/model/task.ts';

export interface Demand {
  readonly serviceId: Id;
  readonly specVersion: number;
  readonly spec: TaskSpec;
  /** Host-mode ports as `8080/tcp`; ports left to the node's choice are none. */
  readonly hostPorts: readonly string[];
}

export function demandOf(task: Task): Demand {
  return {
    serviceId: task.serviceId,
    specVersion: task.specVersion,
    spec: task.spec,
    hostPorts: hostPortsOf(task),
  };
}

export function hostPortsOf(task: Task): readonly string[] {
  const ports: readonly PortConfig[] = task.endpoint?.ports ?? [];
  return ports.filter((port) => port.mode === 'host' && port.published > 0).map(portKey);
}

function portKey(port: PortConfig): string {
  return `${port.published}/${port.protocol}`;
}

/** Tasks of equal key have equal demands. */
export function groupKey(task: Task): string {
  return `${task.serviceId}@${task.specVersion}:${hostPortsOf(task).join(',')}`;
}
