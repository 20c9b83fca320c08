// How often agents call in, and how long one may be silent. Small clusters notice a dead node within about
// three seconds; large ones pay less for each node.
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Random } from '../../shared/random.ts';

/** Period of small clusters, ms. */
export const SHORTEST_PERIOD_MS = 1_000;
/** Each node adds so much, ms: a leader with 500 nodes and more answers about 100 heartbeats a second. */
const PERIOD_PER_NODE_MS = 10;
/** Share by which each told period varies, so that nodes do not call in step. */
const JITTER = 0.1;
/** Periods a node may miss before it is down. */
export const MISSED_PERIODS = 3;

/**
 * A node whose stream was closed, not silent: its host is alive, for it said so (a daemon that ends or is
 * killed has its connection closed by the kernel; a dead host says nothing). Its containers run on, so it has
 * longer to come back, ms: a restart or upgrade of the daemon on a busy host.
 */
export const RESTART_GRACE_MS = 10_000;

/** Swarm's default; also used when the configured period is missing or not positive, ms. */
export const DEFAULT_CEILING_MS = 5_000;

/**
 * @param configuredMs of the cluster: a ceiling; above the default it is the period itself, since whoever sets it
 *   so has machines too slow or too busy to call in every second
 */
export function heartbeatPeriodMs(nodes: number, configuredMs: number): number {
  if (configuredMs > DEFAULT_CEILING_MS) {
    return configuredMs;
  }
  return Math.min(configuredMs, Math.max(SHORTEST_PERIOD_MS, nodes * PERIOD_PER_NODE_MS));
}

export function jittered(periodMs: number, random: Random): number {
  return Math.round(periodMs * (1 + JITTER * (2 * random.next() - 1)));
}

/**
 * A timer that fires later than this, ms, tells of a stalled leader, not of a dead node: what the node sent
 * meanwhile was not read yet, so the node gets the time of the stall once more.
 */
const STALL_MS = 250;
/** Time given back after a stall at most, ms: what was sent meanwhile is read at once when the stall is over. */
const LONGEST_SPARE_MS = 3_000;

interface Watch {
  deadline: number;
  /** When the timer is to fire. */
  dueAt: number;
  timer: Timer;
}

/** Who must be heard of by when. A deadline that moves on costs no timer: the timer looks again when it fires. */
export class Liveness {
  private readonly clock: Clock;
  private readonly onLost: (nodeId: Id) => void;
  private readonly watches = new Map<Id, Watch>();

  constructor(dependencies: { readonly clock: Clock; readonly onLost: (nodeId: Id) => void }) {
    this.clock = dependencies.clock;
    this.onLost = dependencies.onLost;
  }

  /** The node was heard of, or has so long to be heard of. */
  expect(nodeId: Id, withinMs: number): void {
    const deadline = this.clock.monotonic() + withinMs;
    const watch = this.watches.get(nodeId);
    if (watch !== undefined && deadline >= watch.deadline) {
      watch.deadline = deadline;
      return;
    }
    watch?.timer.cancel();
    const timer = this.clock.after(withinMs, () => this.look(nodeId));
    this.watches.set(nodeId, { deadline, dueAt: deadline, timer });
  }

  /** True while the node has time left. */
  isExpected(nodeId: Id): boolean {
    return this.watches.has(nodeId);
  }

  forget(nodeId: Id): void {
    this.watches.get(nodeId)?.timer.cancel();
    this.watches.delete(nodeId);
  }

  clear(): void {
    for (const nodeId of [...this.watches.keys()]) {
      this.forget(nodeId);
    }
  }

  private look(nodeId: Id): void {
    const watch = this.watches.get(nodeId);
    if (watch === undefined) {
      return;
    }
    const late = this.clock.monotonic() - watch.dueAt;
    if (late > STALL_MS) {
      const spared = this.clock.monotonic() + Math.min(late, LONGEST_SPARE_MS);
      watch.deadline = Math.max(watch.deadline, spared);
    }
    const left = watch.deadline - this.clock.monotonic();
    if (left > 0) {
      watch.dueAt = watch.deadline;
      watch.timer = this.clock.after(left, () => this.look(nodeId));
      return;
    }
    this.watches.delete(nodeId);
    this.onLost(nodeId);
  }
}
