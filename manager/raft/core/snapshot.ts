// Snapshots between members: when a follower needs one, what becomes of its progress, and how a follower
// takes one. The bytes travel outside of the core; here are only names of snapshots.
import type { Progress } from './progress.ts';
import type { RaftState } from './state.ts';
import type { MessageOf, RaftId } from './types.ts';

/** Leader: the entries a follower needs are compacted away. Sends nothing to one that was not heard from. */
export function sendSnapshot(state: RaftState, to: RaftId, progress: Progress): void {
  if (!progress.active) {
    return;
  }
  const { snapshot } = state.log;
  progress.becomeSnapshot(snapshot.index);
  state.send(to, { kind: 'snapshot', snapshot });
}

/** Leader: the embedder tells how sending ended. Either way the next heartbeat's answer starts a probe. */
export function reportSnapshot(state: RaftState, to: RaftId, delivered: boolean): void {
  const progress = state.progress.get(to);
  if (progress?.state !== 'snapshot') {
    return;
  }
  if (!delivered) {
    progress.pendingSnapshot = 0;
  }
  progress.becomeProbe();
  // Wait for a sign of life: the follower may still be installing, or the failure may repeat at once.
  progress.paused = true;
}

/** Follower: takes a snapshot that goes beyond what it has, and says where it stands in any case. */
export function handleSnapshot(state: RaftState, message: MessageOf<'snapshot'>): void {
  const { log } = state;
  const { snapshot } = message;
  if (snapshot.index > log.committed) {
    if (log.matches(snapshot.index, snapshot.term)) {
      // The entries are here: committing them is cheaper than replacing the state.
      log.commitTo(snapshot.index);
    } else {
      log.restore(snapshot);
      state.members.replace(snapshot.members);
    }
  }
  state.promise(message.from, { kind: 'append-response', index: log.committed });
}
