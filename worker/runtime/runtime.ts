// The containers of this node: made as OCI bundles, run by runc or crun under conmon, taken up again after
// a daemon restart. Knows nothing of tasks, images' origins or networks: the plan brings all of it.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import { PendingWork } from '../../shared/pending_work.ts';
import type { ContainerExit, ContainerInfo, ContainerPlan, ExecResult, ProbeCommand } from './api.ts';
import { removeCgroup, wasOomKilled } from './cgroups.ts';
import { type BundlePaths, ContainerBundles } from './container_bundles.ts';
import { type ContainerState, infoOf, loadState } from './container_state.ts';
import { ContainerStates } from './container_states.ts';
import { containerExists } from './errors.ts';
import { ExitWatcher } from './exit_watcher.ts';
import { type HostFacts, type RuntimePrograms, entriesOf } from './host_facts.ts';
import { logLimits } from './log_options.ts';
import { logFileNames, rotateLog } from './log_rotation.ts';
import { OciRuntime } from './oci_runtime.ts';
import { isAlive, signalProcess } from './process_identity.ts';
import { Semaphore } from './semaphore.ts';
import { signalNumber } from './signals.ts';

/** Docker's words for what ends a container unless image or service say otherwise. */
const DEFAULT_STOP_SIGNAL = 'SIGTERM';
/** More at once make each slower without finishing sooner: a start is CPU work of the kernel. */
const DEFAULT_CONCURRENCY = 4;
/** How often logs are moved along and monitors are checked to be alive: against drift, not the main path. */
const SWEEP_PERIOD_MS = 5_000;
/** After SIGKILL a container is gone in milliseconds unless the kernel is stuck in I/O. */
const KILL_WAIT_MS = 10_000;
const SIGKILL = 9;
/** What a shell shows for SIGKILL; the code of a container whose own is not known. */
const EXIT_KILLED = 137;
/** Of a container that was being created anew when the daemon ended. */
const HALF_MADE = { code: EXIT_KILLED, oomKilled: false, error: 'the daemon ended while it started', at: 0 };

export interface RuntimeDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly host: HostFacts;
  readonly programs: RuntimePrograms;
}

export interface RuntimeOptions {
  /** Daemon's state directory: bundles go to `<root>/containers`. */
  readonly root: string;
  /** Daemon's run-time directory (tmpfs). */
  readonly execRoot: string;
  /** Parent of all containers' cgroups; differs for daemons that share a machine. Default `skein`. */
  readonly cgroupParent?: string;
  readonly concurrency?: number;
}

export class ContainerRuntime implements Startable {
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly host: HostFacts;
  private readonly paths: BundlePaths;
  private readonly bundles: ContainerBundles;
  private readonly cgroupParent: string;
  private readonly oci: OciRuntime;
  private readonly exits: ExitWatcher;
  private readonly slots: Semaphore;
  private readonly states: ContainerStates;
  private readonly exitListeners = new Set<(id: string, exit: ContainerExit) => void>();
  private readonly pending = new PendingWork();
  private sweepTimer: Timer | undefined;
  private running = false;

  constructor(dependencies: RuntimeDependencies, options: RuntimeOptions) {
    this.clock = dependencies.clock;
    this.logger = dependencies.logger;
    this.host = dependencies.host;
    this.paths = {
      bundles: join(options.root, 'containers'),
      runs: join(options.execRoot, 'containers'),
      exits: join(options.execRoot, 'exits'),
    };
    this.cgroupParent = options.cgroupParent ?? 'skein';
    this.oci = new OciRuntime(dependencies, { stateRoot: join(options.execRoot, 'oci') });
    this.bundles = new ContainerBundles({ ...dependencies, oci: this.oci }, this.paths);
    this.states = new ContainerStates((id) => this.bundles.bundle(id));
    this.slots = new Semaphore(options.concurrency ?? DEFAULT_CONCURRENCY);
    this.exits = new ExitWatcher(
      {
        onFile: (id) => this.background(this.noteExit(id), 'noting an exit'),
        onFailure: (error) =>
          this.logger.error({ error: errorMessage(error) }, 'the watch on exit files failed'),
      },
      { directory: this.paths.exits },
    );
  }

  /** Takes up the containers that live, notes those that ended meanwhile, removes half-made ones. */
  async start(): Promise<void> {
    for (const directory of [this.paths.bundles, this.paths.runs]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
    await this.exits.start();
    this.running = true;
    for (const id of await entriesOf(this.paths.bundles)) {
      await this.takeUp(id);
    }
    for (const id of await entriesOf(this.paths.runs)) {
      if (this.states.get(id) === undefined) {
        await this.bundles.removeTraces(id, this.cgroupPath(id));
      }
    }
    this.scheduleSweep();
  }

  /** Stops watching; containers run on. When there is none, the cgroup they shared goes too. */
  async stop(): Promise<void> {
    this.running = false;
    this.sweepTimer?.cancel();
    this.exits.stop();
    await this.pending.settled();
    if (this.states.all().every((state) => state.phase === 'exited')) {
      await removeCgroup(this.host, `/${this.cgroupParent}`);
    }
  }

  list(): readonly ContainerInfo[] {
    return this.states.all().map(infoOf);
  }

  get(id: string): ContainerInfo | undefined {
    const state = this.states.get(id);
    return state === undefined ? undefined : infoOf(state);
  }

  /** Told once for each container that ends while this instance runs. Returns the way to stop listening. */
  onExit(listener: (id: string, exit: ContainerExit) => void): () => void {
    this.exitListeners.add(listener);
    return () => this.exitListeners.delete(listener);
  }

  /**
   * Mounts, writes the bundle and has conmon create the container; its program does not run yet. On
   * failure nothing is left behind. One that was cleaned may be created anew: its log goes on.
   * @returns warnings for the operator
   */
  async create(plan: ContainerPlan): Promise<readonly string[]> {
    const before = this.states.get(plan.id);
    if (before !== undefined && !before.cleaned) {
      throw containerExists(plan.id);
    }
    const stopSignal = (plan.spec.stopSignal ?? '') || plan.image.stopSignal || DEFAULT_STOP_SIGNAL;
    signalNumber(stopSignal);
    const state: ContainerState = {
      id: plan.id,
      phase: 'creating',
      init: undefined,
      monitor: undefined,
      startedAt: 0,
      stopSignal,
      cgroupsPath: this.cgroupPath(plan.id),
      log: logLimits(plan.logDriver),
      exit: undefined,
      cleaned: false,
      ...(before !== undefined && { renewed: true }),
    };
    this.states.note(state);
    try {
      const made = await this.slots.run(() => this.bundles.create(plan, state));
      await this.states.update(made.state);
      await this.rotate(made.state);
      return made.warnings;
    } catch (error) {
      await this.oci.delete(plan.id);
      await this.undo(state, before);
      throw error;
    }
  }

  /** Lets the container's program run. */
  async startContainer(id: string): Promise<ContainerInfo> {
    const state = this.states.require(id);
    await this.slots.run(() => this.oci.start(id));
    // The program may have ended already: its exit was noted and must not be overwritten.
    const latest = this.states.get(id) ?? state;
    const startedAt = this.clock.now();
    await this.states.update(
      latest.phase === 'created' ? { ...latest, phase: 'running', startedAt } : { ...latest, startedAt },
    );
    return infoOf(this.states.require(id));
  }

  /** Sends a signal to the container's init; nothing happens when it ended. */
  async kill(id: string, signal: string): Promise<void> {
    const state = this.states.require(id);
    await this.sendSignal(state, signalNumber(signal));
  }

  /** Sends the stop signal that image and service agreed on. */
  async signalStop(id: string): Promise<void> {
    await this.kill(id, this.states.require(id).stopSignal);
  }

  /** Resolves when the container has ended. */
  wait(id: string, signal?: AbortSignal): Promise<ContainerExit> {
    const exit = this.states.require(id).exit;
    if (exit !== undefined) {
      return Promise.resolve(exit);
    }
    return new Promise((resolve, reject) => {
      const done = (): void => {
        stop();
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        done();
        reject(signal?.reason);
      };
      const stop = this.onExit((ended, result) => {
        if (ended === id) {
          done();
          resolve(result);
        }
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Runs a command in the container as its own user and environment (health checks), at most until aborted. */
  exec(id: string, command: ProbeCommand, signal: AbortSignal): Promise<ExecResult> {
    return this.oci.exec(this.states.require(id).id, command, signal);
  }

  /** Ends it if need be and frees everything but the log: mounts, cgroup, run-time files. */
  async clean(id: string): Promise<void> {
    const state = this.states.get(id);
    if (state === undefined || state.cleaned) {
      return;
    }
    if (state.phase === 'running' || state.phase === 'created') {
      await this.killAndWait(state);
    }
    await this.slots.run(() => this.oci.delete(id));
    await this.bundles.removeTraces(id, state.cgroupsPath);
    await this.states.update({ ...(this.states.get(id) ?? state), phase: 'exited', cleaned: true });
  }

  /** `clean` and the log as well: the container is forgotten. */
  async remove(id: string): Promise<void> {
    await this.clean(id);
    this.states.forget(id);
    await rm(this.bundles.bundle(id), { recursive: true, force: true });
  }

  /** Where the log files lie, and their names oldest first; some may not exist. */
  logFiles(id: string): { readonly directory: string; readonly names: readonly string[] } | undefined {
    const state = this.states.get(id);
    return state === undefined
      ? undefined
      : { directory: this.bundles.bundle(id), names: logFileNames(state.log.maxFiles) };
  }

  /** Directory on tmpfs for run-time files of this container. */
  runDirectory(id: string): string {
    return this.bundles.run(id);
  }

  /** Directory of the bundle, with config.json; conmon listens there for a `ContainerConsole`. */
  bundleDirectory(id: string): string {
    return this.bundles.bundle(id);
  }

  private async rotate(state: ContainerState): Promise<void> {
    await rotateLog(this.bundles.bundle(state.id), state.log.maxFiles);
  }

  private async takeUp(id: string): Promise<void> {
    const state = await loadState(this.bundles.bundle(id));
    if (state === undefined || state.id !== id || state.phase === 'creating') {
      await this.oci.delete(id);
      await this.undo(
        { id, cgroupsPath: this.cgroupPath(id) },
        state?.renewed === true ? { ...state, exit: HALF_MADE } : undefined,
      );
      return;
    }
    this.states.note(state);
    if (state.phase === 'running' || state.phase === 'created') {
      await this.noteExit(id);
      await this.checkMonitor(this.states.require(id));
    }
  }

  /** After half a creation: of one that had run before, the log stays. */
  private async undo(
    { id, cgroupsPath }: Pick<ContainerState, 'id' | 'cgroupsPath'>,
    before: ContainerState | undefined,
  ): Promise<void> {
    if (before === undefined) {
      this.states.forget(id);
      await this.bundles.removeAll(id, cgroupsPath);
    } else {
      await this.bundles.removeTraces(id, cgroupsPath);
      await this.states.update({ ...before, phase: 'exited', cleaned: true });
    }
  }

  /** Reads the exit file, if it is there, and tells the listeners once. */
  private async noteExit(id: string): Promise<void> {
    const code = await this.exits.read(id);
    if (code !== undefined) {
      const state = this.states.get(id);
      const oomKilled = await wasOomKilled(this.host, state?.cgroupsPath, this.bundles.run(id));
      await this.ended(id, { code, oomKilled, error: '', at: this.clock.now() });
    }
  }

  private async ended(id: string, exit: ContainerExit): Promise<void> {
    const state = this.states.get(id);
    if (state === undefined || state.exit !== undefined || state.phase === 'creating') {
      return;
    }
    const next: ContainerState = { ...state, phase: 'exited', exit };
    this.states.note(next);
    await this.states.update(next);
    for (const listener of this.exitListeners) {
      listener(id, exit);
    }
  }

  /** Without its monitor a container cannot be waited for: it is ended, and said so. */
  private async checkMonitor(state: ContainerState): Promise<void> {
    if (state.exit !== undefined || (state.monitor !== undefined && (await isAlive(state.monitor)))) {
      return;
    }
    // conmon writes the exit file before it ends: look once more before the worst is believed.
    await this.noteExit(state.id);
    if (this.states.get(state.id)?.exit === undefined) {
      await this.sendSignal(state, SIGKILL);
      const error = 'the container ended unseen (the host restarted, or its monitor was killed)';
      await this.ended(state.id, { code: EXIT_KILLED, oomKilled: false, error, at: this.clock.now() });
    }
  }

  private async killAndWait(state: ContainerState): Promise<void> {
    await this.sendSignal(state, SIGKILL);
    const limit = new AbortController();
    const timer = this.clock.after(KILL_WAIT_MS, () => limit.abort());
    try {
      await this.wait(state.id, limit.signal);
    } catch {
      this.logger.warn(
        { container: state.id },
        'a killed container did not end in time; removing it by force',
      );
    } finally {
      timer.cancel();
    }
  }

  private async sendSignal({ init }: ContainerState, signal: number): Promise<void> {
    if (init !== undefined) {
      await signalProcess(init, signal);
    }
  }

  private cgroupPath(id: string): string {
    return `/${this.cgroupParent}/${id}`;
  }

  private scheduleSweep(): void {
    if (this.running) {
      this.sweepTimer = this.clock.after(SWEEP_PERIOD_MS, () => {
        this.background(
          this.sweep().finally(() => this.scheduleSweep()),
          'looking after containers',
        );
      });
    }
  }

  private async sweep(): Promise<void> {
    for (const state of this.states.all()) {
      if (state.phase === 'running') {
        await this.rotate(state);
        await this.checkMonitor(state);
      }
    }
  }

  private background(work: Promise<void>, what: string): void {
    this.pending
      .add(work)
      .catch((error: unknown) => this.logger.error({ error: errorMessage(error) }, `${what} failed`));
  }
}
