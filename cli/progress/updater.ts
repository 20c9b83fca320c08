// What the tasks of a service amount to: how many are there, which slot is in which state, and whether all is
// well. Pure: services, tasks and nodes in, a picture out.
import type { Service, SwarmNode, Task } from '../client/types.ts';

export interface Picture {
  readonly done: number;
  readonly total: number;
  readonly bars: readonly Bar[];
  readonly converged: boolean;
  /** `tasks`, or `jobs` in a job's words. */
  readonly rollingBack: boolean;
}

export interface Bar {
  readonly label: string;
  readonly state: string;
  /** 0 to BAR_STEPS. */
  readonly step: number;
  readonly error: string;
}

/** How far along each state is; states beyond running have no bar. */
const STEPS: Readonly<Record<string, number>> = {
  new: 1,
  allocated: 2,
  pending: 3,
  assigned: 4,
  accepted: 5,
  preparing: 6,
  ready: 7,
  starting: 8,
  running: 9,
};
export const BAR_STEPS = 9;
const TERMINAL = ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'];
/** More slots than this are shown by their number alone, as docker does. */
export const MAX_BARS = 20;

/** `tasks` are those of the service's present spec (the API's filter `_up-to-date`). */
export function picture(
  service: Service,
  tasks: readonly Task[],
  nodes: readonly SwarmNode[],
  rollingBack: boolean,
): Picture {
  const { Mode: mode = {} } = service.Spec;
  if (mode.Global !== undefined || mode.GlobalJob !== undefined) {
    return globalPicture(tasks, nodes, rollingBack, mode.GlobalJob === undefined ? 'running' : 'complete');
  }
  if (mode.ReplicatedJob !== undefined) {
    return slotPicture(tasks, mode.ReplicatedJob.TotalCompletions ?? 1, rollingBack, 'complete');
  }
  return slotPicture(tasks, mode.Replicated?.Replicas ?? 1, rollingBack, 'running');
}

function slotPicture(tasks: readonly Task[], total: number, rollingBack: boolean, goal: string): Picture {
  const bySlot = new Map<number, Task>();
  for (const task of tasks) {
    const slot = task.Slot ?? 0;
    bySlot.set(slot, moreTelling(bySlot.get(slot), task));
  }
  const chosen = [...bySlot.entries()].sort(([a], [b]) => a - b).map(([, task]) => task);
  const done = chosen.filter((task) => reached(task, goal)).length;
  const bars = Array.from({ length: total }, (_value, index) => {
    const task = chosen[index];
    return bar(`${String(index + 1).padStart(String(total).length)}/${total}`, task);
  });
  return { done, total, bars: total > MAX_BARS ? [] : bars, converged: done >= total, rollingBack };
}

function globalPicture(
  tasks: readonly Task[],
  nodes: readonly SwarmNode[],
  rollingBack: boolean,
  goal: string,
): Picture {
  const alive = new Set(nodes.filter((node) => node.Status.State !== 'down').map((node) => node.ID));
  const byNode = new Map<string, Task>();
  for (const task of tasks) {
    const node = task.NodeID ?? '';
    if (node !== '' && (alive.has(node) || nodes.length === 0)) {
      byNode.set(node, moreTelling(byNode.get(node), task));
    }
  }
  const chosen = [...byNode.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  const done = chosen.filter(([, task]) => reached(task, goal)).length;
  const bars = chosen.map(([node, task]) => bar(node.slice(0, 12), task));
  return {
    done,
    total: chosen.length,
    bars: chosen.length > MAX_BARS ? [] : bars,
    // Tasks are made a moment after the service: none at all is not yet an end.
    converged: chosen.length > 0 && done === chosen.length,
    rollingBack,
  };
}

/** Of two tasks of a slot, the one that is still wanted, and then the later one. */
function moreTelling(present: Task | undefined, candidate: Task): Task {
  if (present === undefined) {
    return candidate;
  }
  const wanted = (task: Task) => (TERMINAL.includes(task.DesiredState) ? 0 : 1);
  if (wanted(present) !== wanted(candidate)) {
    return wanted(present) > wanted(candidate) ? present : candidate;
  }
  return (candidate.CreatedAt ?? '') > (present.CreatedAt ?? '') ? candidate : present;
}

function reached(task: Task, goal: string): boolean {
  return task.Status.State === goal && (goal !== 'running' || !TERMINAL.includes(task.DesiredState));
}

function bar(label: string, task: Task | undefined): Bar {
  if (task === undefined) {
    return { label, state: '', step: 0, error: '' };
  }
  const { State: state, Err: error = '' } = task.Status;
  return { label, state, step: STEPS[state] ?? 0, error };
}
