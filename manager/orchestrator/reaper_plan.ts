// Which task objects are of no more use: tasks being removed that have ended, and history beyond the limit.
import type { Id } from '../../shared/model/meta.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import { type Instance, isUnassigned, isWanted, type NodeLookup } from './instance.ts';
import { restartPolicy } from './restart.ts';

/** A task on its way out that nobody runs any more (or that ran on a node which no longer exists). */
export function isRemovable(task: Task, nodes: NodeLookup): boolean {
  if (task.attachment !== undefined) {
    // Of a container: it holds its addresses until its node gives them back, has none to hold, or is no more.
    return isTerminal(task.status.state) || nodes(task.nodeId) === undefined;
  }
  return (
    task.desiredState === 'remove' &&
    (isTerminal(task.status.state) || isUnassigned(task) || nodes(task.nodeId) === undefined)
  );
}

/**
 * Ended tasks of an instance beyond `limit` tasks in all (negative: unlimited), oldest first. The newest task
 * always stays, for it tells whether the instance ended for good; so does what the restart policy counts.
 */
export function surplusHistory(instance: Instance, limit: number): readonly Id[] {
  const newest = instance.tasks[0];
  if (newest === undefined || limit < 0) {
    return [];
  }
  const { maxAttempts } = restartPolicy(newest);
  const keep = Math.max(limit, maxAttempts > 0 ? maxAttempts + 1 : 0, 1);
  const surplus = instance.tasks.length - keep;
  if (surplus <= 0) {
    return [];
  }
  return instance.tasks
    .slice(1)
    .filter((task) => !isWanted(task) && isTerminal(task.status.state))
    .reverse()
    .slice(0, surplus)
    .map((task) => task.id);
}
