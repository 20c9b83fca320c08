// Drives one task: feeds events to its machine (task_step.ts) and does the work it orders with the image
// store, volumes, network and runtime. Decides nothing of its own but time limits.
import { ChildAbort } from '../../shared/child_abort.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { PortConfig } from '../../shared/model/endpoint.ts';
import type { Task, TaskStatus } from '../../shared/model/task.ts';
import { PendingWork } from '../../shared/pending_work.ts';
import type { ImageStore } from '../image/api.ts';
import { parseRegistryAuth } from '../image/registry_auth.ts';
import type { NetworkPlane } from '../network/api.ts';
import { type HealthPlan, healthPlan } from '../runtime/health.ts';
import { monitorHealth } from '../runtime/health_monitor.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { removeAnonymousVolumes, resolveMounts } from '../runtime/spec_mounts.ts';
import type { LocalVolumes } from '../volume/local_volumes.ts';
import { type TemplateNode, expandSpec } from './spec_template.ts';
import { type PayloadSource, attachRequest, containerPlan, payloadsOf } from './task_plan.ts';
import { type Report, type TaskAction, type TaskEvent, type TaskMachine, step } from './task_step.ts';

/** Swarm's default between stop signal and SIGKILL. */
const DEFAULT_GRACE_MS = 10_000;
/** A dispatcher that cannot collect every node's acknowledgement must not hold up a stop longer than this. */
const DRAIN_WAIT_MS = 1_000;
/**
 * Between the last node's acknowledgement and the stop signal: connections that were led here just before have
 * arrived and wait to be accepted, and a server that closes its socket at the signal would reset them.
 */
const DRAIN_SETTLE_MS = 100;
/** The kernel's table takes milliseconds; the stop waits no longer for it. */
const SHUT_LIMIT_MS = 500;
/**
 * A task that was stopped before every node had said that it sends nothing more keeps its network so much longer, or
 * until the word comes: callers that are led here yet get no answer and ask again, where without it they were refused.
 */
const LATE_CALLERS_MS = 5_000;
/**
 * A task that ended as it was told to has its last bytes delivered first. That takes as long as a packet travels; a
 * client that reads slowly, or is gone, does not hold up the stop for longer than this.
 */
const FAREWELL_MS = 3_000;
/** Freeing a namespace takes milliseconds; the end of a task is reported after this in any case. */
const DETACH_LIMIT_MS = 3_000;
/** Freeing what a task held is tried again (a mount may be busy for a moment), but not for ever. */
const RELEASE_TRIES = 5;
const RELEASE_RETRY_MS = 2_000;

export interface RunnerDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: ContainerRuntime;
  readonly images: ImageStore;
  readonly network: NetworkPlane;
  readonly volumes: LocalVolumes;
  readonly payloads: PayloadSource;
  readonly node: () => TemplateNode;
  /** Told each state in order, with the task as it is now. */
  readonly onStatus: (task: Task) => void;
  readonly onForgotten: (taskId: string) => void;
}

export class TaskRunner {
  private readonly on: RunnerDependencies;
  private current: Task;
  private machine: TaskMachine;
  private readonly events: TaskEvent[] = [];
  private stepping = false;
  private drained = false;
  /** Stopped before the managers' word came that it is drained. */
  private isShut = false;
  private toldToStop = false;
  private ports: readonly PortConfig[];
  private health: HealthPlan | undefined;
  private readonly preparing = new AbortController();
  private readonly probing = new AbortController();
  private readonly stopping = new AbortController();
  /** Aborts when the managers' word comes. */
  private readonly awaitingWord = new AbortController();
  private readonly pending = new PendingWork();
  private timer: Timer | undefined;

  constructor(dependencies: RunnerDependencies, task: Task, machine: TaskMachine) {
    this.on = dependencies;
    this.current = task;
    this.machine = machine;
    this.ports = task.status.ports;
  }

  get task(): Task {
    return this.current;
  }

  get stage(): TaskMachine['stage'] {
    return this.machine.stage;
  }

  /** The managers' newest word on this task. */
  assign(task: Task): void {
    this.current = { ...task, status: this.current.status };
    this.dispatch({ kind: 'assigned', desired: task.desiredState });
  }

  noteDrained(): void {
    this.drained = true;
    this.awaitingWord.abort();
    if (this.machine.stage === 'draining') {
      this.awaitDrain();
    }
  }

  /** Leaves the container as it is; nothing more is begun or reported. Resolves when what was begun has ended. */
  async stop(): Promise<void> {
    this.end();
    await this.pending.settled();
  }

  /**
   * Takes up a container found alive after a restart; its health is watched again.
   * @param reported the managers were told that it runs
   */
  resume(reported: boolean): void {
    this.health = this.findHealth();
    if (!reported) {
      this.dispatch({ kind: 'started', checksHealth: this.health !== undefined });
    } else if (this.health !== undefined) {
      this.probe(this.health);
    }
    this.assign(this.current);
  }

  dispatch(event: TaskEvent): void {
    this.events.push(event);
    if (this.stepping) {
      return;
    }
    this.stepping = true;
    try {
      for (
        let next = this.events.shift();
        next !== undefined && !this.stopping.signal.aborted;
        next = this.events.shift()
      ) {
        const { machine, actions } = step(this.machine, next);
        this.machine = machine;
        for (const action of actions) {
          this.perform(action);
        }
      }
    } finally {
      this.stepping = false;
    }
  }

  private end(): void {
    this.stopping.abort(new Error('the daemon stops'));
    this.timer?.cancel();
    this.preparing.abort();
    this.probing.abort();
  }

  private perform(action: TaskAction): void {
    switch (action.kind) {
      case 'report':
        this.report(action);
        break;
      case 'prepare':
        this.work(this.prepare(), { kind: 'prepared' }, (error) => ({
          kind: 'prepare-failed',
          error,
        }));
        break;
      case 'abort-prepare':
        this.preparing.abort(new Error('the task was told to end'));
        break;
      case 'start':
        this.health ??= this.findHealth();
        this.work(
          this.on.runtime.startContainer(this.current.id).then(() => undefined),
          { kind: 'started', checksHealth: this.health !== undefined },
          (error) => ({ kind: 'start-failed', error }),
        );
        break;
      case 'check-health':
        if (this.health !== undefined) {
          this.probe(this.health);
        }
        break;
      case 'await-drain':
        this.awaitDrain();
        break;
      case 'stop':
        this.stopContainer();
        break;
      case 'kill':
        this.signal(this.on.runtime.kill(this.current.id, 'KILL'));
        break;
      case 'detach':
        this.work(this.detach(), { kind: 'detached' }, () => ({ kind: 'detached' }));
        break;
      case 'release':
        this.work(this.release(), { kind: 'released' }, () => ({ kind: 'released' }));
        break;
      case 'forget':
        this.signal(this.forget());
        break;
    }
  }

  private async prepare(): Promise<void> {
    const { images, network, volumes, runtime, payloads } = this.on;
    const { signal } = this.preparing;
    const task = this.current;
    const spec = expandSpec(task, this.on.node());
    await payloads.arrival(spec, signal);
    const files = payloadsOf(spec, payloads);
    const auth = spec.registryAuth === undefined ? undefined : parseRegistryAuth(spec.registryAuth);
    const image = await images.ensure(spec.image, { signal, ...(auth !== undefined && { auth }) });
    this.health = healthPlan(spec.healthcheck, image.config.healthcheck);
    const [{ lowerDirs }, sandbox] = await bothSettled(
      images.hold(image.id, task.id),
      network.attach(attachRequest(task, spec), signal),
    );
    this.ports = sandbox.ports;
    const mounts = await resolveMounts(volumes, task.id, spec, lowerDirs, image.config.volumes);
    signal.throwIfAborted();
    const plan = containerPlan({ task, spec, image, lowerDirs, sandbox, mounts, ...files });
    for (const warning of await runtime.create(plan)) {
      this.on.logger.warn({ task: task.id }, warning);
    }
  }

  private findHealth(): HealthPlan | undefined {
    const { image, healthcheck } = this.current.spec.container;
    return healthPlan(healthcheck, this.on.images.find(image)?.config.healthcheck);
  }

  private probe(plan: HealthPlan): void {
    const startedAt = this.on.runtime.get(this.current.id)?.startedAt ?? this.on.clock.now();
    const onChange = (status: string, output: string): void => {
      if (status === 'unhealthy') {
        this.on.logger.warn({ task: this.current.id, output: output.trim() }, 'container is unhealthy');
      }
      this.dispatch({ kind: status === 'unhealthy' ? 'unhealthy' : 'healthy' });
    };
    this.signal(monitorHealth(this.on, this.current.id, plan, startedAt, onChange, this.probing.signal));
  }

  private awaitDrain(): void {
    const balanced = this.current.networks.some((network) => network.addresses.length > 0);
    if (!balanced) {
      this.dispatch({ kind: 'drained' });
      return;
    }
    if (this.drained) {
      this.setTimer(DRAIN_SETTLE_MS, { kind: 'drained' });
      return;
    }
    this.timer?.cancel();
    this.timer = this.on.clock.after(DRAIN_WAIT_MS, () => {
      this.on.logger.warn(
        { task: this.current.id, limitMs: DRAIN_WAIT_MS },
        'stopped before every node of its networks had said that it sends nothing more: new connections wait',
      );
      this.signal(this.stopShut());
    });
  }

  /** Late callers find no answer rather than a server that takes no more. */
  private async stopShut(): Promise<void> {
    const { network, clock } = this.on;
    this.isShut = true;
    const limit = new AbortController();
    try {
      await Promise.race([
        network.shut(this.current.id),
        clock.sleep(SHUT_LIMIT_MS, limit.signal).catch(() => undefined),
      ]);
    } finally {
      limit.abort();
      this.dispatch({ kind: 'drained' });
    }
  }

  private stopContainer(): void {
    this.probing.abort();
    this.toldToStop = true;
    const exit = this.on.runtime.get(this.current.id)?.exit;
    if (exit !== undefined) {
      this.dispatch({ kind: 'exited', ...exit });
      return;
    }
    this.setTimer(this.current.spec.container.stopGracePeriodMs ?? DEFAULT_GRACE_MS, { kind: 'grace-over' });
    this.signal(this.on.runtime.signalStop(this.current.id));
  }

  private async detach(): Promise<void> {
    this.timer?.cancel();
    this.probing.abort();
    const { id } = this.current;
    if (this.on.runtime.get(id)?.phase !== 'exited') {
      // It never ran: its init only waits to be started, and sits in the namespace.
      await this.on.runtime.clean(id);
    }
    if (this.toldToStop) {
      await this.on.network.farewell(id, FAREWELL_MS);
    }
    if (this.isShut && !this.drained) {
      const ends = new ChildAbort(this.awaitingWord.signal, this.stopping.signal);
      await this.on.clock.sleep(LATE_CALLERS_MS, ends.signal).catch(() => undefined);
      ends.release();
    }
    const limit = new AbortController();
    try {
      await Promise.race([
        this.on.network.detach(id),
        this.on.clock.sleep(DETACH_LIMIT_MS, limit.signal).catch(() => undefined),
      ]);
    } finally {
      limit.abort();
    }
  }

  private async release(): Promise<void> {
    const { id } = this.current;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.on.runtime.clean(id);
        await this.on.images.release(id);
        this.on.volumes.release(id);
        await removeAnonymousVolumes(this.on.volumes, id);
        return;
      } catch (error) {
        this.on.logger.warn(
          { task: id, attempt, error: errorMessage(error) },
          'freeing an ended task failed',
        );
        if (attempt >= RELEASE_TRIES || this.stopping.signal.aborted) {
          throw error;
        }
        await this.on.clock.sleep(RELEASE_RETRY_MS, this.stopping.signal);
      }
    }
  }

  private async forget(): Promise<void> {
    await this.on.runtime.remove(this.current.id);
    this.end();
    this.on.onForgotten(this.current.id);
  }

  private report(report: Report): void {
    const info = this.on.runtime.get(this.current.id);
    const status: TaskStatus = {
      state: report.state,
      timestamp: this.on.clock.now(),
      message: report.message,
      error: report.error,
      ports: this.ports,
      ...(info === undefined
        ? {}
        : { container: { containerId: info.id, pid: info.pid, exitCode: info.exit?.code ?? 0 } }),
    };
    this.current = { ...this.current, status };
    this.on.onStatus(this.current);
  }

  private setTimer(delayMs: number, event: TaskEvent): void {
    this.timer?.cancel();
    this.timer = this.on.clock.after(delayMs, () => this.dispatch(event));
  }

  private work(work: Promise<void>, done: TaskEvent, failed: (error: string) => TaskEvent): void {
    this.pending.add(work).then(
      () => this.dispatch(done),
      (error: unknown) => {
        this.on.logger.info({ task: this.current.id, error: errorMessage(error) }, `not ${done.kind}`);
        this.dispatch(failed(errorMessage(error)));
      },
    );
  }

  private signal(work: Promise<void>): void {
    this.pending
      .add(work)
      .catch((error: unknown) =>
        this.on.logger.warn({ task: this.current.id, error: errorMessage(error) }, 'work on a task failed'),
      );
  }
}

/** Both results; a failure is told only when the other has ended too, so that what it took can be freed. */
async function bothSettled<A, B>(one: Promise<A>, other: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}
