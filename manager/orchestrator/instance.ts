// An instance is one place of a service where one task should run: a slot of a replicated service or a
// node of a global one. This file groups tasks into instances and answers simple questions about them.
import type { Id } from '../../shared/model/meta.ts';
import type { Node } from '../../shared/model/node.ts';
import { isTerminal, type Task, taskStateRank } from '../../shared/model/task.ts';

export interface Instance {
  /** Slot number or node id as text: unique within the service. */
  readonly key: string;
  /** 0 for global services. */
  readonly slot: number;
  /** Node of a global service's instance; empty for replicated ones. */
  readonly nodeId: Id;
  /** All kept tasks of the instance, newest first. */
  readonly tasks: readonly Task[];
}

/** Looks a node up; undefined when it was removed from the cluster. */
export type NodeLookup = (id: Id) => Node | undefined;

const RUNNING = taskStateRank('running');
const ASSIGNED = taskStateRank('assigned');

/** True while somebody wants the task to run (now or soon). */
export function isWanted(task: Task): boolean {
  return taskStateRank(task.desiredState) <= RUNNING;
}

/** True when the task was given to no agent yet, so that nothing of it can exist on any node. */
export function isUnassigned(task: Task): boolean {
  return taskStateRank(task.status.state) < ASSIGNED;
}

/** True when the task ended by itself: it failed, was rejected, or its process came to an end. */
export function endedByItself(task: Task): boolean {
  const { state } = task.status;
  return state === 'failed' || state === 'rejected' || state === 'complete';
}

/** True when nothing of the task runs, as far as anyone can know. */
export function isStopped(task: Task, nodes: NodeLookup): boolean {
  return isTerminal(task.status.state) || isUnassigned(task) || isNodeGone(nodes(task.nodeId));
}

/** Down or removed: nothing there runs that the cluster can count on. */
export function isNodeGone(node: Node | undefined): boolean {
  return node === undefined || node.status.state === 'down';
}

/** True when tasks must leave the node: it is gone or its operator drains it. */
export function mustLeave(node: Node | undefined): boolean {
  return isNodeGone(node) || node?.spec.availability === 'drain';
}

/** Newest first; among tasks of one moment those still wanted come first, then the greater id. */
export function compareNewestFirst(a: Task, b: Task): number {
  return (
    b.meta.createdAt - a.meta.createdAt ||
    Number(isWanted(b)) - Number(isWanted(a)) ||
    (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
  );
}

/** Groups by slot (`global` false) or by node; tasks that are being removed belong to no instance. */
export function groupInstances(tasks: Iterable<Task>, global: boolean): Map<string, Instance> {
  const grouped = new Map<string, Task[]>();
  for (const task of tasks) {
    if (task.desiredState === 'remove') {
      continue;
    }
    const key = global ? task.nodeId : String(task.slot);
    const list = grouped.get(key);
    if (list === undefined) {
      grouped.set(key, [task]);
    } else {
      list.push(task);
    }
  }
  const instances = new Map<string, Instance>();
  for (const [key, list] of grouped) {
    list.sort(compareNewestFirst);
    instances.set(
      key,
      global
        ? { key, slot: 0, nodeId: key, tasks: list }
        : { key, slot: Number(key), nodeId: '', tasks: list },
    );
  }
  return instances;
}
