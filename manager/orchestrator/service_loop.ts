// The shell around `planService`: remembers which services may differ from what they should be, plans each
// inside a transaction and applies the steps. It decides nothing by itself.
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import type { Random } from '../../shared/random.ts';
import type { ReadView, Store, StoreChange } from '../store/api.ts';
import { WatchLoop } from '../store/watch_loop.ts';
import { applySteps } from './apply.ts';
import { matters } from './node_change.ts';
import { printStep } from './plan.ts';
import { planService, type ServicePlan } from './service_plan.ts';
import type { UpdateRun } from './update.ts';

export interface LoopDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Rest between two passes: status reports of one batch are looked at together, ms. */
const PASS_GAP_MS = 5;
/** Wait after a failed pass: long enough not to storm a store without quorum, ms. */
const PASS_RETRY_MS = 1_000;
/** Services planned at once: enough that their transactions ride in one raft entry, few enough to keep memory flat. */
const SERVICES_AT_ONCE = 64;

export class ServiceLoop implements Startable {
  private readonly dependencies: LoopDependencies;
  private readonly loop: WatchLoop;
  private readonly dirty = new Set<Id>();
  private readonly runs = new Map<Id, UpdateRun>();
  private readonly timers = new Map<Id, Timer>();

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

  async stop(): Promise<void> {
    for (const timer of this.timers.values()) {
      timer.cancel();
    }
    this.timers.clear();
    await this.loop.stop();
  }

  private noteAll(): void {
    const { view } = this.dependencies.store;
    for (const service of view.all('service')) {
      this.dirty.add(service.id);
    }
    for (const task of view.all('task')) {
      this.dirty.add(task.serviceId);
    }
  }

  private noteChange(change: StoreChange): void {
    if (change.table === 'service') {
      this.dirty.add(change.object.id);
    } else if (change.table === 'task') {
      if (change.action !== 'update' || turns(change.previous, change.object)) {
        this.dirty.add(change.object.serviceId);
      }
    } else if (change.table === 'node') {
      if (change.action !== 'update' || matters(change.previous, change.object)) {
        this.noteNode(change.object.id);
      }
    }
  }

  private noteNode(nodeId: Id): void {
    const { view } = this.dependencies.store;
    for (const task of view.tasksByNode(nodeId)) {
      this.dirty.add(task.serviceId);
    }
    for (const service of view.all('service')) {
      if (service.spec.mode.kind === 'global') {
        this.dirty.add(service.id);
      }
    }
  }

  /** What turns dirty meanwhile waits for the next pass, after the gap. */
  private async pass(): Promise<void> {
    const due = [...this.dirty];
    this.dirty.clear();
    let failure: PromiseRejectedResult | undefined;
    for (let from = 0; from < due.length && !this.loop.stopped; from += SERVICES_AT_ONCE) {
      const ids = due.slice(from, from + SERVICES_AT_ONCE);
      const results = await Promise.allSettled(ids.map((id) => this.reconcile(id)));
      for (const [index, result] of results.entries()) {
        const id = ids[index];
        if (result.status === 'rejected' && id !== undefined) {
          this.dirty.add(id);
          failure = result;
        }
      }
    }
    if (failure !== undefined) {
      throw failure.reason;
    }
  }

  /** One service: looks first at what is applied, and opens a transaction only when something is to be done. */
  private async reconcile(id: Id): Promise<void> {
    const { store, random, log } = this.dependencies;
    let plan = this.plan(id, store.view, store.now());
    if (plan.steps.length > 0) {
      const outcome = await store.update((tx) => {
        const fresh = this.plan(id, tx, tx.now);
        return { fresh, applied: applySteps(tx, tx.get('service', id), fresh.steps, random) };
      });
      plan = outcome.fresh;
      const steps = plan.steps.slice(0, outcome.applied).map(printStep);
      log.debug({ service: id, steps, planned: plan.steps.length }, 'service reconciled');
      if (outcome.applied < plan.steps.length) {
        this.dirty.add(id);
        this.loop.wake();
      }
    }
    this.remember(id, plan);
  }

  private plan(id: Id, view: ReadView, now: number): ServicePlan {
    return planService({
      service: view.get('service', id),
      tasks: view.tasksByService(id),
      node: (nodeId) => view.get('node', nodeId),
      allNodes: () => view.all('node'),
      now,
      run: this.runs.get(id),
    });
  }

  private remember(id: Id, plan: ServicePlan): void {
    if (plan.run === undefined) {
      this.runs.delete(id);
    } else {
      this.runs.set(id, plan.run);
    }
    this.timers.get(id)?.cancel();
    this.timers.delete(id);
    if (plan.wakeAtMs !== undefined && !this.loop.stopped) {
      const { clock, store } = this.dependencies;
      const timer = clock.after(Math.max(0, plan.wakeAtMs - store.now()), () => {
        this.timers.delete(id);
        this.dirty.add(id);
        this.loop.wake();
      });
      this.timers.set(id, timer);
    }
  }
}

/** The steps of a task on its way to running decide nothing; that it runs, ends or is wanted otherwise does. */
function turns(before: Task, after: Task): boolean {
  const { state } = after.status;
  const arrived = state !== before.status.state && (state === 'running' || isTerminal(state));
  return arrived || before.desiredState !== after.desiredState || before.nodeId !== after.nodeId;
}
