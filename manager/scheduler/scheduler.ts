// The shell of the scheduler: follows the store, plans placements of what waits, and writes them. A task that
// no node suits keeps waiting, with the reason in its status, until something changes that might help.
import type { Clock } from '../../shared/clock.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Task } from '../../shared/model/task.ts';
import { MAX_TRANSACTION_WEIGHT, taskWeight } from '../../shared/model/task_weight.ts';
import type { Random } from '../../shared/random.ts';
import {
  MAX_CHANGES_PER_TRANSACTION,
  type Store,
  type StoreChange,
  type WriteTransaction,
} from '../store/api.ts';
import { WatchLoop } from '../store/watch_loop.ts';
import { Ledger } from './ledger.ts';
import { type Assignment, confirmNode, placeGroup, type Unplaced } from './placement.ts';
import { isWaiting, Waiting } from './waiting.ts';

export interface SchedulerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Rest between two passes: tasks that the allocator brings in several entries are placed together, ms. */
const PASS_GAP_MS = 5;
const PASS_RETRY_MS = 1_000;

export class Scheduler implements Startable {
  private readonly dependencies: SchedulerDependencies;
  private readonly loop: WatchLoop;
  private readonly ledger: Ledger;
  private readonly waiting = new Waiting();

  constructor(dependencies: SchedulerDependencies) {
    this.dependencies = dependencies;
    this.ledger = new Ledger(dependencies.random);
    this.loop = new WatchLoop(
      dependencies,
      {
        noteAll: () => this.rebuild(),
        noteChange: (change) => this.noteChange(change),
        hasWork: () => this.waiting.hasDue(this.ledger.epoch),
        pass: () => this.pass(),
      },
      { gapMs: PASS_GAP_MS, retryMs: PASS_RETRY_MS },
    );
  }

  start(): Promise<void> {
    return this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private rebuild(): void {
    const { store, clock } = this.dependencies;
    this.ledger.rebuild(store.view, clock.now());
    this.waiting.clear();
    for (const task of store.view.all('task')) {
      this.waiting.note(task);
    }
  }

  private noteChange(change: StoreChange): void {
    if (change.table === 'node') {
      if (change.action === 'remove') {
        this.ledger.removeNode(change.object.id);
      } else {
        this.ledger.putNode(change.object);
      }
    } else if (change.table === 'task') {
      if (change.action === 'remove') {
        this.ledger.forgetTask(change.object);
        this.waiting.forget(change.object.id);
      } else {
        this.ledger.noteTask(change.object, this.dependencies.clock.now());
        this.waiting.note(change.object);
      }
    }
  }

  private async pass(): Promise<void> {
    const now = this.dependencies.clock.now();
    const assignments: Assignment[] = [];
    const unplaced: Unplaced[] = [];
    for (const tasks of this.waiting.takeDue(this.ledger.epoch)) {
      const preassigned = tasks[0] !== undefined && tasks[0].nodeId !== '' ? tasks[0] : undefined;
      const plan =
        preassigned === undefined
          ? placeGroup(this.ledger, tasks, now)
          : confirmNode(this.ledger, preassigned);
      assignments.push(...plan.assignments);
      unplaced.push(...plan.unplaced.filter(({ task, explanation }) => task.status.error !== explanation));
    }
    if (assignments.length + unplaced.length === 0) {
      return;
    }
    this.dependencies.log.debug({ assigned: assignments.length, waiting: unplaced.length }, 'placement');
    await this.write(assignments, unplaced);
  }

  /** All transactions at once: the store puts them into as few entries as they fit. */
  private async write(assignments: readonly Assignment[], unplaced: readonly Unplaced[]): Promise<void> {
    const results = await Promise.allSettled([
      ...inBatches(assignments).map((batch) => this.assign(batch)),
      ...inBatches(unplaced).map((batch) => this.explain(batch)),
    ]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      throw failed.reason;
    }
  }

  private async assign(batch: readonly Assignment[]): Promise<void> {
    let placed: ReadonlySet<Id> = new Set();
    try {
      placed = await this.dependencies.store.update((tx) => assignAll(tx, batch));
    } finally {
      for (const { task, nodeId } of batch.filter((one) => !placed.has(one.task.id))) {
        this.takeBack(task, nodeId);
      }
    }
  }

  /** A planned placement did not come to be: frees its booking, unless the store holds it after all. */
  private takeBack(task: Task, nodeId: Id): void {
    const stored = this.dependencies.store.view.get('task', task.id);
    if (stored === undefined || isWaiting(stored) || stored.nodeId !== nodeId) {
      this.ledger.get(nodeId)?.release(task.id);
    }
    this.waiting.retry(task.id);
    this.loop.wake();
  }

  private async explain(batch: readonly Unplaced[]): Promise<void> {
    try {
      await this.dependencies.store.update((tx) => explainAll(tx, batch));
    } catch (error) {
      for (const { task } of batch) {
        this.waiting.retry(task.id);
      }
      throw error;
    }
  }
}

/** Assigns what still waits and whose node can still take it; returns the ids of those. */
function assignAll(tx: WriteTransaction, batch: readonly Assignment[]): ReadonlySet<Id> {
  const placed = new Set<Id>();
  for (const { task, nodeId } of batch) {
    const stored = tx.get('task', task.id);
    const node = tx.get('node', nodeId);
    const usable = node?.status.state === 'ready' && node.spec.availability === 'active';
    if (stored === undefined || !isWaiting(stored) || stored.nodeId !== task.nodeId || !usable) {
      continue;
    }
    const message =
      stored.nodeId === ''
        ? 'scheduler assigned task to node'
        : 'scheduler confirmed task can run on preassigned node';
    const status = { ...stored.status, state: 'assigned', timestamp: tx.now, message, error: '' } as const;
    tx.update('task', { ...stored, nodeId, status });
    placed.add(task.id);
  }
  return placed;
}

function explainAll(tx: WriteTransaction, batch: readonly Unplaced[]): void {
  for (const { task, explanation } of batch) {
    const stored = tx.get('task', task.id);
    if (stored !== undefined && isWaiting(stored) && stored.status.error !== explanation) {
      tx.update('task', { ...stored, status: { ...stored.status, timestamp: tx.now, error: explanation } });
    }
  }
}

/** Splits by number of changes and by size, so that no transaction outgrows a raft entry. */
function inBatches<T extends { readonly task: Task }>(items: readonly T[]): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let weight = 0;
  for (const item of items) {
    const itemWeight = taskWeight(item.task.spec);
    if (
      batch.length > 0 &&
      (batch.length >= MAX_CHANGES_PER_TRANSACTION || weight + itemWeight > MAX_TRANSACTION_WEIGHT)
    ) {
      batches.push(batch);
      batch = [];
      weight = 0;
    }
    batch.push(item);
    weight += itemWeight;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}
