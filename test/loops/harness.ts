// Scheduler and orchestrator over a store in memory and a virtual clock, with pretended nodes: an allocator that
// lets every new task pass, and agents that do at once what the store asks of them. Not product.
import { Orchestrator } from '../../manager/orchestrator/orchestrator.ts';
import { Scheduler } from '../../manager/scheduler/scheduler.ts';
import type { ReplicatedStore } from '../../manager/store/store.ts';
import { silentLogger } from '../../shared/log.ts';
import type { Node, NodeAvailability, NodeState } from '../../shared/model/node.ts';
import type { ServiceSpec } from '../../shared/model/service.ts';
import { isTerminal, type Task, type TaskState, taskStateRank } from '../../shared/model/task.ts';
import { seededRandom } from '../../shared/random.ts';
import { memoryStore } from '../support/memory_store.ts';
import { cluster, node, serviceSpec, taskSpec } from '../support/objects.ts';
import { VirtualClock } from '../support/virtual_clock.ts';

export interface Behaviour {
  /** State that a started task reports, `running` unless told otherwise. */
  readonly start: (task: Task) => TaskState;
  /** Milliseconds until a task that is told to stop has stopped. */
  readonly stopMs: number;
  /** Milliseconds from assignment to the reported start. */
  readonly startMs: number;
}

const SETTLE_MS = 50;

export class Loops {
  readonly clock = new VirtualClock(1_000_000);
  readonly store: ReplicatedStore = memoryStore({ clock: this.clock });
  /** Changed by tests at any time. */
  behaviour: Behaviour = { start: () => 'running', stopMs: 0, startMs: 0 };
  private scheduler: Scheduler;
  private orchestrator: Orchestrator;
  private readonly busy = new Set<string>();
  private readonly random = seededRandom(7);

  constructor() {
    this.scheduler = this.newScheduler();
    this.orchestrator = this.newOrchestrator();
    this.store.watch(() => this.agents());
  }

  async start(nodes: number, historyLimit = 5): Promise<void> {
    await this.store.update((tx) => {
      const base = cluster();
      tx.create('cluster', {
        ...base,
        spec: { ...base.spec, orchestration: { taskHistoryRetentionLimit: historyLimit } },
      });
      for (let index = 1; index <= nodes; index += 1) {
        tx.create('node', node({ id: `n${index}` }));
      }
    });
    await this.orchestrator.start();
    await this.scheduler.start();
    await this.settle();
  }

  async stop(): Promise<void> {
    await this.orchestrator.stop();
    await this.scheduler.stop();
  }

  /** Another manager takes over: all that the loops remembered is gone. */
  async changeLeader(): Promise<void> {
    await this.stop();
    this.scheduler = this.newScheduler();
    this.orchestrator = this.newOrchestrator();
    await this.orchestrator.start();
    await this.scheduler.start();
    await this.settle();
  }

  /** Lets everything happen that takes next to no time. */
  settle(): Promise<void> {
    return this.clock.advance(SETTLE_MS);
  }

  async create(id: string, over: Partial<ServiceSpec>): Promise<void> {
    await this.store.update((tx) =>
      tx.create('service', {
        id,
        meta: { version: 0, createdAt: 0, updatedAt: 0 },
        spec: serviceSpec({ name: id, ...over }),
        specVersion: 1,
      }),
    );
    await this.settle();
  }

  /** As the control API does it: the spec moves on, the old one is kept, the update status is cleared. */
  async change(id: string, over: Partial<ServiceSpec>): Promise<void> {
    await this.store.update((tx) => {
      const service = tx.get('service', id);
      if (service === undefined) {
        throw new Error(`no service ${id}`);
      }
      const { updateStatus: _cleared, ...rest } = service;
      tx.update('service', {
        ...rest,
        spec: { ...service.spec, ...over },
        specVersion: Math.max(service.specVersion, service.previousSpecVersion ?? 0) + 1,
        previousSpec: service.spec,
        previousSpecVersion: service.specVersion,
      });
    });
    await this.settle();
  }

  /** A spec whose tasks differ from all others. */
  static version(n: number, over: Partial<ServiceSpec['task']> = {}): ServiceSpec['task'] {
    return taskSpec({ forceUpdate: n, ...over });
  }

  async remove(id: string): Promise<void> {
    await this.store.update((tx) => tx.remove('service', id));
    await this.settle();
  }

  async setNode(
    id: string,
    to: { state?: NodeState; availability?: NodeAvailability; labels?: Record<string, string> },
  ) {
    await this.store.update((tx) => {
      const old = tx.get('node', id) ?? node({ id });
      const next: Node = {
        ...old,
        status: { ...old.status, state: to.state ?? old.status.state },
        spec: {
          ...old.spec,
          availability: to.availability ?? old.spec.availability,
          labels: to.labels ?? old.spec.labels,
        },
      };
      if (tx.get('node', id) === undefined) {
        tx.create('node', next);
      } else {
        tx.update('node', next);
      }
    });
    await this.settle();
  }

  async removeNode(id: string): Promise<void> {
    await this.store.update((tx) => tx.remove('node', id));
    await this.settle();
  }

  /** The process of a task ends by itself. */
  async end(taskId: string, state: 'failed' | 'rejected' | 'complete'): Promise<void> {
    await this.report(taskId, state);
    await this.settle();
  }

  tasks(serviceId: string): readonly Task[] {
    return this.store.view.tasksByService(serviceId);
  }

  /** Tasks that run and should. */
  running(serviceId: string): readonly Task[] {
    return this.tasks(serviceId).filter(
      (task) => task.status.state === 'running' && task.desiredState === 'running',
    );
  }

  /** `1@n2 v3` for each running task, sorted. */
  placed(serviceId: string): readonly string[] {
    return this.running(serviceId)
      .map((task) => `${task.slot}@${task.nodeId} v${task.spec.forceUpdate}`)
      .sort();
  }

  updateState(serviceId: string): string | undefined {
    return this.store.view.get('service', serviceId)?.updateStatus?.state;
  }

  private newScheduler(): Scheduler {
    return new Scheduler({ store: this.store, clock: this.clock, random: this.random, log: silentLogger });
  }

  private newOrchestrator(): Orchestrator {
    return new Orchestrator({ store: this.store, clock: this.clock, random: this.random, log: silentLogger });
  }

  /** One look of all agents (and the pretended allocator) at all tasks. */
  private agents(): void {
    for (const task of this.store.view.all('task')) {
      const next = this.nextState(task);
      if (next === undefined || this.busy.has(task.id)) {
        continue;
      }
      this.busy.add(task.id);
      const delayMs = this.delayOf(next);
      const act = () => {
        this.busy.delete(task.id);
        const now = this.store.view.get('task', task.id);
        if (now !== undefined && this.nextState(now) === next) {
          void this.report(task.id, next);
        } else {
          this.agents();
        }
      };
      if (delayMs > 0) {
        this.clock.after(delayMs, act);
      } else {
        queueMicrotask(act);
      }
    }
  }

  private delayOf(next: TaskState): number {
    if (next === 'shutdown') {
      return this.behaviour.stopMs;
    }
    return next === 'pending' || next === 'ready' ? 0 : this.behaviour.startMs;
  }

  private nextState(task: Task): TaskState | undefined {
    const { state } = task.status;
    const wanted = taskStateRank(task.desiredState) <= taskStateRank('running');
    if (state === 'new') {
      return wanted ? 'pending' : undefined;
    }
    const host = this.store.view.get('node', task.nodeId);
    if (state === 'pending' || isTerminal(state) || host === undefined || host.status.state === 'down') {
      return undefined;
    }
    if (!wanted) {
      return 'shutdown';
    }
    if (task.desiredState === 'ready') {
      return state === 'ready' ? undefined : 'ready';
    }
    return state === 'running' ? undefined : this.behaviour.start(task);
  }

  private async report(taskId: string, state: TaskState): Promise<void> {
    await this.store.update((tx) => {
      const task = tx.get('task', taskId);
      if (task !== undefined && taskStateRank(task.status.state) < taskStateRank(state)) {
        const spec = tx.get('service', task.serviceId)?.spec.endpoint ?? { mode: 'vip', ports: [] };
        const endpoint = task.endpoint ?? { spec, ports: spec.ports, virtualIps: [] };
        const status = { ...task.status, state, timestamp: tx.now, error: '' };
        tx.update('task', { ...task, endpoint, status });
      }
    });
  }
}
