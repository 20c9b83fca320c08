// How a manager takes itself out of raft before its node leaves: what that would cost is counted first, and told
// instead of done unless forced.
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import { leaveNeedsForce } from './errors.ts';
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
  let managers = 1;
  let reachable = 1;
  try {
    const request = { filters: { role: ['manager'] } };
    const nodes = await manager().control.listNodes(request, localContext(COUNT_MS));
    const members = nodes.filter((node) => node.managerStatus !== undefined);
    managers = Math.max(1, members.length);
    reachable = members.filter((node) => node.managerStatus?.reachability === 'reachable').length;
  } catch (error) {
    log.warn({ error: errorMessage(error) }, 'cannot count the managers');
  }
  if (!force) {
    throw leaveNeedsForce(managers, reachable);
  }
  if (managers > 1) {
    try {
      await manager().membership.leave({ nodeId }, localContext(LEAVE_RAFT_MS));
    } catch (error) {
      log.warn({ error: errorMessage(error) }, 'leaving without being taken out of raft');
    }
  }
}
