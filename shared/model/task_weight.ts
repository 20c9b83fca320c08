// How many bytes of a raft entry writing a task takes, so that loops split batches before the entry limit.
import type { TaskSpec } from './service.ts';

/** Everything of a task but its spec: ids, status, addresses, endpoint copy; generous on purpose, bytes. */
const TASK_OVERHEAD_BYTES = 2048;

/** Most bytes of task writes put into one transaction: well below the entry limit of 1.5 MiB. */
export const MAX_TRANSACTION_WEIGHT = 1024 * 1024;

const weights = new WeakMap<TaskSpec, number>();

/** Upper estimate of the bytes that writing a task with this spec adds to an entry. */
export function taskWeight(spec: TaskSpec): number {
  let weight = weights.get(spec);
  if (weight === undefined) {
    // JSON is wider than the wire form, but counts UTF-16 units: twice its length is never too small.
    weight = TASK_OVERHEAD_BYTES + 2 * JSON.stringify(spec).length;
    weights.set(spec, weight);
  }
  return weight;
}
