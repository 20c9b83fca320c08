// Where tasks go, as a plan: assignments for those that found a node, an explanation for those that did not.
// Planning books what it assigns in the ledger, so that groups planned one after another see each other.
import type { Id } from '../../shared/model/meta.ts';
import type { Task } from '../../shared/model/task.ts';
import { explain, type Filter, filtersFor, refusal } from './filters.ts';
import { type Demand, demandOf } from './group.ts';
import type { Ledger } from './ledger.ts';
import type { NodeEntry } from './node_entry.ts';
import { compareNodes, Spread } from './spread.ts';

export interface Assignment {
  readonly task: Task;
  readonly nodeId: Id;
}

export interface Unplaced {
  readonly task: Task;
  /** `no suitable node (…)`. */
  readonly explanation: string;
}

export interface PlacementPlan {
  readonly assignments: readonly Assignment[];
  readonly unplaced: readonly Unplaced[];
}

/** Places tasks of equal demand (see `groupKey`). */
export function placeGroup(ledger: Ledger, tasks: readonly Task[], now: number): PlacementPlan {
  const first = tasks[0];
  if (first === undefined) {
    return { assignments: [], unplaced: [] };
  }
  const demand = demandOf(first);
  const filters = filtersFor(demand);
  const next = chooser(ledger, demand, filters, tasks.length, now);
  const assignments: Assignment[] = [];
  for (const task of tasks) {
    const entry = next(task);
    if (entry === undefined) {
      break;
    }
    assignments.push({ task, nodeId: entry.node.id });
  }
  const rest = tasks.slice(assignments.length);
  const explanation = rest.length === 0 ? '' : explain(filters, demand, ledger.nodes());
  return { assignments, unplaced: rest.map((task) => ({ task, explanation })) };
}

/** A task of a global service names its node; the filters say whether it may run there now. */
export function confirmNode(ledger: Ledger, task: Task): PlacementPlan {
  const entry = ledger.get(task.nodeId);
  if (entry === undefined) {
    return { assignments: [], unplaced: [{ task, explanation: 'no suitable node' }] };
  }
  const demand = demandOf(task);
  const filters = filtersFor(demand);
  if (refusal(filters, demand, entry) !== undefined) {
    return { assignments: [], unplaced: [{ task, explanation: explain(filters, demand, [entry]) }] };
  }
  entry.book(task, true);
  return { assignments: [{ task, nodeId: entry.node.id }], unplaced: [] };
}

/** Books one task after another on the best node left. */
type Chooser = (task: Task) => NodeEntry | undefined;

function chooser(
  ledger: Ledger,
  demand: Demand,
  filters: readonly Filter[],
  tasks: number,
  now: number,
): Chooser {
  const hasPreferences = (demand.spec.placement?.preferences.length ?? 0) > 0;
  if (tasks === 1 && !hasPreferences) {
    return (task) => bookBest(ledger, demand, filters, task, now);
  }
  const suitable: NodeEntry[] = [];
  const others: NodeEntry[] = [];
  for (const entry of ledger.nodes()) {
    (refusal(filters, demand, entry) === undefined ? suitable : others).push(entry);
  }
  const spread = new Spread(demand, suitable, others, now);
  return (task) => {
    const entry = spread.take();
    if (entry !== undefined) {
      entry.book(task, true);
      if (refusal(filters, demand, entry) === undefined) {
        spread.giveBack(entry);
      }
    }
    return entry;
  };
}

/** For a single task one walk over the nodes is cheaper than sorting them. */
function bookBest(
  ledger: Ledger,
  demand: Demand,
  filters: readonly Filter[],
  task: Task,
  now: number,
): NodeEntry | undefined {
  const compare = compareNodes(demand, now);
  let best: NodeEntry | undefined;
  for (const entry of ledger.nodes()) {
    const better = best === undefined || compare(entry, best) < 0;
    if (better && refusal(filters, demand, entry) === undefined) {
      best = entry;
    }
  }
  best?.book(task, true);
  return best;
}
