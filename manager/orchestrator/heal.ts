// Keeps one instance as its service wants it: ended tasks and tasks of lost nodes are ordered to stop and
// replaced as the restart policy says, waiting replacements are let run, and of two tasks the better stays.
import type { Task } from '../../shared/model/task.ts';
import { isTerminal } from '../../shared/model/task.ts';
import { endedByItself, type Instance, isStopped, isWanted, mustLeave, type NodeLookup } from './instance.ts';
import { type Change, type Decision, earlier, type Step } from './plan.ts';
import { promotion, restartDelayMs, shouldRestart } from './restart.ts';

export interface HealContext {
  readonly nodes: NodeLookup;
  readonly now: number;
  readonly specVersion: number;
  readonly isDirty: (task: Task) => boolean;
  /** False on a paused node of a global service: what runs stays, nothing new is made. */
  readonly mayCreate: boolean;
}

export interface Healed extends Decision {
  readonly instance: Instance;
  /** Wanted tasks that live on after the steps. */
  readonly alive: readonly Task[];
  /** True when nothing in the instance is of the service's current spec, so an update must replace it. */
  readonly dirty: boolean;
}

/** Decides for an instance that should go on existing and has at least one task. */
export function healInstance(instance: Instance, context: HealContext): Healed {
  const wanted = instance.tasks.filter(isWanted);
  const alive = wanted.filter((task) => !isTerminal(task.status.state) && !isLost(task, context.nodes));
  const changes: Change[] = [];
  for (const task of wanted) {
    if (!alive.includes(task)) {
      changes.push({ kind: 'desire', taskId: task.id, state: 'shutdown' });
    }
  }
  changes.push(...orphanChanges(instance.tasks, context.nodes));
  return alive.length === 0
    ? replaceEnded(instance, changes, context)
    : keepBest(instance, alive, changes, context);
}

/** Tasks of removed nodes, which would seem to run for ever. */
export function orphanChanges(tasks: readonly Task[], nodes: NodeLookup): readonly Change[] {
  return tasks
    .filter(
      (task) => task.nodeId !== '' && !isTerminal(task.status.state) && nodes(task.nodeId) === undefined,
    )
    .map((task) => ({ kind: 'orphan', taskId: task.id }));
}

function isLost(task: Task, nodes: NodeLookup): boolean {
  return task.nodeId !== '' && mustLeave(nodes(task.nodeId));
}

function replaceEnded(instance: Instance, changes: Change[], context: HealContext): Healed {
  const newest = instance.tasks[0];
  const heldUntilMs = restartHold(newest, instance, context);
  if (heldUntilMs !== undefined) {
    return { instance, alive: [], dirty: false, steps: [], wakeAtMs: heldUntilMs };
  }
  // A global task that was moved off its node and may come back is made anew whatever the policy.
  const returns = instance.nodeId !== '' && newest !== undefined && !endedByItself(newest);
  if (newest !== undefined && !returns && !shouldRestart(newest, instance)) {
    const steps = changes.length > 0 ? [{ reason: 'ended for good', changes }] : [];
    return { instance, alive: [], dirty: context.isDirty(newest), steps };
  }
  if (!context.mayCreate) {
    return {
      instance,
      alive: [],
      dirty: false,
      steps: changes.length > 0 ? [{ reason: 'paused', changes }] : [],
    };
  }
  changes.push(replacement(instance, context));
  const reason = newest !== undefined && endedByItself(newest) ? 'restart' : 'replace';
  return { instance, alive: [], dirty: false, steps: [{ reason, changes }] };
}

/**
 * A task that ended before its restart delay was over (its image is nowhere, say) is followed only after that
 * delay, as in Swarm: else such a service would make tasks as fast as they fail.
 */
function restartHold(newest: Task | undefined, instance: Instance, context: HealContext): number | undefined {
  if (newest === undefined || newest.desiredState !== 'ready' || !endedByItself(newest)) {
    return undefined;
  }
  const when = promotion(newest, instance, context.nodes, context.now);
  return when.kind === 'wait' ? when.untilMs : undefined;
}

/** The next task of an instance all of whose tasks have ended or are being told to. */
export function replacement(instance: Instance, context: HealContext): Change {
  const newest = instance.tasks[0];
  const delayMs = newest === undefined ? 0 : restartDelayMs(newest, context.specVersion, context.nodes);
  const mustWait = delayMs > 0 || instance.tasks.some((task) => !isStopped(task, context.nodes));
  return {
    kind: 'create',
    slot: instance.slot,
    nodeId: instance.nodeId,
    desiredState: mustWait ? 'ready' : 'running',
  };
}

function keepBest(
  instance: Instance,
  alive: readonly Task[],
  changes: Change[],
  context: HealContext,
): Healed {
  const clean = best(alive.filter((task) => !context.isDirty(task)));
  const outdated = best(alive.filter((task) => context.isDirty(task)));
  // An outdated task goes on serving until the clean one runs (start-first); of no use otherwise.
  const bridges = clean === undefined || (clean.status.state !== 'running' && isRunning(outdated));
  const keepers = [clean, bridges ? outdated : undefined];
  const surplus = alive.filter((task) => !keepers.includes(task));
  for (const task of surplus) {
    changes.push({ kind: 'desire', taskId: task.id, state: 'shutdown' });
  }
  const steps: Step[] = changes.length > 0 ? [{ reason: 'one task is enough', changes }] : [];
  let wakeAtMs: number | undefined;
  const kept = alive.filter((task) => !surplus.includes(task));
  for (const task of kept) {
    if (task.desiredState === 'ready') {
      const when = promotion(task, instance, context.nodes, context.now);
      if (when.kind === 'now') {
        steps.push({ reason: 'start', changes: [{ kind: 'desire', taskId: task.id, state: 'running' }] });
      } else {
        wakeAtMs = earlier(wakeAtMs, when.untilMs);
      }
    }
  }
  const healed = { instance, alive: kept, dirty: clean === undefined, steps };
  return wakeAtMs === undefined ? healed : { ...healed, wakeAtMs };
}

/** The newest of the running ones, else the newest. */
function best(tasks: readonly Task[]): Task | undefined {
  return tasks.find(isRunning) ?? tasks[0];
}

function isRunning(task: Task | undefined): boolean {
  return task?.status.state === 'running';
}
