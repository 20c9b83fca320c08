// Which slots a replicated service of N replicas keeps, gives up and still needs.
import { type Instance, isWanted } from './instance.ts';

export interface SlotChoice {
  readonly keep: readonly Instance[];
  readonly drop: readonly Instance[];
  /** Slot numbers to fill, ascending; the first of them when they are very many. */
  readonly missing: readonly number[];
}

/** Slots filled by one plan: as many as a transaction takes; its commit calls for the next plan. */
const MAX_NEW_SLOTS = 200;

/**
 * Every instance occupies its slot, also one whose task ended for good. Given up first are slots where
 * nothing runs, then those on nodes that carry most tasks of the service (Swarm's order); of equals the
 * higher slot goes.
 */
export function chooseSlots(instances: Iterable<Instance>, replicas: number): SlotChoice {
  const ranked = rank([...instances].sort((a, b) => a.slot - b.slot));
  const keep = ranked.slice(0, replicas).sort((a, b) => a.slot - b.slot);
  const drop = ranked.slice(replicas);
  const taken = new Set(keep.map((instance) => instance.slot));
  const missing: number[] = [];
  const wanted = Math.min(replicas - taken.size, MAX_NEW_SLOTS);
  for (let slot = 1; missing.length < wanted; slot += 1) {
    if (!taken.has(slot)) {
      missing.push(slot);
    }
  }
  return { keep, drop, missing };
}

/** Best first: running before not, then by the position among the service's running tasks on the same node. */
function rank(instances: readonly Instance[]): Instance[] {
  const onNode = new Map<string, number>();
  const positions = new Map<Instance, number>();
  for (const instance of instances) {
    const running = instance.tasks.find((task) => isWanted(task) && task.status.state === 'running');
    if (running === undefined) {
      positions.set(instance, Number.MAX_SAFE_INTEGER);
      continue;
    }
    const position = onNode.get(running.nodeId) ?? 0;
    onNode.set(running.nodeId, position + 1);
    positions.set(instance, position);
  }
  return [...instances].sort((a, b) => (positions.get(a) ?? 0) - (positions.get(b) ?? 0) || a.slot - b.slot);
}
