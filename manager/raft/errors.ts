// The codes with which raft refuses, and what each means to the caller.
import { SkeinError } from '../../shared/errors.ts';
import type { RaftMember } from '../../shared/protocol/raft.ts';

/** `not-leader`: nothing was done; `leaderAddress` says where to ask, when known. */
export function notLeader(leader: RaftMember | undefined): SkeinError {
  return new SkeinError(
    'unavailable',
    'not-leader',
    leader === undefined
      ? 'this manager does not lead and knows of no leader: try again when the managers have elected one'
      : `this manager does not lead: ask the leader at ${leader.address}`,
    leader === undefined
      ? {}
      : {
          data: {
            leaderAddress: leader.address,
            leaderNodeId: leader.nodeId,
            leaderRaftId: String(leader.raftId),
          },
        },
  );
}

/** `proposal-dropped`: leadership was lost or time ran out; whether the proposal will be committed is not known. */
export function proposalDropped(reason: string): SkeinError {
  return new SkeinError(
    'unavailable',
    'proposal-dropped',
    `the change was not confirmed (${reason}): look whether it took effect before trying again`,
    { data: { reason } },
  );
}

/** `proposals-full`: too much is waiting to be committed; nothing was done. */
export function proposalsFull(limit: string): SkeinError {
  return new SkeinError(
    'exhausted',
    'proposals-full',
    `more than ${limit} of changes are waiting to be committed: try again later`,
    { retryable: true },
  );
}

/** `earlier-unconfirmed`: nothing was done; the fate of a change before this one is not known yet. */
export function earlierUnconfirmed(): SkeinError {
  return new SkeinError(
    'unavailable',
    'earlier-unconfirmed',
    'an earlier change has waited for a majority of the managers in vain and may still be committed: try again when they answer',
    { retryable: true },
  );
}

/** `entry-too-large`: split the change. */
export function entryTooLarge(bytes: number, limit: number): SkeinError {
  return new SkeinError(
    'invalid',
    'entry-too-large',
    `a change of ${bytes} bytes exceeds the limit of ${limit} bytes`,
  );
}

/** `no-quorum`: the managers do not answer in time. */
export function noQuorum(what: string, timeoutMs: number): SkeinError {
  return new SkeinError(
    'timeout',
    'no-quorum',
    `${what} got no answer from a majority of the managers in ${timeoutMs} ms: check that most managers are up and connected`,
  );
}

/** `quorum-loss`: the change would leave fewer reachable managers than a majority needs. */
export function quorumLoss(reachable: number, voters: number, needed: number): SkeinError {
  return new SkeinError(
    'conflict',
    'quorum-loss',
    `after this, only ${reachable} of ${voters} managers would be reachable and ${needed} are needed: ` +
      'bring the unreachable managers back or remove those first, or force it at the risk of losing the cluster',
    { data: { reachable: String(reachable), voters: String(voters), needed: String(needed) } },
  );
}

/** `membership-refused`: the change makes no sense now. */
export function membershipRefused(reason: string): SkeinError {
  return new SkeinError('conflict', 'membership-refused', `the change of managers was refused: ${reason}`, {
    data: { reason },
  });
}

/** `transfer-failed`: the leader stays. */
export function transferFailed(reason: string): SkeinError {
  return new SkeinError('unavailable', 'transfer-failed', `leadership was not handed over: ${reason}`, {
    data: { reason },
  });
}

/** `raft-stopped`: this manager's raft has been stopped or has failed. */
export function raftStopped(cause?: unknown): SkeinError {
  return new SkeinError(
    'unavailable',
    'raft-stopped',
    'consensus on this manager has stopped',
    cause === undefined ? {} : { cause },
  );
}
