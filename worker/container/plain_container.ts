// One plain container: started, stopped, waited for, removed. Its operations go one after the other; its end may come
// at any time. The work of a run is launch.ts's, the rules of starting again restart_decision.ts's.
import { ChildAbort } from '../../shared/child_abort.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { AttachRequest } from '../network/api.ts';
import type { ContainerExit } from '../runtime/api.ts';
import { ContainerConsole, resizeConsole } from '../runtime/console.ts';
import type { LogLine } from '../runtime/cri_log.ts';
import type { LogReadOptions } from '../runtime/log_reader.ts';
import { signalNumber } from '../runtime/signals.ts';
import type { ContainerRecord, ContainerStatus, ContainerView, WaitCondition, WaitResult } from './api.ts';
import { Consoles } from './consoles.ts';
import { GONE, endRun, mustEnd } from './ending.ts';
import { beingRemoved, notRunning, stillRunning } from './errors.ts';
import { readContainerLog } from './container_log.ts';
import { HealthWatch } from './health_watch.ts';
import { type LaunchDependencies, attachRequest, freeRun, giveBack, prepareRun } from './launch.ts';
import { restartDelay, startsWithDaemon } from './restart_decision.ts';
import { Waiters } from './waiters.ts';
import { WorkQueue } from './work_queue.ts';

const SIGKILL = 9;
/** What docker shows of a container whose program could not be started. */
const EXIT_NOT_STARTED = 127;

export interface PlainContainerDependencies extends LaunchDependencies {
  readonly clock: Clock;
  readonly save: (record: ContainerRecord) => Promise<void>;
  /** Removes the record and what it wrote. */
  readonly discard: (id: string) => Promise<void>;
  readonly onRemoved: (id: string) => void;
}

export class PlainContainer {
  private readonly on: PlainContainerDependencies;
  private readonly writable: string;
  private current: ContainerRecord;
  private status: ContainerStatus;
  private readonly work: WorkQueue;
  private readonly waiters = new Waiters();
  private readonly consoles: Consoles;
  private launching: ChildAbort | undefined;
  private readonly health: HealthWatch;
  private readonly watching = new AbortController();
  private restartTimer: Timer | undefined;
  private lastDelayMs = 0;

  constructor(
    dependencies: PlainContainerDependencies,
    options: { readonly record: ContainerRecord; readonly writable: string },
  ) {
    this.on = dependencies;
    this.current = options.record;
    this.writable = options.writable;
    this.status = options.record.startedAt === 0 ? 'created' : 'exited';
    this.work = new WorkQueue((error) =>
      this.on.logger.warn({ container: this.id, error: errorMessage(error) }, 'work on a container failed'),
    );
    this.health = new HealthWatch(dependencies);
    this.consoles = new Consoles(() => new ContainerConsole(this.on.runtime.bundleDirectory(this.id)));
  }

  get id(): string {
    return this.current.id;
  }

  get record(): ContainerRecord {
    return this.current;
  }

  view(): ContainerView {
    const isRunning = this.status === 'running';
    const health = isRunning ? this.health.status : undefined;
    return {
      record: this.current,
      status: this.status,
      pid: isRunning ? (this.on.runtime.get(this.id)?.pid ?? 0) : 0,
      ...(health !== undefined && { health }),
    };
  }

  /** How it is attached to networks; undefined when nothing of it lives. */
  attachRequest(): AttachRequest | undefined {
    const info = this.on.runtime.get(this.id);
    if (info?.phase !== 'running' || this.current.config.networking.kind === 'host') {
      return undefined;
    }
    const image = this.on.images.find(this.current.imageId)?.config;
    const request = attachRequest(this.current, this.current.run?.attachments ?? [], image);
    return { ...request, ...(info.kept !== undefined && { kept: info.kept }) };
  }

  /** At the daemon's start: takes up what lives, notes an end that came meanwhile, and starts again what is to be. */
  async takeUp(): Promise<void> {
    const info = this.on.runtime.get(this.id);
    if (info?.phase === 'running') {
      this.status = 'running';
      this.health.start(this.current);
      return;
    }
    if (info?.phase === 'created' || this.current.startedAt > this.current.finishedAt) {
      this.status = 'running';
      const exit = info?.exit ?? { ...GONE, at: this.on.clock.now() };
      await this.work.run(() => this.ended(exit, 'daemon'));
    } else if (info !== undefined && !info.cleaned) {
      await this.on.runtime.clean(this.id);
    }
    if (this.current.startedAt > 0 && startsWithDaemon(this.current.config.restart, this.current)) {
      this.scheduleRestart(0);
    }
  }

  /** The daemon ends; the container goes on. */
  async stopWatching(): Promise<void> {
    this.restartTimer?.cancel();
    this.watching.abort(new Error('the daemon stops'));
    this.health.stop();
    this.consoles.closeAll();
    await this.work.settled();
  }

  /** @returns false when it runs already */
  start(): Promise<boolean> {
    return this.work.run(() => this.startNow());
  }

  /** @returns false when it did not run */
  stop(graceSeconds: number | undefined): Promise<boolean> {
    return this.work.run(() => this.stopNow(graceSeconds));
  }

  restart(graceSeconds: number | undefined): Promise<void> {
    return this.work.run(async () => {
      await this.stopNow(graceSeconds);
      if (this.current.config.autoRemove) {
        throw beingRemoved(this.id);
      }
      await this.startNow();
    });
  }

  /** Does not wait for a stop that is under way: the signal goes at once. SIGKILL is waited for. */
  async kill(signal: string): Promise<void> {
    const number = signalNumber(signal);
    if (this.status !== 'running') {
      throw notRunning(this.id);
    }
    const stopSignal = this.on.runtime.get(this.id)?.stopSignal ?? '';
    if (number === SIGKILL || number === signalNumber(stopSignal || 'TERM')) {
      await this.note({ stoppedByUser: true });
    }
    await this.on.runtime.kill(this.id, signal);
    if (number === SIGKILL) {
      this.consoles.closeStalled();
      await this.work.run(() => this.awaitEnd());
    }
  }

  /** @param options.volumes its anonymous volumes go too */
  async remove(options: { readonly force: boolean; readonly volumes: boolean }): Promise<void> {
    if (options.force) {
      this.launching?.abort(beingRemoved(this.id));
      if (this.status === 'running') {
        await this.note({ stoppedByUser: true });
        await this.on.runtime.kill(this.id, 'KILL');
        this.consoles.closeStalled();
      }
    } else if (this.status === 'running' || this.status === 'restarting') {
      throw stillRunning(this.current.name, this.status);
    }
    await this.work.run(async () => {
      if (this.status === 'running') {
        if (!options.force) {
          throw stillRunning(this.current.name, this.status);
        }
        await this.awaitEnd();
      }
      await this.removeNow(options.volumes);
    });
  }

  wait(condition: WaitCondition, signal: AbortSignal): Promise<WaitResult> {
    const ended = this.status !== 'running' && this.status !== 'restarting';
    if (condition === 'not-running' && ended) {
      return Promise.resolve(this.result());
    }
    return this.waiters.wait(condition, signal);
  }

  /** Now if it runs, else as soon as it is about to start: nothing of its output is missed. */
  openConsole(signal: AbortSignal): Promise<ContainerConsole> {
    // One that has just ended is not noted as such yet.
    const isAlive = this.status === 'running' && this.on.runtime.get(this.id)?.exit === undefined;
    return this.consoles.open(isAlive, signal);
  }

  /** Its lines, those of earlier runs first. @throws SkeinError `no-log` */
  log(options: LogReadOptions, signal: AbortSignal): AsyncIterable<LogLine> {
    return readContainerLog(this.on.runtime, this.current, this.wait('not-running', signal), options, signal);
  }

  /** The size of its terminal, in characters. */
  resize(size: { readonly height: number; readonly width: number }): void {
    if (this.status !== 'running') {
      throw notRunning(this.id);
    }
    resizeConsole(this.on.runtime.bundleDirectory(this.id), size);
  }

  async rename(name: string): Promise<void> {
    await this.work.run(() => this.note({ name }));
  }

  /** The runtime has seen an end; when its turn comes, that may be an earlier run's. */
  noteExit(): void {
    this.work.later(async () => {
      const exit = this.on.runtime.get(this.id)?.exit;
      if (exit !== undefined) {
        await this.ended(exit, 'now');
      }
    });
  }

  /** Its address on a network of the cluster may be another's by now: the run ends, and its restart policy decides. */
  loseNetwork(reason: string): void {
    this.work.later(async () => {
      if (this.status === 'running') {
        await this.endRun(undefined);
        const exit = this.on.runtime.get(this.id)?.exit ?? { ...GONE, at: this.on.clock.now() };
        await this.ended({ ...exit, error: reason }, 'now');
      }
    });
  }

  private async startNow(): Promise<boolean> {
    if (this.status === 'removing') {
      throw beingRemoved(this.id);
    }
    if (this.status === 'running') {
      return false;
    }
    this.restartTimer?.cancel();
    this.lastDelayMs = 0;
    await this.note({ stoppedByUser: false, restartCount: 0, error: '' });
    await this.launch();
    return true;
  }

  private async launch(): Promise<void> {
    const launching = new ChildAbort(this.watching.signal);
    this.launching = launching;
    try {
      const run = await prepareRun(this.on, this.current, {
        writable: this.writable,
        signal: launching.signal,
      });
      this.consoles.connect();
      await this.note({ run, startedAt: this.on.clock.now(), exitCode: 0, oomKilled: false, error: '' });
      await this.on.runtime.startContainer(this.id);
      this.status = 'running';
      this.consoles.connect();
      this.health.start(this.current);
    } catch (error) {
      await this.launchFailed(errorMessage(error));
      throw error;
    } finally {
      launching.release();
    }
  }

  private async launchFailed(error: string): Promise<void> {
    await freeRun(this.on, this.current, { wasStopped: false });
    if (this.watching.signal.aborted) {
      return;
    }
    this.status = this.current.finishedAt === 0 ? 'created' : 'exited';
    this.consoles.giveUp();
    await this.note({ exitCode: EXIT_NOT_STARTED, startedAt: this.current.finishedAt, error });
    this.waiters.settle('ended', this.result());
    if (this.current.config.autoRemove) {
      await this.removeNow(true);
    }
  }

  private async stopNow(graceSeconds: number | undefined): Promise<boolean> {
    if (this.status === 'restarting') {
      this.restartTimer?.cancel();
      this.status = 'exited';
      await this.note({ stoppedByUser: true });
      this.waiters.settle('ended', this.result());
      return true;
    }
    if (this.status !== 'running') {
      return false;
    }
    await this.note({ stoppedByUser: true });
    await this.endRun(graceSeconds);
    await this.awaitEnd();
    return true;
  }

  private endRun(graceSeconds: number | undefined): Promise<void> {
    this.health.stop();
    const onKill = (): void => this.consoles.closeStalled();
    return endRun(this.on, this.current, { graceSeconds, onKill, signal: this.watching.signal });
  }

  /** After SIGKILL; in the queue. */
  private async awaitEnd(): Promise<void> {
    if (this.status !== 'running') {
      return;
    }
    await mustEnd(this.on, this.id, this.watching.signal);
    const exit = this.on.runtime.get(this.id)?.exit;
    await this.ended(exit ?? { ...GONE, at: this.on.clock.now() }, 'now');
  }

  /** @param seen `daemon`: at the daemon's start, where other rules say what is started again */
  private async ended(exit: ContainerExit, seen: 'now' | 'daemon'): Promise<void> {
    if (this.status !== 'running') {
      return;
    }
    this.health.stop();
    const { stoppedByUser, startedAt, config } = this.current;
    await freeRun(this.on, this.current, { wasStopped: stoppedByUser });
    await this.note({
      finishedAt: Math.max(exit.at, startedAt + 1),
      exitCode: exit.code,
      oomKilled: exit.oomKilled,
      error: exit.error,
    });
    const delay =
      seen === 'daemon'
        ? undefined
        : restartDelay(config.restart, {
            ...this.current,
            ranMs: exit.at - startedAt,
            lastDelayMs: this.lastDelayMs,
          });
    this.status = delay === undefined ? 'exited' : 'restarting';
    this.waiters.settle('ended', this.result());
    if (delay !== undefined) {
      this.scheduleRestart(delay);
    } else if (config.autoRemove) {
      await this.removeNow(true);
    }
  }

  private scheduleRestart(delayMs: number): void {
    if (this.watching.signal.aborted) {
      return;
    }
    this.status = 'restarting';
    this.lastDelayMs = delayMs;
    this.restartTimer = this.on.clock.after(delayMs, () => this.work.later(() => this.again()));
  }

  private async again(): Promise<void> {
    if (this.status !== 'restarting' || this.watching.signal.aborted) {
      return;
    }
    await this.note({ restartCount: this.current.restartCount + 1 });
    try {
      await this.launch();
    } catch (error) {
      const run = { ...this.current, ranMs: 0, lastDelayMs: this.lastDelayMs };
      const delay = restartDelay(this.current.config.restart, run);
      if (delay === undefined) {
        throw error;
      }
      this.scheduleRestart(delay);
    }
  }

  private async removeNow(volumes: boolean): Promise<void> {
    if (this.status === 'removing' || this.status === 'dead') {
      return;
    }
    this.restartTimer?.cancel();
    this.status = 'removing';
    const { id } = this;
    try {
      await this.on.runtime.remove(id);
      await this.on.discard(id);
      await giveBack(this.on, id, volumes);
    } catch (error) {
      this.status = 'exited';
      throw error;
    }
    this.status = 'dead';
    this.consoles.giveUp();
    this.on.onRemoved(id);
    this.waiters.settle('removed', this.result());
  }

  private result(): WaitResult {
    const { exitCode, error } = this.current;
    return { exitCode, error };
  }

  private async note(change: Partial<ContainerRecord>): Promise<void> {
    this.current = { ...this.current, ...change };
    await this.on.save(this.current);
  }
}
