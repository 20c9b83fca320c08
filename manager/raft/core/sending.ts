// What a leader sends: its own entries into its log, appends and heartbeats to the others. When to send more, or
// what an answer means, is decided elsewhere; what fits now lies in each follower's Progress.
import type { Progress } from './progress.ts';
import { sendSnapshot } from './snapshot.ts';
import type { RaftState } from './state.ts';
import { entryBytes, type ConfigChange, type RaftId } from './types.ts';

export type NewEntry =
  | { readonly kind: 'noop' }
  | { readonly kind: 'data'; readonly data: Uint8Array }
  | { readonly kind: 'config'; readonly change: ConfigChange };

/** Adds an entry of the leader's own term at the end of its log; returns its bytes. */
export function appendOwn(state: RaftState, entry: NewEntry): number {
  const placed = { ...entry, term: state.term, index: state.log.lastIndex + 1 };
  state.log.append(placed);
  return entryBytes(placed);
}

export function broadcastAppend(state: RaftState): void {
  for (const id of state.progress.keys()) {
    if (id !== state.id) {
      sendAppends(state, id);
    }
  }
}

/**
 * Sends a follower all that its window takes now. That entries are committed it learns by the next append or
 * heartbeat (a read sends one): a message of its own for every commit, and its answer, would be half of all messages.
 * Only of a change of membership it is told at once, since who is removed gets nothing later.
 */
export function sendAppends(state: RaftState, to: RaftId): void {
  const progress = state.progress.get(to);
  while (progress !== undefined && sendOneAppend(state, to, progress, false)) {
    // Each turn fills the window further, so this ends.
  }
}

/** @param evenEmpty send although there is nothing new (to learn the match point). Returns whether more may follow. */
export function sendOneAppend(state: RaftState, to: RaftId, progress: Progress, evenEmpty: boolean): boolean {
  const { log, options } = state;
  if (progress.mayNotSend()) {
    return false;
  }
  const prevIndex = progress.next - 1;
  const prevTerm = prevIndex === 0 ? 0 : log.termAt(prevIndex);
  if (prevTerm === undefined || progress.next < log.firstIndex) {
    sendSnapshot(state, to, progress);
    return false;
  }
  const entries = log.slice(progress.next, log.lastIndex, options.maxMessageBytes);
  const commitNews = progress.sentCommit < Math.min(state.urgentCommit, prevIndex);
  if (entries.length === 0 && !evenEmpty && !commitNews && progress.state !== 'probe') {
    return false;
  }
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  state.send(to, { kind: 'append', prevIndex, prevTerm, commit: log.committed, entries });
  progress.sentCommit = Math.min(log.committed, prevIndex + entries.length);
  progress.sent(entries.length, prevIndex + entries.length, bytes);
  return entries.length > 0;
}

export function broadcastHeartbeat(state: RaftState): void {
  for (const [id, progress] of state.progress) {
    if (id !== state.id) {
      // Never beyond what the follower is known to hold (etcd: min of match and committed).
      const commit = Math.min(progress.match, state.log.committed);
      state.send(id, { kind: 'heartbeat', commit, readSequence: state.readSequence });
    }
  }
}

/** With a full window nothing may be added, but an empty append after the last sent entry provokes an answer. */
export function askWhereItStands(state: RaftState, to: RaftId, progress: Progress): void {
  const prevIndex = progress.next - 1;
  const prevTerm = prevIndex === 0 ? 0 : state.log.termAt(prevIndex);
  if (prevTerm !== undefined) {
    state.send(to, { kind: 'append', prevIndex, prevTerm, commit: state.log.committed, entries: [] });
  }
}
