// Elections: pre-vote (thesis 9.6), votes, and the quorum check by which a leader that hears from no
// majority steps down. Knows nothing of replication beyond telling it that leadership began.
import { broadcastAppend, appendOwn } from './sending.ts';
import { reachedByMajority, voteOutcome } from './quorum.ts';
import type { RaftState } from './state.ts';
import { NOBODY, type CommitHint, type MessageOf } from './types.ts';

export type CampaignKind = 'pre-vote' | 'election' | 'transfer';

/** Stands for election, unless this member has no vote or has committed config changes to apply first. */
export function campaign(state: RaftState, kind: CampaignKind): void {
  if (state.role === 'leader' || !state.isPromotable()) {
    return;
  }
  if (state.log.hasConfigEntry(state.log.applied, state.log.committed)) {
    return;
  }
  if (kind === 'pre-vote') {
    state.becomePreCandidate();
    askForVotes(state, 'pre-vote', false);
    // A pre-vote promises nothing, so one's own needs no disk.
    recordVote(state, state.id, true);
  } else {
    state.becomeCandidate();
    askForVotes(state, 'vote', kind === 'transfer');
    state.promise(state.id, { kind: 'vote-response', granted: true, ...commitHint(state) });
  }
}

function askForVotes(state: RaftState, kind: 'pre-vote' | 'vote', force: boolean): void {
  const { lastIndex, lastTerm } = state.log;
  for (const voter of state.members.voters()) {
    if (voter === state.id) {
      continue;
    }
    if (kind === 'pre-vote') {
      state.send(voter, { kind, lastIndex, lastTerm }, state.term + 1);
    } else {
      state.send(voter, { kind, lastIndex, lastTerm, force });
    }
  }
}

function recordVote(state: RaftState, from: number, granted: boolean): void {
  if (!state.votes.has(from)) {
    state.votes.set(from, granted);
  }
  const outcome = voteOutcome(state.members.voters().map((voter) => state.votes.get(voter)));
  if (outcome === 'lost') {
    state.becomeFollower(state.term, NOBODY);
  } else if (outcome === 'won') {
    if (state.role === 'pre-candidate') {
      campaign(state, 'election');
    } else {
      lead(state);
    }
  }
}

/** The no-op of the new term commits what earlier terms left (Raft section 5.4.2). */
function lead(state: RaftState): void {
  state.becomeLeader();
  appendOwn(state, { kind: 'noop' });
  broadcastAppend(state);
}

/** True while a living leader must not be disturbed: this member leads, or heard from its leader of late. */
export function inLease(state: RaftState): boolean {
  return state.leader !== NOBODY && state.electionElapsed < state.options.electionTicks;
}

export function commitHint(state: RaftState): CommitHint {
  const { committed } = state.log;
  return { commit: committed, commitTerm: state.log.termAt(committed) ?? 0 };
}

/** Answers both kinds of request; the term rules have been applied already. */
export function handleVoteRequest(
  state: RaftState,
  message: MessageOf<'vote'> | MessageOf<'pre-vote'>,
): void {
  const { from, term, lastIndex, lastTerm } = message;
  const free =
    state.vote === from ||
    (state.vote === NOBODY && state.leader === NOBODY) ||
    (message.kind === 'pre-vote' && term > state.term);
  const granted = free && state.log.isUpToDate(lastIndex, lastTerm);
  if (message.kind === 'pre-vote') {
    state.send(
      from,
      { kind: 'pre-vote-response', granted, ...commitHint(state) },
      granted ? term : state.term,
    );
    return;
  }
  if (granted) {
    state.electionElapsed = 0;
    state.vote = from;
    state.promise(from, { kind: 'vote-response', granted: true, ...commitHint(state) });
  } else {
    state.send(from, { kind: 'vote-response', granted: false, ...commitHint(state) });
  }
}

export function handleVoteResponse(
  state: RaftState,
  message: MessageOf<'vote-response'> | MessageOf<'pre-vote-response'>,
): void {
  const { log } = state;
  if (
    state.role !== 'leader' &&
    message.commit > log.committed &&
    log.matches(message.commit, message.commitTerm)
  ) {
    log.commitTo(message.commit);
  }
  const expected = state.role === 'candidate' ? 'vote-response' : 'pre-vote-response';
  const standing = state.role === 'candidate' || state.role === 'pre-candidate';
  if (standing && message.kind === expected) {
    recordVote(state, message.from, message.granted);
  }
}

/** Members heard from since the last check, this one included; marks all as silent again. */
export function checkQuorum(state: RaftState): void {
  const voters = state.members.voters();
  const active = voters.map((id) => (id === state.id || state.progress.get(id)?.active ? 1 : 0));
  if (reachedByMajority(active) === 0) {
    state.becomeFollower(state.term, NOBODY);
    return;
  }
  for (const [id, progress] of state.progress) {
    progress.active = id === state.id;
  }
}
