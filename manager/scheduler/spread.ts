// The order in which suitable nodes are filled: branches by the values of preference labels, evened out level
// by level, and within the last level the nodes by failures, then tasks of the service, then all tasks.
import type { Node } from '../../shared/model/node.ts';
import type { Demand } from './group.ts';
import { Heap } from './heap.ts';
import type { NodeEntry } from './node_entry.ts';

/** Negative when `a` is the better node. */
export function compareNodes(demand: Demand, now: number): (a: NodeEntry, b: NodeEntry) => number {
  const { serviceId } = demand;
  return (a, b) =>
    a.penalty(demand, now) - b.penalty(demand, now) ||
    a.serviceLoad(serviceId) - b.serviceLoad(serviceId) ||
    a.load - b.load ||
    a.tieBreak - b.tieBreak ||
    (a.node.id < b.node.id ? -1 : 1);
}

/** A set of nodes from which the best one is taken and to which it may be given back. */
export class Spread {
  private readonly root: Branch;
  private readonly labels: readonly LabelOf[];
  private readonly demand: Demand;

  /**
   * @param suitable nodes to choose from; the array is taken over
   * @param others nodes that cannot be chosen but whose tasks count in their branches
   */
  constructor(demand: Demand, suitable: NodeEntry[], others: Iterable<NodeEntry>, now: number) {
    this.demand = demand;
    const compare = compareNodes(demand, now);
    this.labels = preferenceLabels(demand);
    if (this.labels.length === 0) {
      this.root = new Branch(compare, suitable);
      return;
    }
    this.root = new Branch(compare, []);
    for (const entry of suitable) {
      this.add(entry, true);
    }
    for (const entry of others) {
      this.add(entry, false);
    }
  }

  /** The best node, taken out of the set; its branches count the task that goes there. */
  take(): NodeEntry | undefined {
    let branch = this.root;
    while (branch.children.size > 0) {
      branch.available -= 1;
      branch.tasks += 1;
      const next = branch.leastChild();
      if (next === undefined) {
        return undefined;
      }
      branch = next;
    }
    branch.available -= 1;
    branch.tasks += 1;
    return branch.heap.pop();
  }

  /** Puts a node that still suits back, with its new load. */
  giveBack(entry: NodeEntry): void {
    for (const branch of this.path(entry)) {
      branch.available += 1;
    }
    this.leafOf(entry).heap.push(entry);
  }

  private add(entry: NodeEntry, suitable: boolean): void {
    const load = entry.serviceLoad(this.demand.serviceId);
    for (const branch of this.path(entry)) {
      branch.tasks += load;
      branch.available += suitable ? 1 : 0;
      branch.tieBreak = Math.min(branch.tieBreak, entry.tieBreak);
    }
    if (suitable) {
      this.leafOf(entry).heap.push(entry);
    }
  }

  private leafOf(entry: NodeEntry): Branch {
    return this.path(entry).at(-1) ?? this.root;
  }

  private path(entry: NodeEntry): readonly Branch[] {
    const path = [this.root];
    let branch = this.root;
    for (const label of this.labels) {
      branch = branch.child(label(entry.node));
      path.push(branch);
    }
    return path;
  }
}

class Branch {
  readonly children = new Map<string, Branch>();
  readonly heap: Heap<NodeEntry>;
  /** Tasks of the service below. */
  tasks = 0;
  /** Nodes below that can be taken. */
  available: number;
  tieBreak = 1;
  private readonly compare: (a: NodeEntry, b: NodeEntry) => number;

  constructor(compare: (a: NodeEntry, b: NodeEntry) => number, entries: NodeEntry[]) {
    this.compare = compare;
    this.available = entries.length;
    this.heap = new Heap(entries, compare);
  }

  child(value: string): Branch {
    let child = this.children.get(value);
    if (child === undefined) {
      child = new Branch(this.compare, []);
      this.children.set(value, child);
    }
    return child;
  }

  /** The child with fewest tasks among those that can take one. */
  leastChild(): Branch | undefined {
    let least: Branch | undefined;
    for (const child of this.children.values()) {
      if (child.available === 0) {
        continue;
      }
      const better =
        least === undefined ||
        child.tasks < least.tasks ||
        (child.tasks === least.tasks && child.tieBreak < least.tieBreak);
      least = better ? child : least;
    }
    return least;
  }
}

type LabelOf = (node: Node) => string;

/** Nodes without the label form a branch of their own; a preference over anything but labels is passed over, as in Swarm. */
function preferenceLabels(demand: Demand): readonly LabelOf[] {
  return (demand.spec.placement?.preferences ?? []).flatMap(({ spreadDescriptor }) => {
    const lower = spreadDescriptor.toLowerCase();
    if (lower.startsWith('node.labels.')) {
      const name = spreadDescriptor.slice('node.labels.'.length);
      return [(node: Node) => node.spec.labels[name] ?? ''];
    }
    if (lower.startsWith('engine.labels.')) {
      const name = spreadDescriptor.slice('engine.labels.'.length);
      return [(node: Node) => node.description?.engine.labels[name] ?? ''];
    }
    return [];
  });
}
