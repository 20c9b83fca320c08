// What a member tells of itself, from what its core knows.
import type { RaftStatus } from './api.ts';
import type { RaftCore } from './core/raft.ts';
import type { Member, RaftId } from './core/types.ts';

/** @param active who was heard from lately; asked on the leader only. */
export function statusOf(core: RaftCore, active: () => readonly RaftId[]): RaftStatus {
  const { id, role, term, leader, committed, applied } = core.status();
  const members = core.members();
  const learner = members.find((member) => member.raftId === id)?.learner === true;
  return {
    raftId: id,
    role: learner && role === 'follower' ? 'learner' : role,
    term,
    leaderId: leader,
    committed,
    applied,
    members,
    // Counted when it is read: most ask who leads only, some at every call.
    get active() {
      return role === 'leader' ? active() : [];
    },
  };
}

/** The leader as far as this member knows one. */
export function leaderOf(core: RaftCore): Member | undefined {
  const { leader } = core.status();
  return core.members().find((member) => member.raftId === leader);
}
