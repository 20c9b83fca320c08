// Membership of the raft group: for managers' certificates only.
import type { RaftMembershipService } from '../../protocol/raft.ts';
import type { MethodTable } from '../../rpc/method.ts';
import { emptyResponse } from '../empty.ts';
import { joinRequest, joinResponse, leaveRequest } from '../raft_membership.ts';
import { unaryMethods } from './build.ts';

/** A change of members is a committed entry, which an election may delay. */
const MEMBERSHIP_TIMEOUT_MS = 20_000;

// The local daemon takes its own node out (swarm leave --force); the service checks whose node it is.
const membership = unaryMethods('RaftMembership', ['manager', 'local'], MEMBERSHIP_TIMEOUT_MS);

export const raftMembershipMethods: MethodTable<RaftMembershipService> = {
  join: membership.unary('Join', joinRequest, joinResponse),
  leave: membership.unary('Leave', leaveRequest, emptyResponse),
};
