// This node's own manager for a call of the API, or in words why there is none to pass it to.
import type { NodeRole } from '../../shared/model/node.ts';
import type { LocalNodeState } from '../api/backend.ts';
import { managerNotReady, noSwarm, notAManager, swarmLocked } from './errors.ts';
import type { LocalManager } from './manager_supervisor.ts';

export interface NodeStanding {
  readonly localState: LocalNodeState;
  /** Undefined while the node is in no cluster. */
  readonly role: NodeRole | undefined;
  /** Undefined while no manager serves. */
  readonly local: LocalManager | undefined;
  /** Why not, when that is known. */
  readonly error: string;
}

/** @throws SkeinError `locked`, `not-a-manager`, `manager-not-ready` */
export function usableManager({ localState, role, local, error }: NodeStanding): LocalManager {
  if (localState === 'locked') {
    throw swarmLocked();
  }
  if (role === undefined) {
    throw noSwarm();
  }
  if (role !== 'manager') {
    throw notAManager();
  }
  if (local === undefined) {
    throw managerNotReady(error);
  }
  return local;
}
