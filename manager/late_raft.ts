// Raft as the store and the loops know it, before it exists: the store is raft's state machine, and raft is the
// store's proposer, so one of the two must be named before it is made.
import { SkeinError } from '../shared/errors.ts';
import type { RaftNode } from './raft/api.ts';

/** `raft-starting`: this manager has not read its log yet. */
export function raftStarting(): SkeinError {
  return new SkeinError('unavailable', 'raft-starting', 'this manager is starting: try again in a moment');
}

/** Passes every call on to the node that `current` gives; throws or rejects with `raft-starting` before. */
export function lateRaft(current: () => RaftNode | undefined): RaftNode {
  const now = (): RaftNode => {
    const raft = current();
    if (raft === undefined) {
      throw raftStarting();
    }
    return raft;
  };
  return {
    start: async () => undefined,
    stop: async () => undefined,
    status: () => now().status(),
    propose: async (data, basis) => now().propose(data, basis),
    basis: () => now().basis(),
    readBarrier: async (signal) => now().readBarrier(signal),
    addMember: async (member) => now().addMember(member),
    removeMember: async (raftId, options) => now().removeMember(raftId, options),
    updateMemberAddress: async (raftId, address) => now().updateMemberAddress(raftId, address),
    transferLeadership: async (raftId) => now().transferLeadership(raftId),
    onLeadership: (listener) => now().onLeadership(listener),
    onStatus: (listener) => now().onStatus(listener),
  };
}
