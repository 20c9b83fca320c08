// Which tasks a selector means, and the nodes that hold their logs. Pure reads.
import type { Id } from '../../shared/model/meta.ts';
import { type Task, taskStateRank } from '../../shared/model/task.ts';
import type { LogSelector } from '../../shared/protocol/logs.ts';
import type { ReadView } from '../store/api.ts';

const ASSIGNED_RANK = taskStateRank('assigned');

/** True when the task is, or was, on a node and the selector names it, its service or its node. */
export function selects(selector: LogSelector, task: Task): boolean {
  return (
    task.nodeId !== '' &&
    taskStateRank(task.status.state) >= ASSIGNED_RANK &&
    (selector.serviceIds.includes(task.serviceId) ||
      selector.taskIds.includes(task.id) ||
      selector.nodeIds.includes(task.nodeId))
  );
}

/** Nodes with selected tasks, each with one of them. */
export function nodesOf(selector: LogSelector, view: ReadView): ReadonlyMap<Id, Task> {
  const nodes = new Map<Id, Task>();
  const candidates = [
    ...selector.serviceIds.flatMap((id) => view.tasksByService(id)),
    ...selector.taskIds.flatMap((id) => view.get('task', id) ?? []),
    ...selector.nodeIds.flatMap((id) => view.tasksByNode(id)),
  ];
  for (const task of candidates) {
    if (selects(selector, task)) {
      nodes.set(task.nodeId, task);
    }
  }
  return nodes;
}
