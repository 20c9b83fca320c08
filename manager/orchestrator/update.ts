// The rolling update of one service as a pure decision: which outdated instances are replaced now, whether
// the update failed, and what the service's update status says. Almost everything is derived from the store;
// the `UpdateRun` remembers what the store does not show, and a new leader makes do without it.
import type { Id } from '../../shared/model/meta.ts';
import type { Service, UpdateConfig, UpdateState, UpdateStatus } from '../../shared/model/service.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import { type Healed, type HealContext, replacement } from './heal.ts';
import { endedByItself } from './instance.ts';
import { type Change, type Decision, earlier, type Step } from './plan.ts';
import { restartPolicy } from './restart.ts';

/** Docker's defaults. */
export const DEFAULT_UPDATE: UpdateConfig = {
  parallelism: 1,
  delayMs: 0,
  failureAction: 'pause',
  monitorMs: 5_000,
  maxFailureRatio: 0,
  order: 'stop-first',
};

/** What the leader saw of one update; keyed by the spec it moves to. */
export interface UpdateRun {
  readonly specVersion: number;
  readonly startedAtMs: number;
  /** Instances that were outdated when it began: what the failure ratio is of. */
  readonly total: number;
  /** Instances replaced by this update. */
  readonly touched: ReadonlySet<string>;
  /** When an instance's new task was first seen running or ended. */
  readonly doneAtMs: ReadonlyMap<string, number>;
  readonly runningSinceMs: ReadonlyMap<Id, number>;
  /** Instances whose new task ended within the monitor period, with that task. */
  readonly failed: ReadonlyMap<string, Id>;
}

export interface UpdateDecision extends Decision {
  /** To be remembered until the next decision; undefined when no update runs. */
  readonly run: UpdateRun | undefined;
}

type Progress = 'none' | 'updating' | 'rollback_started' | 'paused';

/** @param healed every instance that the service keeps, as left by `healInstance`. */
export function decideUpdate(
  service: Service,
  healed: readonly Healed[],
  context: HealContext,
  before: UpdateRun | undefined,
): UpdateDecision {
  const progress = progressOf(service, before);
  const outdated = healed.filter((one) => one.dirty);
  if (progress === 'paused') {
    return { steps: [], run: before };
  }
  if (progress === 'none' && outdated.length === 0) {
    return { steps: [], run: undefined };
  }
  const config =
    (progress === 'rollback_started' ? service.spec.rollback : service.spec.update) ?? DEFAULT_UPDATE;
  const started = currentRun(service, healed, outdated.length, context.now, progress, before);
  const run = observe(started, service, healed, config, context.now);
  const failure = failureChange(service, run, config, progress, context.now);
  if (failure !== undefined) {
    return { steps: [{ reason: 'update failed', changes: [failure] }], run };
  }
  return proceed(service, healed, outdated, config, progress, run, context);
}

/** A pause holds until the spec changes or the control API clears the status. */
function progressOf(service: Service, run: UpdateRun | undefined): Progress {
  const state = service.updateStatus?.state;
  switch (state) {
    case 'updating':
    case 'rollback_started':
      return state;
    case 'paused':
    case 'rollback_paused':
      return run !== undefined && run.specVersion !== service.specVersion ? 'none' : 'paused';
    default:
      return 'none';
  }
}

/** The run going on, or a new one; after a change of leader the replaced instances are found by their age. */
function currentRun(
  service: Service,
  healed: readonly Healed[],
  outdated: number,
  now: number,
  progress: Progress,
  before: UpdateRun | undefined,
): UpdateRun {
  if (progress !== 'none' && before?.specVersion === service.specVersion) {
    return before;
  }
  const startedAtMs = progress === 'none' ? now : (service.updateStatus?.startedAt ?? now);
  const resumed = progress !== 'none' && before === undefined;
  const touched = healed
    .filter(({ instance }) => resumed && instance.tasks.some((task) => isOfRun(task, service, startedAtMs)))
    .map(({ instance }) => instance.key);
  return {
    specVersion: service.specVersion,
    startedAtMs,
    total: outdated + touched.length,
    touched: new Set(touched),
    doneAtMs: new Map(),
    runningSinceMs: new Map(),
    failed: new Map(),
  };
}

function isOfRun(task: Task, service: Service, startedAtMs: number): boolean {
  return task.specVersion === service.specVersion && task.meta.createdAt >= startedAtMs;
}

/** Notes what became of the new tasks since the last look. */
function observe(
  run: UpdateRun,
  service: Service,
  healed: readonly Healed[],
  config: UpdateConfig,
  now: number,
): UpdateRun {
  const doneAtMs = new Map(run.doneAtMs);
  const runningSinceMs = new Map(run.runningSinceMs);
  const failed = new Map(run.failed);
  for (const { instance } of healed.filter((one) => run.touched.has(one.instance.key))) {
    for (const task of instance.tasks.filter((one) => isOfRun(one, service, run.startedAtMs))) {
      if (task.status.state === 'running' && !runningSinceMs.has(task.id)) {
        runningSinceMs.set(task.id, now);
      }
      if (task.status.state === 'running' || endedByItself(task)) {
        doneAtMs.set(instance.key, doneAtMs.get(instance.key) ?? now);
      }
      const since = runningSinceMs.get(task.id) ?? now;
      if (isFailure(task) && now - since <= config.monitorMs && !failed.has(instance.key)) {
        failed.set(instance.key, task.id);
      }
    }
  }
  return { ...run, doneAtMs, runningSinceMs, failed };
}

/** An early end counts as failure too, unless the restart policy expects tasks to complete. */
function isFailure(task: Task): boolean {
  const expected = task.status.state === 'complete' && restartPolicy(task).condition !== 'any';
  return endedByItself(task) && !expected;
}

/** Pauses or rolls back once the share of failed instances is greater than allowed. */
function failureChange(
  service: Service,
  run: UpdateRun,
  config: UpdateConfig,
  progress: Progress,
  now: number,
): Change | undefined {
  const failedTask = [...run.failed.values()].at(-1);
  if (failedTask === undefined || config.failureAction === 'continue') {
    return undefined;
  }
  if (run.failed.size / run.total <= config.maxFailureRatio) {
    return undefined;
  }
  const cause = `due to failure or early termination of task ${failedTask}`;
  if (progress === 'rollback_started') {
    return {
      kind: 'update-status',
      status: status(service, 'rollback_paused', `rollback paused ${cause}`, now),
    };
  }
  if (config.failureAction === 'rollback' && service.previousSpec !== undefined) {
    return { kind: 'roll-back', message: `update rolled back ${cause}` };
  }
  return { kind: 'update-status', status: status(service, 'paused', `update paused ${cause}`, now) };
}

function proceed(
  service: Service,
  healed: readonly Healed[],
  outdated: readonly Healed[],
  config: UpdateConfig,
  progress: Progress,
  run: UpdateRun,
  context: HealContext,
): UpdateDecision {
  const steps: Step[] = [];
  if (progress === 'none') {
    const begun: UpdateStatus = { state: 'updating', startedAt: context.now, message: 'update in progress' };
    steps.push({ reason: 'update begins', changes: [{ kind: 'update-status', status: begun }] });
  }
  const busy = busyInstances(healed, run, config, context.now);
  const limit = config.parallelism === 0 ? outdated.length : config.parallelism;
  const chosen = [...outdated].sort(servingLast).slice(0, Math.max(0, limit - busy.count));
  steps.push(...chosen.map((one) => replaceStep(one, config, context)));
  const touched = new Set([...run.touched, ...chosen.map((one) => one.instance.key)]);
  const next: UpdateRun = { ...run, touched };
  if (outdated.length > 0 || busy.unsettled > 0) {
    return withWake({ steps, run: next }, busy.wakeAtMs);
  }
  const endsAtMs = monitoredUntil(healed, run, config);
  if (context.now < endsAtMs) {
    return withWake({ steps, run: next }, endsAtMs);
  }
  const completed =
    progress === 'rollback_started'
      ? status(service, 'rollback_completed', 'rollback completed', context.now)
      : status(service, 'completed', 'update completed', context.now);
  return {
    steps: [{ reason: 'update ends', changes: [{ kind: 'update-status', status: completed }] }],
    run: undefined,
  };
}

interface Busy {
  /** Instances that hold one of the places of `parallelism`. */
  readonly count: number;
  /** Of these, the ones whose new task neither runs nor ended yet. */
  readonly unsettled: number;
  readonly wakeAtMs: number | undefined;
}

/** An instance keeps its place from replacement until its new task is settled and the delay has passed. */
function busyInstances(healed: readonly Healed[], run: UpdateRun, config: UpdateConfig, now: number): Busy {
  let count = 0;
  let unsettled = 0;
  let wakeAtMs: number | undefined;
  for (const { instance, alive } of healed.filter((one) => run.touched.has(one.instance.key) && !one.dirty)) {
    const done = run.doneAtMs.get(instance.key);
    if (done === undefined) {
      const starting = alive.some((task) => !isTerminal(task.status.state));
      unsettled += starting ? 1 : 0;
      count += starting ? 1 : 0;
    } else if (now < done + config.delayMs) {
      count += 1;
      wakeAtMs = earlier(wakeAtMs, done + config.delayMs);
    }
  }
  return { count, unsettled, wakeAtMs };
}

/** When the newest of the replaced instances has been watched long enough, epoch ms. */
function monitoredUntil(healed: readonly Healed[], run: UpdateRun, config: UpdateConfig): number {
  let untilMs = run.startedAtMs;
  for (const { instance } of healed) {
    const done = run.doneAtMs.get(instance.key);
    untilMs = done === undefined ? untilMs : Math.max(untilMs, done + config.monitorMs);
  }
  return untilMs;
}

/** Instances that serve nobody have least to lose, so they go first. */
function servingLast(a: Healed, b: Healed): number {
  return Number(isServing(a)) - Number(isServing(b)) || a.instance.slot - b.instance.slot;
}

function isServing(healed: Healed): boolean {
  return healed.alive.some((task) => task.status.state === 'running');
}

function replaceStep(healed: Healed, config: UpdateConfig, context: HealContext): Step {
  const { instance, alive } = healed;
  const startFirst = config.order === 'start-first' && isServing(healed);
  const changes: Change[] = alive
    .filter((task) => !startFirst || task.status.state !== 'running')
    .map((task) => ({ kind: 'desire', taskId: task.id, state: 'shutdown' }));
  const place = { slot: instance.slot, nodeId: instance.nodeId };
  changes.push(
    startFirst ? { kind: 'create', ...place, desiredState: 'running' } : replacement(instance, context),
  );
  return { reason: 'update', changes };
}

function status(service: Service, state: UpdateState, message: string, now: number): UpdateStatus {
  const startedAt = service.updateStatus?.startedAt ?? now;
  const ended = state === 'completed' || state === 'rollback_completed';
  return ended ? { state, startedAt, completedAt: now, message } : { state, startedAt, message };
}

function withWake(decision: UpdateDecision, wakeAtMs: number | undefined): UpdateDecision {
  return wakeAtMs === undefined ? decision : { ...decision, wakeAtMs };
}
