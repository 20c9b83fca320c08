// Deletes task objects of no more use (see reaper_plan.ts), a batch at a time.
import type { Startable } from '../../shared/lifecycle.ts';
import type { Id } from '../../shared/model/meta.ts';
import {
  MAX_CHANGES_PER_TRANSACTION,
  type ReadView,
  type StoreChange,
  type WriteTransaction,
} from '../store/api.ts';
import { WatchLoop } from '../store/watch_loop.ts';
import { groupInstances } from './instance.ts';
import { isRemovable, surplusHistory } from './reaper_plan.ts';
import type { LoopDependencies } from './service_loop.ts';

/** Swarm's default of `--task-history-limit`. */
export const DEFAULT_HISTORY_LIMIT = 5;

/** Swarm's rhythm, ms: deleting history is never urgent, and together it costs fewer entries. */
const PASS_GAP_MS = 250;
const PASS_RETRY_MS = 1_000;

export class TaskReaper implements Startable {
  private readonly dependencies: LoopDependencies;
  private readonly loop: WatchLoop;
  /** Services whose history may be too long, and tasks that may be ready to be deleted. */
  private services = new Set<Id>();
  private tasks = new Set<Id>();

  constructor(dependencies: LoopDependencies) {
    this.dependencies = dependencies;
    this.loop = new WatchLoop(
      dependencies,
      {
        noteAll: () => this.noteAll(),
        noteChange: (change) => this.noteChange(change),
        hasWork: () => this.services.size + this.tasks.size > 0,
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
    const { view } = this.dependencies.store;
    if (change.table === 'task' && change.action !== 'remove') {
      if (change.action === 'create') {
        this.services.add(change.object.serviceId);
      } else if (change.object.desiredState === 'remove') {
        this.tasks.add(change.object.id);
      } else if (change.object.status.state !== change.previous.status.state) {
        if (change.object.attachment === undefined) {
          this.services.add(change.object.serviceId);
        } else {
          this.tasks.add(change.object.id);
        }
      }
    } else if (change.table === 'node' && change.action === 'remove') {
      for (const task of view.tasksByNode(change.object.id)) {
        this.tasks.add(task.id);
      }
    } else if (change.table === 'cluster') {
      for (const service of view.all('service')) {
        this.services.add(service.id);
      }
    }
  }

  private noteAll(): void {
    const { view } = this.dependencies.store;
    for (const service of view.all('service')) {
      this.services.add(service.id);
    }
    for (const task of view.tasksByDesiredState('remove')) {
      this.tasks.add(task.id);
    }
    for (const task of view.all('task')) {
      if (task.attachment !== undefined) {
        this.tasks.add(task.id);
      }
    }
  }

  private async pass(): Promise<void> {
    const { services, tasks } = this;
    this.services = new Set();
    this.tasks = new Set();
    try {
      await this.reap(services, tasks);
    } catch (error) {
      this.services = new Set([...services, ...this.services]);
      this.tasks = new Set([...tasks, ...this.tasks]);
      throw error;
    }
  }

  /** What cannot go yet comes back with its next change. */
  private async reap(services: ReadonlySet<Id>, tasks: ReadonlySet<Id>): Promise<void> {
    const { view } = this.dependencies.store;
    const limit = historyLimit(view);
    const doomed = new Set([...tasks].filter((id) => isDoomed(view, id, limit)));
    for (const id of services) {
      for (const taskId of historyOf(view, id, limit)) {
        doomed.add(taskId);
      }
    }
    const ids = [...doomed];
    for (let from = 0; from < ids.length && !this.loop.stopped; from += MAX_CHANGES_PER_TRANSACTION) {
      await this.remove(ids.slice(from, from + MAX_CHANGES_PER_TRANSACTION));
    }
  }

  private async remove(ids: readonly Id[]): Promise<void> {
    const { store, log } = this.dependencies;
    const count = await store.update((tx) => removeDoomed(tx, ids));
    log.debug({ count }, 'old tasks deleted');
  }
}

function historyLimit(view: ReadView): number {
  const cluster = [...view.all('cluster')][0];
  return cluster?.spec.orchestration.taskHistoryRetentionLimit ?? DEFAULT_HISTORY_LIMIT;
}

function historyOf(view: ReadView, serviceId: Id, limit: number): readonly Id[] {
  const service = view.get('service', serviceId);
  if (service === undefined || limit < 0) {
    return [];
  }
  const instances = groupInstances(view.tasksByService(serviceId), service.spec.mode.kind === 'global');
  return [...instances.values()].flatMap((instance) => surplusHistory(instance, limit));
}

/** Asked again inside the transaction: a task may have been given a new meaning since it was noted. */
function isDoomed(view: ReadView, id: Id, limit: number): boolean {
  const task = view.get('task', id);
  if (task === undefined) {
    return false;
  }
  if (task.desiredState === 'remove' || task.attachment !== undefined) {
    return isRemovable(task, (nodeId) => view.get('node', nodeId));
  }
  const global = task.slot === 0;
  const peers = global
    ? view.tasksByNode(task.nodeId).filter((other) => other.serviceId === task.serviceId)
    : view.tasksBySlot(task.serviceId, task.slot);
  const instance = groupInstances(peers, global).get(global ? task.nodeId : String(task.slot));
  return instance !== undefined && surplusHistory(instance, limit).includes(id);
}

function removeDoomed(tx: WriteTransaction, ids: readonly Id[]): number {
  const limit = historyLimit(tx);
  const doomed = ids.filter((id) => isDoomed(tx, id, limit));
  for (const id of doomed) {
    tx.remove('task', id);
  }
  return doomed.length;
}
