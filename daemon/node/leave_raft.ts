// How a manager takes itself out of raft before its node leaves: what that would cost is counted first, and told
// instead of done unless forced.
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import { leaveNeedsForce, type ManagerCount } from './errors.ts';
import { localContext } from './local_manager.ts';
import type { LocalManager } from './manager_supervisor.ts';

/** The longest the local manager may take to count the managers. */
const COUNT_MS = 5_000;
/** A leaving manager takes itself out of raft within this long, or leaves all the same when forced. */
const LEAVE_RAFT_MS = 5_000;

export interface LeaveRaftDependencies {
  /** @throws SkeinError when it does not run */
  readonly manager: () => LocalManager;
  readonly log: Logger;
}

/** Without force it only counts and refuses (`leave-needs-force`); forced, it takes the node out if it can. */
export async function leaveRaft(
  { manager, log }: LeaveRaftDependencies,
  { nodeId, force }: { readonly nodeId: Id; readonly force: boolean },
): Promise<void> {
  if (!force) {
    throw leaveNeedsForce(await count(manager, log));
  }
  try {
    await manager().membership.leave({ nodeId }, localContext(LEAVE_RAFT_MS));
  } catch (error) {
    log.warn({ error: errorMessage(error) }, 'leaving without being taken out of raft');
  }
}

/** What this manager knows by itself, and, where there is a leader to ask, who answers. */
async function count(manager: () => LocalManager, log: Logger): Promise<ManagerCount> {
  try {
    const { managers, hasQuorum } = await manager().getState(localContext(COUNT_MS));
    if (!hasQuorum) {
      return { managers, reachable: undefined };
    }
    const nodes = await manager().control.listNodes({ filters: {} }, localContext(COUNT_MS));
    const reachable = nodes.filter((node) => node.managerStatus?.reachability === 'reachable').length;
    return { managers, reachable };
  } catch (error) {
    log.warn({ error: errorMessage(error) }, 'cannot count the managers');
    return { managers: undefined, reachable: undefined };
  }
}
