// The consensus core: a deterministic state machine after "In Search of an Understandable Consensus
// Algorithm" (Ongaro, Ousterhout 2014) and Ongaro's thesis. It has no clock, no I/O, no promises and no
// chance but the injected one: the same calls in the same order give the same results.
//
// Duties of the embedder:
//  1. Build the core from what the disk holds; drive it from one thread of control.
//  2. Call `tick()` at a steady pace, `step()` for each message received from a member, and `propose()`,
//     `proposeChange()`, `readIndex()`, `transferLeader()` as it needs.
//  3. After any of these, take `ready()` until it returns undefined, and for each:
//     a. send `messages` at once, in order; they may be lost, doubled or late, but not altered;
//     b. make `write` durable (snapshot first, then entries, then hard state; entries overwrite what the
//        disk has from their first index on), then send `write.messages`, then `advance({ written })`.
//        Meanwhile go on with duties 2 and 3: only one write is out at a time, messages are not held up;
//     c. apply `committed` in order and `advance({ applied })` as far as it got; a written snapshot is
//        applied (the state machine restored from it) before any entry that comes later;
//     d. serve each of `reads` once its index is applied here.
//  4. Carry the bytes of a snapshot beside a `snapshot` message, step that message at the receiver only when
//     all are there and checked, and tell the sender's core by `reportSnapshot`. A write with a snapshot that
//     fails must stop the process, as any failed write must: memory would be ahead of the disk.
//  5. Tell `reportUnreachable` when messages to a member were dropped.
//  6. Call `compact()` after a snapshot of the applied state is durable.
import { maybeCommit } from './commit.ts';
import { campaign, checkQuorum } from './election.ts';
import { applyChange, proposeChange } from './reconfigure.ts';
import { takeRead } from './read_only.ts';
import { appendOwn, broadcastAppend, broadcastHeartbeat } from './sending.ts';
import { reportSnapshot } from './snapshot.ts';
import { RaftState } from './state.ts';
import { step } from './step.ts';
import type { Progress } from './progress.ts';
import { abortTransfer, startTransfer } from './transfer.ts';
import {
  assertCore,
  NOBODY,
  type ConfigChange,
  type CoreOptions,
  type Entry,
  type HardState,
  type InitialState,
  type Member,
  type Message,
  type ProposeResult,
  type RaftId,
  type Ready,
  type Role,
  type SnapshotMeta,
  type Write,
} from './types.ts';

/** What a core can be asked at any time. */
export interface CoreStatus {
  readonly id: RaftId;
  readonly role: Role;
  readonly term: number;
  readonly vote: RaftId;
  readonly leader: RaftId;
  readonly committed: number;
  readonly applied: number;
  readonly stable: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly transferee: RaftId;
}

export interface Advance {
  /** The id of a write that is durable. */
  readonly written?: number;
  /** Everything up to here is applied. */
  readonly applied?: number;
}

export class RaftCore {
  private readonly state: RaftState;
  private writtenHardState: HardState;
  private writeInProgress: Write | undefined;
  private selfMessages: readonly Message[] = [];
  private writes = 0;

  /** @param random uniform in [0, 1); only the election time-outs use it. */
  constructor(options: CoreOptions, random: () => number, initial: InitialState) {
    this.state = new RaftState(options, random, initial);
    this.writtenHardState = initial.hardState;
  }

  // ---- inputs ----

  /** One tick of the embedder's clock. */
  tick(): void {
    if (this.state.role === 'leader') {
      this.tickLeader();
    } else {
      this.tickFollower();
    }
  }

  /** Takes a message from another member. Messages of strangers are the embedder's to refuse. */
  step(message: Message): void {
    if (message.to === this.state.id) {
      step(this.state, message);
    }
  }

  /** Leader only: adds entries in order, all or none. */
  propose(batch: readonly Uint8Array[]): ProposeResult {
    const { state } = this;
    if (state.role !== 'leader') {
      return { ok: false, reason: 'not-leader' };
    }
    if (state.transferee !== NOBODY) {
      return { ok: false, reason: 'transferring' };
    }
    const bytes = batch.reduce((sum, data) => sum + data.length, 0);
    if (state.uncommittedBytes > 0 && state.uncommittedBytes + bytes > state.options.maxUncommittedBytes) {
      return { ok: false, reason: 'uncommitted-full' };
    }
    const firstIndex = state.log.lastIndex + 1;
    for (const data of batch) {
      state.uncommittedBytes += appendOwn(state, { kind: 'data', data });
    }
    broadcastAppend(state);
    return { ok: true, firstIndex, term: state.term };
  }

  /** Leader only: one change of membership; refused while an earlier one is not applied. */
  proposeChange(change: ConfigChange): ProposeResult {
    return proposeChange(this.state, change);
  }

  /**
   * Asks for a read grant under `requestId`, which must never repeat among this member's lives (begin at a
   * random number). Returns false when no leader is known. The request may get lost: ask again after a while.
   */
  readIndex(requestId: number): boolean {
    const { state } = this;
    if (state.role === 'leader') {
      takeRead(state, state.id, requestId);
      return true;
    }
    if (state.leader === NOBODY) {
      return false;
    }
    state.send(state.leader, { kind: 'read-request', requestId });
    return true;
  }

  /** Leader only: hands leadership to a voter; returns false when that cannot be tried. */
  transferLeader(to: RaftId): boolean {
    return this.state.role === 'leader' && startTransfer(this.state, to);
  }

  /** Stands for election now (with a pre-vote first). */
  campaign(): void {
    campaign(this.state, 'pre-vote');
  }

  /** Messages to this member were dropped: stop sending optimistically. */
  reportUnreachable(id: RaftId): void {
    const progress = this.state.progress.get(id);
    if (progress?.state === 'replicate') {
      progress.becomeProbe();
    }
  }

  reportSnapshot(id: RaftId, delivered: boolean): void {
    reportSnapshot(this.state, id, delivered);
  }

  /** A snapshot of the applied state is durable here: forget entries up to `keepAfter`. */
  compact(snapshot: SnapshotMeta, keepAfter: number): void {
    const { log } = this.state;
    assertCore(snapshot.index <= log.applied, 'a snapshot of what is not applied');
    if (snapshot.index > log.snapshot.index) {
      log.snapshot = snapshot;
    }
    log.compact(Math.min(keepAfter, log.snapshot.index));
  }

  // ---- outputs ----

  hasReady(): boolean {
    const { state } = this;
    return (
      state.outbox.length > 0 ||
      state.grants.length > 0 ||
      state.log.hasCommitted() ||
      (this.writeInProgress === undefined && (state.promises.length > 0 || this.mustWrite()))
    );
  }

  /** The next work for the embedder; undefined when there is none now. */
  ready(): Ready | undefined {
    if (!this.hasReady()) {
      return undefined;
    }
    const { state } = this;
    const write = this.writeInProgress === undefined ? this.takeWrite() : undefined;
    const ready = {
      messages: state.outbox,
      write,
      committed: state.log.takeCommitted(state.options.maxCommittedBytes),
      reads: state.grants,
    };
    state.outbox = [];
    state.grants = [];
    return ready;
  }

  advance(done: Advance): void {
    if (done.written !== undefined) {
      this.finishWrite(done.written);
    }
    if (done.applied !== undefined) {
      this.finishApply(done.applied);
    }
  }

  status(): CoreStatus {
    const { state } = this;
    return {
      id: state.id,
      role: state.role,
      term: state.term,
      vote: state.vote,
      leader: state.leader,
      committed: state.log.committed,
      applied: state.log.applied,
      stable: state.log.stable,
      firstIndex: state.log.firstIndex,
      lastIndex: state.log.lastIndex,
      lastTerm: state.log.lastTerm,
      transferee: state.transferee,
    };
  }

  isLeader(): boolean {
    return this.state.role === 'leader';
  }

  /** As of the last applied entry; the same array until they change. */
  members(): readonly Member[] {
    return this.state.members.list();
  }

  /** Leader only: what it knows of each member. Not to be changed by the caller. */
  progress(): ReadonlyMap<RaftId, Progress> {
    return this.state.progress;
  }

  termAt(index: number): number | undefined {
    return this.state.log.termAt(index);
  }

  /** Where a log that ends at `to` may be cut, so that at most so many entries and bytes are kept before that end. */
  tailStart(to: number, maxEntries: number, maxBytes: number): number {
    return this.state.log.tailStart(to, maxEntries, maxBytes);
  }

  /** For checkers and for the embedder's own snapshots: entries (from, to], as far as they are held. */
  entries(from: number, to: number): readonly Entry[] {
    const { log } = this.state;
    return log.slice(
      Math.max(from + 1, log.firstIndex),
      Math.min(to, log.lastIndex),
      Number.MAX_SAFE_INTEGER,
    );
  }

  // ---- inside ----

  private tickFollower(): void {
    const { state } = this;
    state.electionElapsed += 1;
    if (state.electionElapsed < state.electionTimeout) {
      return;
    }
    state.electionElapsed = 0;
    if (state.isPromotable()) {
      campaign(state, 'pre-vote');
    } else {
      state.leader = NOBODY;
    }
  }

  private tickLeader(): void {
    const { state } = this;
    state.electionElapsed += 1;
    state.heartbeatElapsed += 1;
    if (state.electionElapsed >= state.options.electionTicks) {
      state.electionElapsed = 0;
      abortTransfer(state);
      checkQuorum(state);
    }
    if (state.role === 'leader' && state.heartbeatElapsed >= state.options.heartbeatTicks) {
      state.heartbeatElapsed = 0;
      broadcastHeartbeat(state);
    }
  }

  private mustWrite(): boolean {
    const { state } = this;
    const { term, vote } = this.writtenHardState;
    // A commit index alone is not worth a write: it is found again by counting.
    return state.log.hasUnwritten() || term !== state.term || vote !== state.vote;
  }

  private takeWrite(): Write | undefined {
    const { state } = this;
    // What was promised to a leader or candidate of an earlier term is of no use to it any more.
    const promises = state.promises.filter((message) => message.term === state.term);
    state.promises = [];
    if (!this.mustWrite()) {
      // Nothing new since the last durable write: the promises hold already.
      state.outbox.push(...promises);
      return undefined;
    }
    const hardState = state.hardState();
    this.writes += 1;
    const write: Write = {
      id: this.writes,
      hardState,
      snapshot: state.log.incoming,
      entries: state.log.takeUnwritten(),
      messages: promises.filter((message) => message.to !== state.id),
    };
    state.log.incoming = undefined;
    this.selfMessages = promises.filter((message) => message.to === state.id);
    this.writtenHardState = hardState;
    this.writeInProgress = write;
    return write;
  }

  private finishWrite(id: number): void {
    const { state } = this;
    assertCore(this.writeInProgress?.id === id, `write ${id} is not the one in progress`);
    this.writeInProgress = undefined;
    state.log.stable = Math.max(state.log.stable, state.log.writingIndex);
    const own = this.selfMessages;
    this.selfMessages = [];
    for (const message of own) {
      this.step(message);
    }
    if (state.role === 'leader' && maybeCommit(state)) {
      broadcastAppend(state);
    }
  }

  private finishApply(index: number): void {
    const { state } = this;
    const { log } = state;
    assertCore(index <= log.handedOut, `entry ${index} was not handed out`);
    const from = log.applied;
    log.applied = Math.max(log.applied, index);
    for (let at = Math.max(from, log.firstIndex - 1) + 1; at <= index; at += 1) {
      const entry = log.entryAt(at);
      if (entry?.kind === 'config') {
        applyChange(state, entry.change);
      }
    }
  }
}
