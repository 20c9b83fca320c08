// Replication: a follower's answers to appends and heartbeats, and what its leader makes of them.
import { maybeCommit } from './commit.ts';
import { confirmReads } from './read_only.ts';
import { askWhereItStands, broadcastAppend, sendAppends, sendOneAppend } from './sending.ts';
import type { RaftState } from './state.ts';
import { finishTransferIfCaughtUp } from './transfer.ts';
import { assertCore, type MessageOf } from './types.ts';

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
