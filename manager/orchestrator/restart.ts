// The restart policy as pure decisions: whether an ended task is replaced, and from when the replacement
// may run. Everything is derived from the stored tasks, so a new leader decides as the old one would have.
import type { RestartPolicy } from '../../shared/model/service.ts';
import type { Task } from '../../shared/model/task.ts';
import { endedByItself, type Instance, isStopped, isWanted, mustLeave, type NodeLookup } from './instance.ts';

/** Docker's defaults: always restart, 5 s after the end, without limit. */
export const DEFAULT_RESTART: RestartPolicy = {
  condition: 'any',
  delayMs: 5_000,
  maxAttempts: 0,
  windowMs: 0,
};

/** Longest wait of a replacement for the old task to stop, ms (Swarm's bound): a hung stop must not keep a slot empty. */
export const OLD_TASK_STOP_LIMIT_MS = 60_000;

export function restartPolicy(task: Task): RestartPolicy {
  return task.spec.restart ?? DEFAULT_RESTART;
}

/**
 * True when the policy asks for another task after `task`, the newest of its instance. Attempts are the
 * tasks of the same spec version that ended by themselves before it (within the window before its end);
 * tasks moved away from a node are not attempts.
 */
export function shouldRestart(task: Task, instance: Instance): boolean {
  const policy = restartPolicy(task);
  const completed = task.status.state === 'complete';
  if (policy.condition === 'none' || (policy.condition === 'on-failure' && completed)) {
    return false;
  }
  if (policy.maxAttempts === 0 || !endedByItself(task)) {
    return true;
  }
  const since = policy.windowMs > 0 ? task.status.timestamp - policy.windowMs : Number.NEGATIVE_INFINITY;
  const attempts = instance.tasks.filter(
    (other) =>
      other.id !== task.id &&
      other.specVersion === task.specVersion &&
      endedByItself(other) &&
      other.status.timestamp > since,
  );
  return attempts.length < policy.maxAttempts;
}

/**
 * Delay before a replacement of `predecessor` may run, ms. A task that ended by itself is followed after the
 * policy's delay; one that was told to stop (update, drain, node lost) is followed without.
 */
export function restartDelayMs(predecessor: Task, successorSpecVersion: number, nodes: NodeLookup): number {
  if (!endedByItself(predecessor) || predecessor.specVersion !== successorSpecVersion) {
    return 0;
  }
  return mustLeave(nodes(predecessor.nodeId)) ? 0 : restartPolicy(predecessor).delayMs;
}

export type Promotion =
  | { readonly kind: 'now' }
  /** Not before this time (epoch ms), or when something changes. */
  | { readonly kind: 'wait'; readonly untilMs: number };

/** When a task created with desired state `ready` may run. */
export function promotion(task: Task, instance: Instance, nodes: NodeLookup, now: number): Promotion {
  const older = instance.tasks.filter(
    (other) => other.id !== task.id && !isWanted(other) && other.meta.createdAt <= task.meta.createdAt,
  );
  const predecessor = older[0];
  const delayMs = predecessor === undefined ? 0 : restartDelayMs(predecessor, task.specVersion, nodes);
  const dueMs = task.meta.createdAt + delayMs;
  if (now < dueMs) {
    return { kind: 'wait', untilMs: dueMs };
  }
  const limitMs = Math.max(dueMs, task.meta.createdAt + OLD_TASK_STOP_LIMIT_MS);
  const stopping = older.some((other) => !isStopped(other, nodes));
  return stopping && now < limitMs ? { kind: 'wait', untilMs: limitMs } : { kind: 'now' };
}
