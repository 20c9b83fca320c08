// What the orchestrator decides: printable steps. A step's changes belong together and are applied in one
// transaction; a plan cut off after any step leaves the service in a state from which the rest follows.
import type { Id } from '../../shared/model/meta.ts';
import type { UpdateStatus } from '../../shared/model/service.ts';
import type { TaskState } from '../../shared/model/task.ts';

export type Change =
  /** A new task of the service's current spec; `nodeId` is set for global services only. */
  | {
      readonly kind: 'create';
      readonly slot: number;
      readonly nodeId: Id;
      readonly desiredState: 'ready' | 'running';
    }
  /** Raises the desired state (`running` from `ready`, or an end); never lowers it. */
  | { readonly kind: 'desire'; readonly taskId: Id; readonly state: TaskState }
  /** The task's node left the cluster: nobody will ever report its end. */
  | { readonly kind: 'orphan'; readonly taskId: Id }
  | { readonly kind: 'update-status'; readonly status: UpdateStatus }
  /** Puts the previous spec back and starts the rollback towards it. */
  | { readonly kind: 'roll-back'; readonly message: string };

export interface Step {
  /** Why, for logs and tests, e.g. `scale up`, `restart`, `update`. */
  readonly reason: string;
  readonly changes: readonly Change[];
}

export interface Decision {
  readonly steps: readonly Step[];
  /** When to look again although nothing changed, epoch ms. */
  readonly wakeAtMs?: number;
}

/** The earlier of two wake times. */
export function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) {
    return a ?? b;
  }
  return Math.min(a, b);
}

/** One step, readable: `restart: create slot 2 (ready), shutdown t7`. */
export function printStep(step: Step): string {
  return `${step.reason}: ${step.changes.map(printChange).join(', ')}`;
}

function printChange(change: Change): string {
  switch (change.kind) {
    case 'create':
      return `create ${change.nodeId === '' ? `slot ${change.slot}` : `on ${change.nodeId}`} (${change.desiredState})`;
    case 'desire':
      return `${change.state} ${change.taskId}`;
    case 'orphan':
      return `orphan ${change.taskId}`;
    case 'update-status':
      return `status ${change.status.state} "${change.status.message}"`;
    case 'roll-back':
      return `roll back "${change.message}"`;
  }
}
