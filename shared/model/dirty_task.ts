// Whether a task still is what its service's spec asks for; only tasks that are not ("dirty") are
// replaced by an update. Changes of labels, of scale or of update policy make no task dirty.
import type { EndpointSpec } from './endpoint.ts';
import type { Service, TaskSpec } from './service.ts';
import type { Task } from './task.ts';
import type { Id } from './meta.ts';
import type { Node } from './node.ts';
import { placementAllows } from './placement_allows.ts';
import { same } from './same.ts';

const DEFAULT_ENDPOINT: EndpointSpec = { mode: 'vip', ports: [] };

/** True when the task must be replaced to meet the spec of its service. */
export function isDirty(service: Service, task: Task, nodes: (nodeId: Id) => Node | undefined): boolean {
  if (task.specVersion === service.specVersion) {
    return false;
  }
  if (task.endpoint !== undefined && !same(task.endpoint.spec, service.spec.endpoint ?? DEFAULT_ENDPOINT)) {
    return true;
  }
  const wanted = service.spec.task;
  if (same(wanted, task.spec)) {
    return false;
  }
  return !onlyConstraintsDiffer(wanted, task.spec) || !meetsConstraints(service, task, nodes);
}

/** As in Swarm: a task that already stands where new constraints allow it need not move. */
function onlyConstraintsDiffer(wanted: TaskSpec, actual: TaskSpec): boolean {
  return same(withoutConstraints(wanted), withoutConstraints(actual));
}

function withoutConstraints(spec: TaskSpec): TaskSpec {
  const placement = spec.placement ?? { constraints: [], preferences: [], maxReplicas: 0, platforms: [] };
  return { ...spec, placement: { ...placement, constraints: [] } };
}

function meetsConstraints(service: Service, task: Task, nodes: (nodeId: Id) => Node | undefined): boolean {
  const node = nodes(task.nodeId);
  return node !== undefined && placementAllows(service.spec.task.placement, node);
}
