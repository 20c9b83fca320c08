// How a member takes a message: the rules on terms first (paper, section 5.1, with pre-vote and leases), then
// the handler of its kind.
import { campaign, commitHint, handleVoteRequest, handleVoteResponse, inLease } from './election.ts';
import { takeRead } from './read_only.ts';
import { promoteIfCaughtUp } from './reconfigure.ts';
import {
  handleAppend,
  handleAppendReject,
  handleAppendResponse,
  handleHeartbeat,
  handleHeartbeatResponse,
} from './replication.ts';
import { handleSnapshot } from './snapshot.ts';
import type { RaftState } from './state.ts';
import { assertCore, NOBODY, type Message, type RaftId } from './types.ts';

export function step(state: RaftState, message: Message): void {
  if (meetTerm(state, message)) {
    dispatch(state, message);
  }
}

/** Applies the rules on terms; returns whether the message is to be handled. */
function meetTerm(state: RaftState, message: Message): boolean {
  const { kind, term, from } = message;
  if (term > state.term) {
    if (kind === 'vote' || kind === 'pre-vote') {
      const forced = kind === 'vote' && message.force;
      if (!forced && inLease(state)) {
        return false;
      }
    }
    const promisesNothing = kind === 'pre-vote' || (kind === 'pre-vote-response' && message.granted);
    if (!promisesNothing) {
      const leads = kind === 'append' || kind === 'heartbeat' || kind === 'snapshot';
      state.becomeFollower(term, leads ? from : NOBODY);
    }
    return true;
  }
  if (term < state.term) {
    if (kind === 'append' || kind === 'heartbeat' || kind === 'snapshot') {
      // A leader of the past, perhaps cut off for a while: this member's term makes it step down.
      state.send(from, { kind: 'append-response', index: 0 });
    } else if (kind === 'pre-vote') {
      state.send(from, { kind: 'pre-vote-response', granted: false, ...commitHint(state) });
    }
    return false;
  }
  return true;
}

function dispatch(state: RaftState, message: Message): void {
  switch (message.kind) {
    case 'pre-vote':
    case 'vote':
      handleVoteRequest(state, message);
      return;
    case 'pre-vote-response':
    case 'vote-response':
      handleVoteResponse(state, message);
      return;
    case 'append':
      follow(state, message.from);
      handleAppend(state, message);
      return;
    case 'heartbeat':
      follow(state, message.from);
      handleHeartbeat(state, message);
      return;
    case 'snapshot':
      follow(state, message.from);
      handleSnapshot(state, message);
      return;
    case 'read-response':
      state.grants.push({ requestId: message.requestId, index: message.index });
      return;
    case 'timeout-now':
      if (state.role === 'follower') {
        campaign(state, 'transfer');
      }
      return;
    default:
      if (state.role === 'leader') {
        dispatchToLeader(state, message);
      }
  }
}

function dispatchToLeader(
  state: RaftState,
  message: Extract<
    Message,
    { kind: 'append-response' | 'append-reject' | 'heartbeat-response' | 'read-request' }
  >,
): void {
  switch (message.kind) {
    case 'append-response':
      handleAppendResponse(state, message);
      break;
    case 'append-reject':
      handleAppendReject(state, message);
      break;
    case 'heartbeat-response':
      handleHeartbeatResponse(state, message);
      break;
    case 'read-request':
      takeRead(state, message.from, message.requestId);
      return;
  }
  promoteIfCaughtUp(state, message.from);
}

/** A message only a leader sends, of this very term: it is the leader. */
function follow(state: RaftState, leader: RaftId): void {
  assertCore(state.role !== 'leader', `two leaders in term ${state.term}: ${state.id} and ${leader}`);
  if (state.role !== 'follower') {
    state.becomeFollower(state.term, leader);
  }
  state.electionElapsed = 0;
  state.leader = leader;
}
