// A node's containers, pretended: the product's own task machine decides, chance takes the place of images, runc and
// networks. Containers live on the machine, so they outlive the agent's process but not the machine's power.

import type { Clock } from '../../shared/clock.ts';
import { isTerminal, type Task, taskStateRank } from '../../shared/model/task.ts';
import type { StatusUpdate } from '../../shared/protocol/dispatcher.ts';
import { type Random, randomInt } from '../../shared/random.ts';
import type { AssignmentDelta } from '../../worker/agent/assignment_set.ts';
import {
  newMachine,
  step,
  type TaskAction,
  type TaskEvent,
  type TaskMachine,
} from '../../worker/agent/task_step.ts';

/** What the machine remembers of a task: its container if there is one, and the file of its last state. */
interface Kept {
  task: Task;
  machine: TaskMachine;
  alive: boolean;
}

/** The containers and task files of one machine. */
export class Machine {
  readonly kept = new Map<string, Kept>();
  /** Share of preparations and starts that fail. */
  failures = 0;

  powerLoss(): void {
    for (const kept of this.kept.values()) {
      kept.alive = false;
    }
  }

  /** Containers that run now. */
  running(): readonly Task[] {
    return [...this.kept.values()].filter(({ alive }) => alive).map(({ task }) => task);
  }
}

const DRAIN_LIMIT_MS = 1_000;
const GRACE_MS = 2_000;

/** The part of an agent's process that drives tasks; made anew with each process. */
export class Executor {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly machine: Machine;
  private readonly listeners = new Set<(update: StatusUpdate) => void>();
  private readonly drainedTasks = new Set<string>();

  constructor(dependencies: { readonly clock: Clock; readonly random: Random }, machine: Machine) {
    this.clock = dependencies.clock;
    this.random = dependencies.random;
    this.machine = machine;
    for (const kept of machine.kept.values()) {
      this.takeUp(kept);
    }
  }

  // ---- as the agent sees it ----

  apply(delta: AssignmentDelta, full: boolean): void {
    for (const task of delta.updatedTasks) {
      this.assign(task);
    }
    const gone = full
      ? [...this.machine.kept.keys()].filter((id) => !delta.set.tasks.has(id))
      : delta.removedTasks;
    for (const id of gone) {
      this.dispatch(id, { kind: 'unassigned' });
    }
  }

  drained(taskIds: readonly string[]): void {
    for (const id of taskIds) {
      this.drainedTasks.add(id);
      this.dispatch(id, { kind: 'drained' });
    }
  }

  statuses(): readonly StatusUpdate[] {
    return [...this.machine.kept.values()]
      .filter(({ task }) => taskStateRank(task.status.state) >= taskStateRank('accepted'))
      .map(({ task }) => ({ taskId: task.id, status: task.status }));
  }

  onStatus(listener: (update: StatusUpdate) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A container ends by itself. */
  exit(taskId: string, code: number): void {
    const kept = this.machine.kept.get(taskId);
    if (kept?.alive === true) {
      kept.alive = false;
      this.dispatch(taskId, { kind: 'exited', code, oomKilled: false, error: '' });
    }
  }

  // ---- inside ----

  private assign(task: Task): void {
    const known = this.machine.kept.get(task.id);
    const kept = known ?? {
      task,
      machine: newMachine(task.status.state, task.desiredState),
      alive: false,
    };
    kept.task = { ...task, status: kept.task.status };
    this.machine.kept.set(task.id, kept);
    this.dispatch(task.id, { kind: 'assigned', desired: task.desiredState });
  }

  /** After a restart of the agent: what the machine remembers goes on from where it is. */
  private takeUp(kept: Kept): void {
    const { task } = kept;
    const fresh = newMachine(task.status.state, task.desiredState);
    if (isTerminal(task.status.state) || taskStateRank(task.status.state) < taskStateRank('starting')) {
      kept.machine = fresh;
    } else if (kept.alive) {
      const isRunning = task.status.state === 'running';
      kept.machine = { ...fresh, stage: isRunning ? 'running' : 'starting' };
      if (!isRunning) {
        this.soon(task.id, 1, 50, { kind: 'started', checksHealth: false });
      }
    } else {
      kept.machine = { ...fresh, stage: 'running' };
      this.dispatch(task.id, { kind: 'exited', code: 137, oomKilled: false, error: 'the container is gone' });
    }
  }

  private dispatch(id: string, event: TaskEvent): void {
    const kept = this.machine.kept.get(id);
    if (kept === undefined) {
      return;
    }
    const { machine, actions } = step(kept.machine, event);
    kept.machine = machine;
    for (const action of actions) {
      this.perform(kept, action);
    }
  }

  private perform(kept: Kept, action: TaskAction): void {
    const { id } = kept.task;
    switch (action.kind) {
      case 'report':
        this.report(kept, action);
        break;
      case 'prepare': {
        const fails = this.random.next() < this.machine.failures;
        this.soon(
          id,
          2,
          120,
          fails ? { kind: 'prepare-failed', error: 'no such image' } : { kind: 'prepared' },
        );
        break;
      }
      case 'start':
        this.start(kept);
        break;
      case 'check-health':
        this.soon(id, 10, 300, {
          kind: this.random.next() < this.machine.failures ? 'unhealthy' : 'healthy',
        });
        break;
      case 'await-drain':
        this.awaitDrain(id);
        break;
      case 'stop': {
        const stubborn = this.random.next() < 0.1;
        this.clock.after(stubborn ? GRACE_MS + 500 : randomInt(this.random, 2, 200), () => this.end(id, 0));
        this.clock.after(GRACE_MS, () => this.dispatch(id, { kind: 'grace-over' }));
        break;
      }
      case 'kill':
        this.clock.after(1, () => this.end(id, 137));
        break;
      case 'detach':
        kept.alive = false;
        this.soon(id, 1, 10, { kind: 'detached' });
        break;
      case 'release':
        this.soon(id, 1, 10, { kind: 'released' });
        break;
      case 'forget':
        this.machine.kept.delete(id);
        this.drainedTasks.delete(id);
        break;
      case 'abort-prepare':
        break;
    }
  }

  private start(kept: Kept): void {
    const { id } = kept.task;
    if (this.random.next() < this.machine.failures) {
      this.soon(id, 1, 20, { kind: 'start-failed', error: 'no such command' });
      return;
    }
    kept.alive = true;
    this.soon(id, 1, 60, { kind: 'started', checksHealth: this.random.next() < 0.3 });
  }

  private awaitDrain(id: string): void {
    if (this.drainedTasks.has(id)) {
      this.soon(id, 0, 1, { kind: 'drained' });
    } else {
      this.clock.after(DRAIN_LIMIT_MS, () => this.dispatch(id, { kind: 'drained' }));
    }
  }

  private end(id: string, code: number): void {
    const kept = this.machine.kept.get(id);
    if (kept?.machine.stage === 'stopping') {
      kept.alive = false;
      this.dispatch(id, { kind: 'exited', code, oomKilled: false, error: '' });
    }
  }

  private soon(id: string, low: number, high: number, event: TaskEvent): void {
    this.clock.after(randomInt(this.random, low, high), () => this.dispatch(id, event));
  }

  private report(kept: Kept, report: Extract<TaskAction, { kind: 'report' }>): void {
    const { state, message, error } = report;
    const status = { ...kept.task.status, state, message, error, timestamp: this.clock.now() };
    kept.task = { ...kept.task, status };
    for (const listener of this.listeners) {
      listener({ taskId: kept.task.id, status });
    }
  }
}
