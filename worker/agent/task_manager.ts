// All tasks of this node: keeps a runner for each, their files on disk, and takes up what lives after a
// restart. Knows what should run from the assignments alone; where those come from is agent.ts's.
import { ChildAbort } from '../../shared/child_abort.ts';
import type { Timer } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import { isId } from '../../shared/ids.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { ContainerSpec } from '../../shared/model/container.ts';
import type { Id } from '../../shared/model/meta.ts';
import { type Task, isTerminal, taskStateRank } from '../../shared/model/task.ts';
import type { StatusUpdate } from '../../shared/protocol/dispatcher.ts';
import type { AttachRequest } from '../network/api.ts';
import type { ContainerInfo } from '../runtime/api.ts';
import { holdVolumes } from '../runtime/spec_mounts.ts';
import { type AssignmentDelta, type AssignmentSet, EMPTY_SET } from './assignment_set.ts';
import type { TaskDatabase } from './task_database.ts';
import { expandSpec } from './spec_template.ts';
import { attachRequest } from './task_plan.ts';
import { type RunnerDependencies, TaskRunner } from './task_runner.ts';
import { type TaskMachine, newMachine } from './task_step.ts';

/** Leaving the cluster waits this long for the tasks to end: their grace periods and some. */
const LEAVE_LIMIT_MS = 60_000;
/**
 * What was begun on containers ends in well under a second; a kernel that is stuck in I/O must not hold up the
 * daemon's end. What is cut short is found and put right at the next start.
 */
const STOP_LIMIT_MS = 8_000;
/** Secrets and configs come in the messages right after their task, or never. */
const PAYLOAD_WAIT_MS = 15_000;
/** A disk that is full now may have room later: what could not be written is tried again this often. */
const SAVE_AGAIN_MS = 5_000;
const EXIT_UNKNOWN = 137;

export type TaskManagerDependencies = Omit<RunnerDependencies, 'payloads' | 'onStatus' | 'onForgotten'> & {
  readonly database: TaskDatabase;
};

export class TaskManager implements Startable {
  private readonly on: TaskManagerDependencies;
  private readonly runners = new Map<Id, TaskRunner>();
  private readonly statusListeners = new Set<(update: StatusUpdate) => void>();
  private readonly changeListeners = new Set<() => void>();
  private readonly emptyListeners = new Set<() => void>();
  private assignments: AssignmentSet = EMPTY_SET;
  private stopListening: (() => void) | undefined;
  /** Tasks whose newest state is not on disk, because it could not be written. */
  private readonly unsaved = new Set<Id>();
  private savingAgain: Timer | undefined;
  private stopping = false;

  constructor(dependencies: TaskManagerDependencies) {
    this.on = dependencies;
  }

  /** After the runtime and the network plane have started: re-adopts living containers, drops unknown ones. */
  async start(): Promise<void> {
    const { runtime, images, network, database } = this.on;
    this.stopListening = runtime.onExit((id, exit) =>
      this.runners.get(id)?.dispatch({ kind: 'exited', ...exit }),
    );
    const tasks = await database.load();
    const known = new Set(tasks.map((task) => task.id));
    for (const { id } of runtime.list()) {
      if (isId(id) && !known.has(id)) {
        await runtime.remove(id);
      }
    }
    const alive = tasks.filter((task) => isAlive(runtime.get(task.id)));
    await images.retainHolders(new Set(alive.map((task) => task.id)), isId);
    const mounts = (task: Task) => expandSpec(task, this.on.node()).mounts;
    await holdVolumes(
      this.on.volumes,
      alive.map((task) => ({ id: task.id, mounts: mounts(task) })),
    );
    await network.readopt(
      alive.map((task) => this.attached(task)),
      isId,
    );
    for (const task of tasks) {
      this.takeUp(task, runtime.get(task.id));
    }
  }

  /** Containers run on. Resolves when what was begun on them has ended and their states are written, or after a limit. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.stopListening?.();
    const limit = new AbortController();
    const stopped = Promise.all([...this.runners.values()].map((runner) => runner.stop())).then(() => true);
    const late = this.on.clock.sleep(STOP_LIMIT_MS, limit.signal).then(
      () => false,
      () => true,
    );
    if (!(await Promise.race([stopped, late]))) {
      this.on.logger.warn({ limitMs: STOP_LIMIT_MS }, 'stopped before all work on containers had ended');
    }
    limit.abort();
    await this.on.database.flush();
    this.savingAgain?.cancel();
  }

  /** Acts on a change of the assignments; only a session with a leader brings one. */
  apply(delta: AssignmentDelta, full: boolean): void {
    this.assignments = delta.set;
    for (const listener of [...this.changeListeners]) {
      listener();
    }
    for (const task of delta.updatedTasks) {
      this.assign(task);
    }
    const gone = full
      ? [...this.runners.keys()].filter((id) => !delta.set.tasks.has(id))
      : delta.removedTasks;
    for (const id of gone) {
      this.runners.get(id)?.dispatch({ kind: 'unassigned' });
    }
  }

  drained(taskIds: readonly Id[]): void {
    for (const id of taskIds) {
      this.runners.get(id)?.noteDrained();
    }
  }

  /** Tasks as this node sees them, ended ones that are kept for their logs included. */
  list(): readonly Task[] {
    return [...this.runners.values()].map((runner) => runner.task);
  }

  get(id: Id): Task | undefined {
    return this.runners.get(id)?.task;
  }

  /** The last state of every task, for a new session: the managers may have missed some. */
  statuses(): readonly StatusUpdate[] {
    return this.list()
      .filter((task) => taskStateRank(task.status.state) >= taskStateRank('accepted'))
      .map((task) => ({ taskId: task.id, status: task.status }));
  }

  onStatus(listener: (update: StatusUpdate) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  /** Ends and forgets all tasks: the node leaves the cluster. Resolves when none is left, or after a limit. */
  async endAll(): Promise<void> {
    if (this.runners.size === 0) {
      return;
    }
    const limit = new AbortController();
    const empty = new Promise<void>((resolve) => this.emptyListeners.add(resolve));
    for (const runner of this.runners.values()) {
      runner.dispatch({ kind: 'unassigned' });
    }
    try {
      await Promise.race([empty, this.on.clock.sleep(LEAVE_LIMIT_MS, limit.signal).catch(() => undefined)]);
    } finally {
      limit.abort();
    }
    await this.on.database.flush();
  }

  private assign(task: Task): void {
    const existing = this.runners.get(task.id);
    const runner = existing ?? this.addRunner(task, newMachine(task.status.state, task.desiredState));
    runner.assign(task);
    this.persist(runner.task);
  }

  /** How a task was attached that outlived the daemon. */
  private attached(task: Task): AttachRequest {
    const kept = this.on.runtime.get(task.id)?.kept;
    return { ...attachRequest(task, expandSpec(task, this.on.node())), ...(kept !== undefined && { kept }) };
  }

  private takeUp(task: Task, info: ContainerInfo | undefined): void {
    const { state } = task.status;
    const begin = newMachine(state, task.desiredState);
    const at = (stage: TaskMachine['stage']): TaskRunner => this.addRunner(task, { ...begin, stage });
    if (isTerminal(state)) {
      const cleaned = info === undefined || info.cleaned;
      const runner = at(cleaned ? 'ended' : 'idle');
      if (!cleaned) {
        runner.assign(task);
      }
    } else if (info?.exit !== undefined) {
      at('running').dispatch({ kind: 'exited', ...info.exit });
    } else if (info?.phase === 'running') {
      at(state === 'running' ? 'running' : 'starting').resume(state === 'running');
    } else if (info?.phase === 'created') {
      at('prepared').assign(task);
    } else if (taskStateRank(state) >= taskStateRank('starting')) {
      const error = 'the container is gone (the host restarted)';
      at('running').dispatch({ kind: 'exited', code: EXIT_UNKNOWN, oomKilled: false, error });
    } else {
      // To begin anew it may need secrets, which are never on disk: the session will assign it again.
      at('idle');
    }
  }

  private addRunner(task: Task, machine: TaskMachine): TaskRunner {
    const runner = new TaskRunner(
      {
        ...this.on,
        payloads: {
          secret: (id) => this.assignments.secrets.get(id),
          config: (id) => this.assignments.configs.get(id),
          arrival: (spec, signal) => this.awaitPayloads(spec, signal),
        },
        onStatus: (changed) => this.noteStatus(changed),
        onForgotten: (id) => this.noteForgotten(id),
      },
      task,
      machine,
    );
    this.runners.set(task.id, runner);
    return runner;
  }

  private async awaitPayloads(spec: ContainerSpec, signal: AbortSignal): Promise<void> {
    const complete = (): boolean =>
      spec.secrets.every(({ secretId }) => this.assignments.secrets.has(secretId)) &&
      spec.configs.every(({ configId }) => this.assignments.configs.has(configId));
    const deadline = this.on.clock.monotonic() + PAYLOAD_WAIT_MS;
    while (!complete() && this.on.clock.monotonic() < deadline) {
      const arrived = new ChildAbort(signal);
      const wake = (): void => arrived.abort();
      this.changeListeners.add(wake);
      try {
        await this.on.clock.sleep(PAYLOAD_WAIT_MS, arrived.signal).catch(() => undefined);
      } finally {
        arrived.release();
        this.changeListeners.delete(wake);
      }
      signal.throwIfAborted();
    }
  }

  private noteStatus(task: Task): void {
    this.persist(task);
    for (const listener of this.statusListeners) {
      listener({ taskId: task.id, status: task.status });
    }
  }

  private noteForgotten(id: Id): void {
    this.runners.delete(id);
    this.background(this.on.database.remove(id), id);
    if (this.runners.size === 0) {
      for (const listener of this.emptyListeners) {
        listener();
      }
      this.emptyListeners.clear();
    }
  }

  private persist(task: Task): void {
    this.background(this.on.database.save(task), task.id);
  }

  /** The task runs on without its file; a daemon that restarts before it is written will not know it. */
  private background(work: Promise<void>, task: Id): void {
    work.then(
      () => this.unsaved.delete(task),
      (error: unknown) => {
        this.on.logger.error({ task, error: errorMessage(error) }, 'the task file cannot be written');
        this.unsaved.add(task);
        if (!this.stopping) {
          this.savingAgain ??= this.on.clock.after(SAVE_AGAIN_MS, () => this.saveAgain());
        }
      },
    );
  }

  private saveAgain(): void {
    this.savingAgain = undefined;
    for (const id of this.unsaved) {
      const runner = this.runners.get(id);
      this.background(
        runner === undefined ? this.on.database.remove(id) : this.on.database.save(runner.task),
        id,
      );
    }
  }
}

function isAlive(info: ContainerInfo | undefined): boolean {
  return info !== undefined && info.exit === undefined;
}
