// Read-index (thesis 6.4, the safe variant): a read is granted at the commit index of its arrival once a
// majority has answered a heartbeat sent after it. No lease and no clock is trusted.
import { reachedByMajority } from './quorum.ts';
import { broadcastHeartbeat } from './sending.ts';
import type { RaftState } from './state.ts';
import type { RaftId } from './types.ts';

/** Most reads waiting at a leader; the embedder joins its own waiting reads into one, so this is ample. */
const MAX_PENDING_READS = 4096;

/** Leader only: takes a read of its own or of a follower. One too many is dropped; the asker tries again. */
export function takeRead(state: RaftState, from: RaftId, requestId: number): void {
  const { log } = state;
  if (log.termAt(log.committed) !== state.term) {
    // Until the no-op commits, this leader may not know all that is committed.
    if (state.earlyReads.length < MAX_PENDING_READS) {
      state.earlyReads.push({ requestId, from });
    }
    return;
  }
  const voters = state.members.voters();
  if (voters.length === 1 && voters[0] === state.id) {
    grant(state, from, requestId, log.committed);
    return;
  }
  if (state.pendingReads.length >= MAX_PENDING_READS) {
    return;
  }
  state.readSequence += 1;
  state.pendingReads.push({ sequence: state.readSequence, requestId, from, index: log.committed });
  broadcastHeartbeat(state);
}

export function releaseEarlyReads(state: RaftState): void {
  const early = state.earlyReads;
  state.earlyReads = [];
  for (const read of early) {
    takeRead(state, read.from, read.requestId);
  }
}

/** Grants what a majority has confirmed. */
export function confirmReads(state: RaftState): void {
  if (state.pendingReads.length === 0) {
    return;
  }
  const confirmed = reachedByMajority(
    state.members
      .voters()
      .map((id) => (id === state.id ? state.readSequence : (state.progress.get(id)?.readSequence ?? 0))),
  );
  let done = 0;
  for (const read of state.pendingReads) {
    if (read.sequence > confirmed) {
      break;
    }
    grant(state, read.from, read.requestId, read.index);
    done += 1;
  }
  state.pendingReads.splice(0, done);
}

function grant(state: RaftState, from: RaftId, requestId: number, index: number): void {
  if (from === state.id) {
    state.grants.push({ requestId, index });
  } else {
    state.send(from, { kind: 'read-response', requestId, index });
  }
}
