// Tasks that run where they may not run any more: after a change of a node's labels or resources they are
// shut down, and the service loop puts them elsewhere. Spec changes are the update's business, not this one's.
import type { Startable } from '../../shared/lifecycle.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Node } from '../../shared/model/node.ts';
import { addResources, fitsBeside, noTotals, reservationsOf } from '../../shared/model/resource_math.ts';
import type { Placement } from '../../shared/model/service.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import type { ReadView, StoreChange, WriteTransaction } from '../store/api.ts';
import { WatchLoop } from '../store/watch_loop.ts';
import { raiseDesiredState } from './apply.ts';
import { placementAllows } from '../../shared/model/placement_allows.ts';
import { compareNewestFirst, isUnassigned, isWanted, mustLeave } from './instance.ts';
import { matters } from './node_change.ts';
import type { LoopDependencies } from './service_loop.ts';

export interface Eviction {
  readonly taskId: Id;
  readonly reason: string;
}

/** Swarm's wording. */
const REASON = 'assigned node no longer meets constraints';

/** Rest between passes, ms: node changes are rare and not urgent. */
const PASS_GAP_MS = 100;
const PASS_RETRY_MS = 1_000;
/** Evictions in one transaction; the rest follows in the next, so a big node does not make a big entry. */
const EVICTIONS_PER_TRANSACTION = 100;

/**
 * The tasks that must leave a node. Constraints are those of the service as it is now. When reservations
 * exceed the node's resources the newest tasks leave, since they have run least.
 */
export function decideEvictions(
  node: Node,
  tasks: readonly Task[],
  placementOf: (task: Task) => Placement | undefined,
): readonly Eviction[] {
  if (node.description === undefined || mustLeave(node)) {
    return [];
  }
  const evictions: Eviction[] = [];
  const used = noTotals();
  const oldestFirst = [...tasks].sort((a, b) => compareNewestFirst(b, a));
  for (const task of oldestFirst) {
    const isHeld = task.attachment !== undefined;
    if (isHeld || !isWanted(task) || isUnassigned(task) || isTerminal(task.status.state)) {
      continue;
    }
    const reserved = reservationsOf(task.spec);
    const allowed = placementAllows(placementOf(task), node);
    if (!allowed || !fitsBeside(node.description.resources, used, reserved)) {
      evictions.push({ taskId: task.id, reason: REASON });
    } else {
      addResources(used, reserved, 1);
    }
  }
  return evictions;
}

export class ConstraintEnforcer implements Startable {
  private readonly dependencies: LoopDependencies;
  private readonly loop: WatchLoop;
  private readonly dirty = new Set<Id>();

  constructor(dependencies: LoopDependencies) {
    this.dependencies = dependencies;
    this.loop = new WatchLoop(
      dependencies,
      {
        noteAll: () => this.noteAll(),
        noteChange: (change) => this.noteChange(change),
        hasWork: () => this.dirty.size > 0,
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

  private noteChange(change: StoreChange): void {
    if (change.table === 'node' && change.action === 'update' && matters(change.previous, change.object)) {
      this.dirty.add(change.object.id);
    }
  }

  private noteAll(): void {
    for (const node of this.dependencies.store.view.all('node')) {
      this.dirty.add(node.id);
    }
  }

  private async pass(): Promise<void> {
    for (const id of [...this.dirty]) {
      if (this.loop.stopped) {
        return;
      }
      // Before the write: a change that comes during it is a note of its own.
      this.dirty.delete(id);
      try {
        await this.relieve(id);
      } catch (error) {
        this.dirty.add(id);
        throw error;
      }
    }
  }

  private async relieve(id: Id): Promise<void> {
    const { store, log } = this.dependencies;
    const evictions = evictionsFrom(store.view, id);
    if (evictions.length === 0) {
      return;
    }
    const done = await store.update((tx) => evict(tx, id));
    log.info(
      { node: id, tasks: done.map(({ taskId }) => taskId) },
      'tasks moved off a node: it no longer suits them',
    );
    if (evictions.length > EVICTIONS_PER_TRANSACTION) {
      this.dirty.add(id);
      this.loop.wake();
    }
  }
}

function evictionsFrom(view: ReadView, nodeId: Id): readonly Eviction[] {
  const node = view.get('node', nodeId);
  if (node === undefined) {
    return [];
  }
  return decideEvictions(node, view.tasksByNode(nodeId), (task) => {
    const service = view.get('service', task.serviceId);
    return (service?.spec.task ?? task.spec).placement;
  });
}

function evict(tx: WriteTransaction, nodeId: Id): readonly Eviction[] {
  const evictions = evictionsFrom(tx, nodeId).slice(0, EVICTIONS_PER_TRANSACTION);
  for (const { taskId, reason } of evictions) {
    raiseDesiredState(tx, taskId, 'shutdown');
    const task = tx.get('task', taskId);
    if (task !== undefined) {
      tx.update('task', { ...task, status: { ...task.status, error: reason } });
    }
  }
  return evictions;
}
