// What the scheduler keeps in mind of one node: what is booked there, by whom, and what failed there lately.
// Bookings are made when a placement is planned and corrected by what the store says.
import type { Id } from '../../shared/model/meta.ts';
import type { Node } from '../../shared/model/node.ts';
import {
  addResources,
  noTotals,
  reservationsOf,
  type ResourceTotals,
} from '../../shared/model/resource_math.ts';
import type { ResourceSet } from '../../shared/model/resources.ts';
import type { Task } from '../../shared/model/task.ts';
import { type Demand, hostPortsOf } from './group.ts';

/** Failures older than this say nothing about a node any more, ms (Swarm's). */
export const FAILURE_MEMORY_MS = 5 * 60_000;
/** So many failures of one service and spec within the memory put a node last (Swarm's). */
export const FAILURES_TO_AVOID = 5;
/** Most failures remembered for a node and spec: far beyond what changes a decision. */
const MAX_FAILURES_KEPT = 64;

interface Booking {
  readonly serviceId: Id;
  readonly reserved: ResourceSet;
  readonly hostPorts: readonly string[];
  /** Tasks that are being stopped hold their resources and ports, but no longer count as load. */
  readonly wanted: boolean;
}

export class NodeEntry {
  node: Node;
  /** Decides between nodes that are equal in everything else; drawn once. */
  readonly tieBreak: number;
  readonly used: ResourceTotals = noTotals();
  private readonly bookings = new Map<Id, Booking>();
  private readonly wantedByService = new Map<Id, number>();
  private readonly portUses = new Map<string, number>();
  private readonly failures = new Map<string, Map<Id, number>>();
  private wantedCount = 0;

  constructor(node: Node, tieBreak: number) {
    this.node = node;
    this.tieBreak = tieBreak;
  }

  /** Tasks wanted here. */
  get load(): number {
    return this.wantedCount;
  }

  serviceLoad(serviceId: Id): number {
    return this.wantedByService.get(serviceId) ?? 0;
  }

  isPortTaken(port: string): boolean {
    return (this.portUses.get(port) ?? 0) > 0;
  }

  /** Books the task, or changes its booking. */
  book(task: Task, wanted: boolean): void {
    const before = this.bookings.get(task.id);
    if (before !== undefined && before.wanted === wanted) {
      return;
    }
    this.release(task.id);
    const booking: Booking = {
      serviceId: task.serviceId,
      reserved: reservationsOf(task.spec),
      hostPorts: hostPortsOf(task),
      wanted,
    };
    this.bookings.set(task.id, booking);
    this.count(booking, 1);
  }

  /** Frees what the task held; false when it held nothing. */
  release(taskId: Id): boolean {
    const booking = this.bookings.get(taskId);
    if (booking === undefined) {
      return false;
    }
    this.bookings.delete(taskId);
    this.count(booking, -1);
    return true;
  }

  private count(booking: Booking, sign: 1 | -1): void {
    addResources(this.used, booking.reserved, sign);
    for (const port of booking.hostPorts) {
      adjust(this.portUses, port, sign);
    }
    if (booking.wanted) {
      this.wantedCount += sign;
      adjust(this.wantedByService, booking.serviceId, sign);
    }
  }

  recordFailure(task: Task, atMs: number): void {
    const key = failureKey(task.serviceId, task.specVersion);
    const known = this.failures.get(key) ?? new Map<Id, number>();
    known.set(task.id, atMs);
    const oldest = known.size > MAX_FAILURES_KEPT ? known.keys().next().value : undefined;
    if (oldest !== undefined) {
      known.delete(oldest);
    }
    this.failures.set(key, known);
  }

  /** Recent failures of the service and spec when they are many enough to avoid the node, else 0. */
  penalty(demand: Demand, now: number): number {
    if (this.failures.size === 0) {
      return 0;
    }
    const key = failureKey(demand.serviceId, demand.specVersion);
    const known = this.failures.get(key);
    if (known === undefined) {
      return 0;
    }
    for (const [taskId, atMs] of known) {
      if (now - atMs > FAILURE_MEMORY_MS) {
        known.delete(taskId);
      }
    }
    if (known.size === 0) {
      this.failures.delete(key);
    }
    return known.size >= FAILURES_TO_AVOID ? known.size : 0;
  }
}

function failureKey(serviceId: Id, specVersion: number): string {
  return `${serviceId}@${specVersion}`;
}

function adjust(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) {
    counts.delete(key);
  } else {
    counts.set(key, next);
  }
}
