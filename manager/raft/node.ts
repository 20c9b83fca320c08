// The shell around the consensus core: one loop that gives it time, messages and proposals, and does what it
// asks: persist, send, apply. It knows disks and peers only by their interfaces, and nothing of what is replicated.
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import { Announcer } from './announcer.ts';
import type { RaftNode, RaftStatus } from './api.ts';
import { Applier } from './applier.ts';
import { RaftCore } from './core/raft.ts';
import {
  DEFAULT_CORE_OPTIONS,
  type CoreOptions,
  entryBytes,
  type Entry,
  type InitialState,
  type Member,
  type Message,
  type RaftId,
  type Ready,
  type Write,
} from './core/types.ts';
import { entryTooLarge, notLeader, proposalDropped, raftStopped } from './errors.ts';
import { Hearing } from './hearing.ts';
import { IncomingSnapshots } from './incoming.ts';
import { MembershipChanges } from './membership.ts';
import {
  type ConsensusDependencies,
  type ConsensusOptions,
  DEFAULT_NODE_OPTIONS,
  MAX_PROPOSAL_BYTES,
  STOP_TRANSFER_MS,
} from './options.ts';
import { Outgoing } from './outgoing.ts';
import { Proposals } from './proposals.ts';
import { Reads } from './reads.ts';
import { openInitialState } from './recovery.ts';
import { Snapshotter } from './snapshotter.ts';
import { Ticker } from './ticker.ts';

export class ConsensusNode implements RaftNode {
  private readonly deps: ConsensusDependencies;
  private readonly options: Omit<Required<ConsensusOptions>, 'core'>;
  private readonly coreOptions: Omit<CoreOptions, 'id'>;
  private readonly announcer = new Announcer();
  private readonly proposals: Proposals;
  private readonly reads: Reads;
  private readonly incoming: IncomingSnapshots;
  private readonly applier: Applier;
  private readonly snapshotter: Snapshotter;
  private readonly changes: MembershipChanges;
  private readonly ending = new AbortController();
  private readonly hearing = new Hearing();
  private readonly ticker: Ticker;
  private readonly outgoing: Outgoing;
  private core: RaftCore | undefined;
  private cycleAsked = false;
  private persisting: Promise<void> = Promise.resolve();
  private knownMembers: readonly Member[] = [];
  private state: 'new' | 'running' | 'stopped' | 'failed' = 'new';
  /** Why the log takes no more writes; this member hands leadership over, then fails. */
  private diskFailure: SkeinError | undefined;

  constructor(dependencies: ConsensusDependencies, options: ConsensusOptions) {
    this.deps = dependencies;
    this.coreOptions = { ...DEFAULT_CORE_OPTIONS, ...options.core };
    this.options = { ...DEFAULT_NODE_OPTIONS, ...options };
    this.proposals = new Proposals(this.options.proposalTimeoutMs);
    // 2^48 lives apart; requests count up from here.
    this.reads = new Reads(this.options.readTimeoutMs, Math.floor(dependencies.random.next() * 2 ** 48));
    this.ticker = new Ticker(dependencies.clock, this.options.tickMs, (ticks) => this.onTicks(ticks));
    this.incoming = new IncomingSnapshots(dependencies.storage);
    this.outgoing = new Outgoing(dependencies, (to, delivered) => {
      this.core?.reportSnapshot(to, delivered);
      this.kick();
    });
    const breathe = (): Promise<void> => new Promise((resolve) => dependencies.defer(resolve));
    this.applier = new Applier(dependencies, {
      onEntry: (entry) => this.onEntry(entry),
      onProgress: (index) => this.onProgress(index),
      onFailure: (error) => this.fail(error),
      openSnapshot: (snapshot) => dependencies.storage.snapshots.read(snapshot),
      breathe,
    });
    this.snapshotter = new Snapshotter(
      {
        ...dependencies,
        breathe,
        tailStart: (index, maxEntries, maxBytes) => this.running().tailStart(index, maxEntries, maxBytes),
        compact: (snapshot, keepAfter) => this.core?.compact(snapshot, keepAfter),
      },
      { everyEntries: this.options.snapshotEveryEntries, keepEntries: this.options.keepEntries },
    );
    this.changes = new MembershipChanges({
      clock: dependencies.clock,
      core: () => this.running(),
      kick: () => this.kick(),
      follow: (index, term) => this.proposals.follow(index, term, dependencies.clock.monotonic()),
      active: () => this.active(),
      leaderMember: () => this.leaderMember(),
      logger: dependencies.logger,
      signal: this.ending.signal,
    });
  }

  // ---- life ----

  async start(): Promise<void> {
    const { storage, random, transport } = this.deps;
    const opened = await openInitialState(storage, this.deps.logger, this.options);
    this.core = new RaftCore({ ...this.coreOptions, id: opened.raftId }, () => random.next(), opened.initial);
    await this.restoreOwnSnapshot(opened.initial);
    transport.attach({
      onMessages: (messages) => this.onMessages(messages),
      onUnreachable: (raftId) => {
        this.core?.reportUnreachable(raftId);
        this.kick();
      },
      onSnapshot: (message, chunks) =>
        this.incoming.receive(message, chunks, () => this.onMessages([message])),
    });
    this.knownMembers = this.core.members();
    transport.setMembers(this.knownMembers);
    await transport.start();
    this.state = 'running';
    this.ticker.start();
    const voters = this.knownMembers.filter((member) => !member.learner);
    if (voters.length === 1 && voters[0]?.raftId === opened.raftId) {
      // Nobody else could lead: there is nothing to wait for.
      this.core.campaign();
    }
    this.kick();
  }

  private async restoreOwnSnapshot(initial: InitialState): Promise<void> {
    const { snapshot } = initial;
    if (snapshot.index > 0) {
      await this.applier.load(snapshot);
      this.snapshotter.begin(snapshot.index);
    }
  }

  async stop(): Promise<void> {
    if (this.state === 'running' && this.options.transferOnStop && this.core?.status().role === 'leader') {
      await this.changes.tryTransfer(STOP_TRANSFER_MS);
    }
    const wasRunning = this.state === 'running' || this.state === 'failed';
    this.end('stopped', raftStopped());
    if (wasRunning) {
      await this.deps.transport.stop();
      await this.applier.stop();
      await this.persisting;
      await this.snapshotter.stop();
      await this.deps.storage.close();
    }
  }

  private end(state: 'stopped' | 'failed', error: unknown): void {
    if (this.state === 'stopped') {
      return;
    }
    this.state = state;
    this.ticker.stop();
    this.ending.abort(error);
    this.proposals.refuseWaiting(error);
    this.proposals.dropPlaced(
      this.diskFailure === undefined ? error : proposalDropped(errorMessage(this.diskFailure)),
    );
    this.reads.rejectAll(error);
    this.announcer.stop(this.core?.status().term ?? 0);
  }

  /**
   * What could not be written was not acknowledged, and nothing can be written any more. A leader has another
   * member lead first, so that the group goes on at once.
   */
  private async failOnDisk(error: SkeinError): Promise<void> {
    if (this.state !== 'running' || this.diskFailure !== undefined) {
      return;
    }
    this.diskFailure = error;
    this.deps.logger.error({ error: errorMessage(error) }, 'the disk takes no more of the log');
    this.proposals.refuseWaiting(error);
    if (this.core?.isLeader() === true) {
      await this.changes.tryTransfer(STOP_TRANSFER_MS);
    }
    this.fail(error);
  }

  private fail(error: unknown): void {
    if (this.state !== 'running') {
      return;
    }
    this.deps.logger.error({ error: errorMessage(error) }, 'raft has failed');
    this.end('failed', raftStopped(error));
    this.deps.onFatal(error);
  }

  // ---- what the manager calls ----

  status(): RaftStatus {
    const core = this.running();
    const { id, role, term, leader, committed, applied } = core.status();
    const members = core.members();
    const learner = members.find((member) => member.raftId === id)?.learner === true;
    return {
      raftId: id,
      role: learner && role === 'follower' ? 'learner' : role,
      term,
      leaderId: leader,
      committed,
      applied,
      members,
      active: role === 'leader' ? this.active() : [],
    };
  }

  propose(data: Uint8Array, signal?: AbortSignal): Promise<number> {
    if (this.state !== 'running' || this.core === undefined) {
      return Promise.reject(raftStopped());
    }
    if (signal?.aborted) {
      return Promise.reject(signal.reason);
    }
    if (this.diskFailure !== undefined) {
      return Promise.reject(this.diskFailure);
    }
    if (data.length > MAX_PROPOSAL_BYTES) {
      return Promise.reject(entryTooLarge(data.length, MAX_PROPOSAL_BYTES));
    }
    if (!this.core.isLeader()) {
      return Promise.reject(notLeader(this.leaderMember()));
    }
    const placed = this.proposals.add(data, this.deps.clock.monotonic(), signal);
    this.kick();
    return placed;
  }

  readBarrier(signal?: AbortSignal): Promise<void> {
    if (this.state !== 'running') {
      return Promise.reject(raftStopped());
    }
    if (signal?.aborted) {
      return Promise.reject(signal.reason);
    }
    const granted = this.reads.add(this.deps.clock.monotonic(), signal);
    this.kick();
    return granted;
  }

  addMember(member: Omit<Member, 'learner'>): Promise<void> {
    return this.changes.add(member);
  }

  removeMember(raftId: RaftId, options: { readonly force: boolean } = { force: false }): Promise<void> {
    return this.changes.remove(raftId, options.force);
  }

  updateMemberAddress(raftId: RaftId, address: string): Promise<void> {
    return this.changes.updateAddress(raftId, address);
  }

  transferLeadership(toRaftId?: RaftId): Promise<void> {
    return this.changes.transfer(toRaftId);
  }

  onLeadership(listener: Parameters<RaftNode['onLeadership']>[0]): () => void {
    return this.announcer.onLeadership(listener);
  }

  onStatus(listener: Parameters<RaftNode['onStatus']>[0]): () => void {
    return this.announcer.onStatus(listener);
  }

  // ---- inputs of the core ----

  private onMessages(messages: readonly Message[]): void {
    if (this.state !== 'running' || this.core === undefined) {
      return;
    }
    try {
      const now = this.deps.clock.monotonic();
      for (const message of messages) {
        this.hearing.heard(message.from, now);
        this.core.step(message);
      }
    } catch (error) {
      this.fail(error);
    }
    this.kick();
  }

  private onTicks(ticks: number): void {
    if (this.state !== 'running' || this.core === undefined) {
      return;
    }
    try {
      for (let tick = 0; tick < ticks; tick += 1) {
        this.core.tick();
      }
    } catch (error) {
      this.fail(error);
    }
    const now = this.deps.clock.monotonic();
    this.proposals.expire(now);
    this.reads.expire(now);
    this.kick();
  }

  // ---- the loop ----

  /** Asks for one turn of the loop; everything that arrives until then rides along. */
  private kick(): void {
    if (!this.cycleAsked && this.state === 'running') {
      this.cycleAsked = true;
      this.deps.defer(() => {
        this.cycleAsked = false;
        this.cycle();
      });
    }
  }

  private cycle(): void {
    const { core } = this;
    if (this.state !== 'running' || core === undefined) {
      return;
    }
    try {
      this.observe(core);
      this.proposals.offer((batch) => core.propose(batch));
      this.reads.request(this.deps.clock.monotonic(), (requestId) => core.readIndex(requestId));
      for (let ready = core.ready(); ready !== undefined; ready = core.ready()) {
        this.handle(core, ready);
      }
      this.observe(core);
    } catch (error) {
      this.fail(error);
    }
  }

  private handle(core: RaftCore, ready: Ready): void {
    this.outgoing.send(ready.messages);
    for (const { requestId, index } of ready.reads) {
      this.reads.grant(requestId, index, core.status().applied);
    }
    if (ready.write !== undefined) {
      this.persisting = this.persist(core, ready.write);
    }
    if (ready.committed.length > 0) {
      this.applier.add({ kind: 'entries', entries: ready.committed });
    }
  }

  private async persist(core: RaftCore, write: Write): Promise<void> {
    try {
      if (write.snapshot !== undefined) {
        await this.incoming.publish(write.snapshot);
      }
      await this.deps.storage.write(write);
      if (this.state !== 'running') {
        return;
      }
      if (write.snapshot !== undefined) {
        this.snapshotter.begin(write.snapshot.index);
        this.applier.add({ kind: 'restore', snapshot: write.snapshot });
      }
      this.outgoing.send(write.messages);
      core.advance({ written: write.id });
      // At once: waiting for the next turn would add its time to every write.
      this.cycle();
    } catch (error) {
      if (isDiskFailure(error)) {
        await this.failOnDisk(error);
      } else {
        this.fail(error);
      }
    }
  }

  // ---- what is applied ----

  private onEntry(entry: Entry): void {
    this.snapshotter.count(entryBytes(entry));
    this.proposals.applied(entry.index, entry.term);
  }

  private onProgress(index: number): void {
    const core = this.running();
    core.advance({ applied: index });
    this.reads.applied(index);
    this.announcer.applied(core.termAt(index), core.status());
    if (this.incoming.holds) {
      this.incoming.discardUpTo(index).catch((error) => this.fail(error));
    }
    if (this.snapshotter.due(index)) {
      const meta = { index, term: core.termAt(index) ?? 0, members: core.members() };
      this.snapshotter.take(meta, Math.min(index, this.outgoing.lowestSnapshot()));
    }
    this.kick();
  }

  private observe(core: RaftCore): void {
    const members = core.members();
    if (members !== this.knownMembers) {
      this.knownMembers = members;
      this.hearing.keepOnly(members);
      this.deps.transport.setMembers(members);
    }
    this.announcer.observe(core.status(), members, this.active(), () => this.status());
    if (!core.isLeader()) {
      this.proposals.refuseWaiting(notLeader(this.leaderMember()));
      this.proposals.dropPlaced(proposalDropped('leadership was lost'));
    }
  }

  // ---- small questions ----

  private running(): RaftCore {
    if (this.core === undefined) {
      throw raftStopped();
    }
    return this.core;
  }

  private leaderMember(): Member | undefined {
    const leader = this.core?.status().leader;
    return this.core?.members().find((member) => member.raftId === leader);
  }

  private active(): readonly RaftId[] {
    const core = this.running();
    const since = this.deps.clock.monotonic() - this.coreOptions.electionTicks * this.options.tickMs;
    return this.hearing.activeSince(since, core.members(), core.status().id);
  }
}

function isDiskFailure(error: unknown): error is SkeinError {
  return error instanceof SkeinError && error.code === 'raft-disk-failed';
}
