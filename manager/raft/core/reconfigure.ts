// Membership changes as they pass through the log: which may be proposed, what happens when one is
// applied, and the promotion of learners that have caught up.
import { maybeCommit } from './commit.ts';
import { appendOwn, broadcastAppend, sendAppends } from './sending.ts';
import { confirmReads } from './read_only.ts';
import type { RaftState } from './state.ts';
import { abortTransfer } from './transfer.ts';
import { NOBODY, type ConfigChange, type ProposeResult, type RaftId } from './types.ts';

/** A learner this close to the end of the log is caught up: it needs less than one round trip more. */
const CAUGHT_UP_ENTRIES = 64;

export function proposeChange(state: RaftState, change: ConfigChange): ProposeResult {
  if (state.role !== 'leader') {
    return { ok: false, reason: 'not-leader' };
  }
  if (state.transferee !== NOBODY) {
    return { ok: false, reason: 'transferring' };
  }
  if (state.pendingConfigIndex > state.log.applied) {
    return { ok: false, reason: 'change-pending' };
  }
  const refusal = state.members.refusal(change);
  if (refusal !== undefined) {
    return { ok: false, reason: refusal };
  }
  appendOwn(state, { kind: 'config', change });
  state.pendingConfigIndex = state.log.lastIndex;
  broadcastAppend(state);
  return { ok: true, firstIndex: state.log.lastIndex, term: state.term };
}

export function applyChange(state: RaftState, change: ConfigChange): void {
  state.members.apply(change);
  if (state.role !== 'leader') {
    return;
  }
  if (change.op === 'add-learner') {
    state.addProgress(change.member.raftId);
    sendAppends(state, change.member.raftId);
  } else if (change.op === 'remove' && state.members.get(change.raftId) === undefined) {
    state.progress.delete(change.raftId);
    if (state.transferee === change.raftId) {
      abortTransfer(state);
    }
    if (change.raftId === state.id) {
      state.becomeFollower(state.term, NOBODY);
      return;
    }
    // A smaller quorum may have been reached already.
    if (maybeCommit(state)) {
      broadcastAppend(state);
    }
    confirmReads(state);
  }
}

/** Proposes to make a voter of a learner whose log is as long as the leader's, or nearly. */
export function promoteIfCaughtUp(state: RaftState, from: RaftId): void {
  if (state.role !== 'leader' || !state.options.promoteLearners) {
    return;
  }
  const { log } = state;
  const progress = state.progress.get(from);
  const ready =
    state.members.get(from)?.learner === true &&
    progress?.state === 'replicate' &&
    progress.match + CAUGHT_UP_ENTRIES >= log.lastIndex &&
    log.termAt(log.committed) === state.term;
  if (ready) {
    // Refused while another change is pending; the next answer of the learner tries again.
    proposeChange(state, { op: 'promote', raftId: from });
  }
}
