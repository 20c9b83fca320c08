// Writes the steps of a plan into a transaction, as many as one transaction should carry.
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Service, UpdateStatus } from '../../shared/model/service.ts';
import { isTerminal, type Task, type TaskState, taskStateRank } from '../../shared/model/task.ts';
import { MAX_TRANSACTION_WEIGHT, taskWeight } from '../../shared/model/task_weight.ts';
import { newId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { MAX_CHANGES_PER_TRANSACTION, type WriteTransaction } from '../store/api.ts';
import { isUnassigned } from './instance.ts';
import { newTask } from './new_task.ts';
import type { Change, Step } from './plan.ts';

/** Room in a transaction; shared by all that is written with it. */
export class Budget {
  private changes = MAX_CHANGES_PER_TRANSACTION;
  private bytes = MAX_TRANSACTION_WEIGHT;

  /** Takes room for `changes` writes of `bytes` each; false when there is none left. The first taker always gets it. */
  take(changes: number, bytes: number): boolean {
    const first = this.changes === MAX_CHANGES_PER_TRANSACTION;
    if (!first && (changes > this.changes || changes * bytes > this.bytes)) {
      return false;
    }
    this.changes -= changes;
    this.bytes -= changes * bytes;
    return true;
  }
}

/** Applies steps in order until the transaction is full; returns how many were applied. */
export function applySteps(
  tx: WriteTransaction,
  service: Service | undefined,
  steps: readonly Step[],
  random: Random,
): number {
  const budget = new Budget();
  const cluster = [...tx.all('cluster')][0];
  let applied = 0;
  for (const step of steps) {
    if (!budget.take(step.changes.length, stepWeight(tx, service, step))) {
      break;
    }
    for (const change of step.changes) {
      applyChange(tx, service, cluster, change, random);
    }
    applied += 1;
  }
  return applied;
}

/** Weight of the heaviest object that the step writes. */
function stepWeight(tx: WriteTransaction, service: Service | undefined, step: Step): number {
  let weight = service === undefined ? 0 : taskWeight(service.spec.task);
  for (const change of step.changes) {
    const task =
      change.kind === 'desire' || change.kind === 'orphan' ? tx.get('task', change.taskId) : undefined;
    weight = Math.max(weight, task === undefined ? 0 : taskWeight(task.spec));
  }
  return weight;
}

function applyChange(
  tx: WriteTransaction,
  service: Service | undefined,
  cluster: Cluster | undefined,
  change: Change,
  random: Random,
): void {
  switch (change.kind) {
    case 'create':
      if (service !== undefined) {
        tx.create('task', newTask(service, cluster, { ...change, id: newId(random), now: tx.now }));
      }
      return;
    case 'desire':
      raiseDesiredState(tx, change.taskId, change.state);
      return;
    case 'orphan':
      orphan(tx, change.taskId);
      return;
    case 'update-status':
      writeStatus(tx, service, change.status);
      return;
    case 'roll-back':
      rollBack(tx, service, change.message);
      return;
  }
}

/** Desired states only go forward. What no agent has been given yet ends on the spot: nobody else would end it. */
export function raiseDesiredState(tx: WriteTransaction, taskId: Id, state: TaskState): void {
  const task = tx.get('task', taskId);
  if (task === undefined || taskStateRank(task.desiredState) >= taskStateRank(state)) {
    return;
  }
  const ends = taskStateRank(state) > taskStateRank('running');
  const next: Task = { ...task, desiredState: state };
  tx.update('task', ends && isUnassigned(task) ? withState(next, 'shutdown', 'not started', tx.now) : next);
}

function orphan(tx: WriteTransaction, taskId: Id): void {
  const task = tx.get('task', taskId);
  if (task !== undefined && !isTerminal(task.status.state)) {
    tx.update('task', withState(task, 'orphaned', 'node was removed from the cluster', tx.now));
  }
}

function withState(task: Task, state: TaskState, message: string, now: number): Task {
  return { ...task, status: { ...task.status, state, message, error: '', timestamp: now } };
}

function writeStatus(tx: WriteTransaction, service: Service | undefined, status: UpdateStatus): void {
  const stored = service === undefined ? undefined : tx.get('service', service.id);
  if (stored !== undefined) {
    tx.update('service', { ...stored, updateStatus: status });
  }
}

/** The previous spec comes back with its version, so its surviving tasks are up to date again. */
function rollBack(tx: WriteTransaction, service: Service | undefined, message: string): void {
  const stored = service === undefined ? undefined : tx.get('service', service.id);
  if (stored?.previousSpec === undefined) {
    return;
  }
  const { previousSpec, previousSpecVersion, ...rest } = stored;
  const startedAt = stored.updateStatus?.startedAt ?? tx.now;
  tx.update('service', {
    ...rest,
    spec: previousSpec,
    // Without a known version every task is compared with the spec itself.
    specVersion: previousSpecVersion ?? 0,
    updateStatus: { state: 'rollback_started', startedAt, message },
  });
}
