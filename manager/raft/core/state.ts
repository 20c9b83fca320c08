// The state all parts of the core share: term, vote, role, log, members, progress, and the outbox.
// The parts (election, replication, ...) are functions on it; only `RaftCore` is seen from outside.
import { RaftLog } from './log.ts';
import { Membership } from './membership.ts';
import { Progress } from './progress.ts';
import {
  NOBODY,
  type CoreOptions,
  type HardState,
  type InitialState,
  type Message,
  type MessageBody,
  type RaftId,
  type ReadGrant,
  type Role,
} from './types.ts';

/** A linearizable read waiting for a majority to confirm that the leader still leads. */
export interface PendingRead {
  readonly sequence: number;
  readonly requestId: number;
  readonly from: RaftId;
  readonly index: number;
}

export class RaftState {
  readonly options: CoreOptions;
  readonly random: () => number;
  readonly id: RaftId;
  readonly log: RaftLog;
  readonly members: Membership;
  term: number;
  vote: RaftId;
  role: Role = 'follower';
  leader: RaftId = NOBODY;
  /** Answers of this election; this member's own counts once its vote is on disk. */
  votes = new Map<RaftId, boolean>();
  /** Leader only: every other member and itself. */
  progress = new Map<RaftId, Progress>();
  electionElapsed = 0;
  heartbeatElapsed = 0;
  electionTimeout = 0;
  /** Leader: the member that leadership is being handed to. */
  transferee: RaftId = NOBODY;
  /** Leader: no further config change before this index is applied. */
  pendingConfigIndex = 0;
  uncommittedBytes = 0;
  /** Leader: followers are told of the commit up to here at once; of what comes later, with what they are sent next. */
  urgentCommit = 0;
  /** Leader: counts read requests; heartbeats carry it. */
  readSequence = 0;
  pendingReads: PendingRead[] = [];
  /** Leader: reads that wait for the first commit of this term. */
  earlyReads: { readonly requestId: number; readonly from: RaftId }[] = [];
  /** Messages that may leave at once. */
  outbox: Message[] = [];
  /** Messages that may leave when all that was decided up to now is on disk. */
  promises: Message[] = [];
  grants: ReadGrant[] = [];

  constructor(options: CoreOptions, random: () => number, initial: InitialState) {
    this.options = options;
    this.random = random;
    this.id = options.id;
    this.log = new RaftLog(initial);
    this.members = new Membership(initial.snapshot.members);
    this.term = initial.hardState.term;
    this.vote = initial.hardState.vote;
    this.drawElectionTimeout();
  }

  hardState(): HardState {
    return { term: this.term, vote: this.vote, commit: this.log.committed };
  }

  send(to: RaftId, body: MessageBody, term = this.term): void {
    this.outbox.push({ ...body, from: this.id, to, term });
  }

  /** Queues an answer that is only true once everything decided so far is durable. */
  promise(to: RaftId, body: MessageBody, term = this.term): void {
    this.promises.push({ ...body, from: this.id, to, term });
  }

  /** Forgets everything that belonged to the role; a new term also forgets the vote. */
  private reset(term: number): void {
    if (this.term !== term) {
      this.term = term;
      this.vote = NOBODY;
    }
    this.leader = NOBODY;
    this.electionElapsed = 0;
    this.heartbeatElapsed = 0;
    this.drawElectionTimeout();
    this.transferee = NOBODY;
    this.votes = new Map();
    this.progress = new Map();
    this.pendingConfigIndex = 0;
    this.uncommittedBytes = 0;
    this.urgentCommit = 0;
    this.pendingReads = [];
    this.earlyReads = [];
    this.readSequence = 0;
  }

  becomeFollower(term: number, leader: RaftId): void {
    this.reset(term);
    this.role = 'follower';
    this.leader = leader;
  }

  /** Asks who would vote, without touching term or vote. */
  becomePreCandidate(): void {
    this.votes = new Map();
    this.role = 'pre-candidate';
    this.leader = NOBODY;
    this.electionElapsed = 0;
    this.drawElectionTimeout();
  }

  becomeCandidate(): void {
    this.reset(this.term + 1);
    this.role = 'candidate';
    this.vote = this.id;
  }

  becomeLeader(): void {
    this.reset(this.term);
    this.role = 'leader';
    this.leader = this.id;
    for (const member of this.members.list()) {
      this.addProgress(member.raftId);
    }
    // Whatever of the log's tail is a config change must be applied before another may be proposed.
    this.pendingConfigIndex = this.log.lastIndex;
  }

  addProgress(raftId: RaftId): void {
    if (!this.progress.has(raftId)) {
      const progress = new Progress(this.log.lastIndex + 1, this.options);
      progress.active = true;
      this.progress.set(raftId, progress);
    }
  }

  /** True when this member may stand for election. */
  isPromotable(): boolean {
    return this.members.isVoter(this.id) && this.log.incoming === undefined;
  }

  drawElectionTimeout(): void {
    const { electionTicks } = this.options;
    this.electionTimeout = electionTicks + Math.floor(this.random() * electionTicks);
  }
}
