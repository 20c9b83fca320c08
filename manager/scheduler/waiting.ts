// The tasks that wait for a node, in groups of equal demand, and which groups are worth another try.
import type { Id } from '../../shared/model/meta.ts';
import { type Task, taskStateRank } from '../../shared/model/task.ts';
import { groupKey } from './group.ts';

interface WaitingGroup {
  readonly tasks: Map<Id, Task>;
  /** Ledger epoch at which nothing (more) fitted; undefined when a try is due. */
  triedAtEpoch: number | undefined;
}

const RUNNING = taskStateRank('running');

/** True when the scheduler should act: allocated, wanted, and not yet given to an agent. */
export function isWaiting(task: Task): boolean {
  return task.status.state === 'pending' && taskStateRank(task.desiredState) <= RUNNING;
}

export class Waiting {
  private readonly groups = new Map<string, WaitingGroup>();
  private readonly groupOf = new Map<Id, string>();

  clear(): void {
    this.groups.clear();
    this.groupOf.clear();
  }

  /** Takes a task as the store has it now. Preassigned tasks each form a group of their own. */
  note(task: Task): void {
    const key = isWaiting(task) ? (task.nodeId === '' ? groupKey(task) : `task:${task.id}`) : undefined;
    const before = this.groupOf.get(task.id);
    if (before !== undefined && before !== key) {
      this.forget(task.id);
    }
    if (key === undefined) {
      return;
    }
    const group = this.groups.get(key);
    if (group === undefined) {
      this.groups.set(key, { tasks: new Map([[task.id, task]]), triedAtEpoch: undefined });
    } else {
      // A newcomer needs a try; a known task that merely got its explanation written does not.
      group.triedAtEpoch = group.tasks.has(task.id) ? group.triedAtEpoch : undefined;
      group.tasks.set(task.id, task);
    }
    this.groupOf.set(task.id, key);
  }

  forget(taskId: Id): void {
    const key = this.groupOf.get(taskId);
    const group = key === undefined ? undefined : this.groups.get(key);
    this.groupOf.delete(taskId);
    group?.tasks.delete(taskId);
    if (key !== undefined && group?.tasks.size === 0) {
      this.groups.delete(key);
    }
  }

  /** Tries the group of this task again even if nothing becomes free. */
  retry(taskId: Id): void {
    const group = this.groups.get(this.groupOf.get(taskId) ?? '');
    if (group !== undefined) {
      group.triedAtEpoch = undefined;
    }
  }

  hasDue(epoch: number): boolean {
    for (const group of this.groups.values()) {
      if (group.triedAtEpoch !== epoch) {
        return true;
      }
    }
    return false;
  }

  /** The groups worth a try, marked as tried at this epoch. */
  takeDue(epoch: number): readonly (readonly Task[])[] {
    const due: Task[][] = [];
    for (const group of this.groups.values()) {
      if (group.triedAtEpoch !== epoch) {
        group.triedAtEpoch = epoch;
        due.push([...group.tasks.values()]);
      }
    }
    return due;
  }
}
