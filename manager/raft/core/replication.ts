// Replication: a leader's appends and heartbeats, a follower's answers, and what is committed by counting.
// The decision what to send lies in each follower's Progress.
import { reachedByMajority } from './quorum.ts';
import { confirmReads, releaseEarlyReads } from './read-only.ts';
import { sendSnapshot } from './snapshot.ts';
import type { RaftState } from './state.ts';
import { finishTransferIfCaughtUp } from './transfer.ts';
import type { Progress } from './progress.ts';
import { assertCore, entryBytes, type ConfigChange, type MessageOf, type RaftId } from './types.ts';

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
function sendOneAppend(state: RaftState, to: RaftId, progress: Progress, evenEmpty: boolean): boolean {
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

/** Commits what a majority holds, if it is of this term (Raft figure 8). */
export function maybeCommit(state: RaftState): boolean {
  const { log } = state;
  const reached = reachedByMajority(
    state.members.voters().map((id) => (id === state.id ? log.stable : (state.progress.get(id)?.match ?? 0))),
  );
  if (reached <= log.committed || log.termAt(reached) !== state.term) {
    return false;
  }
  const before = log.committed;
  log.commitTo(reached);
  if (log.hasConfigEntry(before, reached)) {
    state.urgentCommit = reached;
  }
  for (let index = before + 1; index <= reached && state.uncommittedBytes > 0; index += 1) {
    const entry = log.entryAt(index);
    state.uncommittedBytes = Math.max(
      0,
      state.uncommittedBytes - (entry === undefined ? 0 : entryBytes(entry)),
    );
  }
  releaseEarlyReads(state);
  return true;
}

// ---- follower ----

export function handleAppend(state: RaftState, message: MessageOf<'append'>): void {
  const { log } = state;
  const { from, prevIndex, prevTerm } = message;
  if (prevIndex < log.committed) {
    // Old or doubled: what is committed here cannot differ.
    state.promise(from, { kind: 'append-response', index: log.committed });
    return;
  }
  if (!log.matches(prevIndex, prevTerm)) {
    const hint = log.lastNotAfterTerm(prevIndex, prevTerm);
    state.send(from, {
      kind: 'append-reject',
      prevIndex,
      hintIndex: hint.index,
      hintTerm: hint.term,
    });
    return;
  }
  const last = log.merge(prevIndex, message.entries);
  log.commitTo(Math.min(message.commit, last));
  state.promise(from, { kind: 'append-response', index: last });
}

export function handleHeartbeat(state: RaftState, message: MessageOf<'heartbeat'>): void {
  assertCore(message.commit <= state.log.lastIndex, 'a heartbeat commits what this member lost');
  state.log.commitTo(message.commit);
  state.send(message.from, { kind: 'heartbeat-response', readSequence: message.readSequence });
}

// ---- leader ----

export function handleAppendResponse(state: RaftState, message: MessageOf<'append-response'>): void {
  const progress = state.progress.get(message.from);
  if (progress === undefined || message.index > state.log.lastIndex) {
    return;
  }
  progress.active = true;
  const wasPaused = progress.mayNotSend();
  const news = progress.acknowledge(message.index);
  if (progress.state === 'probe') {
    // An answer to a probe, even one without news, tells where the logs meet.
    if (news || progress.match === message.index) {
      progress.becomeReplicate();
    }
  } else if (progress.state === 'snapshot') {
    if (progress.match >= progress.pendingSnapshot || progress.match + 1 >= state.log.firstIndex) {
      progress.becomeProbe();
      progress.becomeReplicate();
    }
  } else {
    progress.inflights.freeTo(message.index);
    progress.paused = false;
  }
  if (maybeCommit(state)) {
    broadcastAppend(state);
  } else if (news || wasPaused) {
    sendAppends(state, message.from);
  }
  finishTransferIfCaughtUp(state, message.from);
}

export function handleAppendReject(state: RaftState, message: MessageOf<'append-reject'>): void {
  const progress = state.progress.get(message.from);
  if (progress === undefined) {
    return;
  }
  progress.active = true;
  // Skip whole terms that the follower cannot share (etcd's probing by hint).
  const hint =
    message.hintTerm > 0
      ? state.log.lastNotAfterTerm(message.hintIndex, message.hintTerm).index
      : message.hintIndex;
  if (progress.reject(message.prevIndex, hint)) {
    if (progress.state === 'replicate') {
      progress.becomeProbe();
    }
    sendAppends(state, message.from);
  }
}

export function handleHeartbeatResponse(state: RaftState, message: MessageOf<'heartbeat-response'>): void {
  const progress = state.progress.get(message.from);
  if (progress === undefined) {
    return;
  }
  progress.active = true;
  progress.paused = false;
  // A lost append or acknowledgement would stall a follower: an empty append asks it where it stands.
  if (progress.match < state.log.lastIndex || progress.state === 'probe') {
    if (progress.state === 'replicate' && progress.inflights.full()) {
      askWhereItStands(state, message.from, progress);
    } else {
      sendOneAppend(state, message.from, progress, true);
    }
  }
  progress.readSequence = Math.max(progress.readSequence, message.readSequence);
  confirmReads(state);
}

/** With a full window nothing may be added, but an empty append after the last sent entry provokes an answer. */
function askWhereItStands(state: RaftState, to: RaftId, progress: Progress): void {
  const prevIndex = progress.next - 1;
  const prevTerm = prevIndex === 0 ? 0 : state.log.termAt(prevIndex);
  if (prevTerm !== undefined) {
    state.send(to, { kind: 'append', prevIndex, prevTerm, commit: state.log.committed, entries: [] });
  }
}
