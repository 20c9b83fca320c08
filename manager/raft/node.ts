// The shell around the consensus core: one loop that gives it time, messages and proposals, and does what it
// asks: persist, send, apply. It knows disks and peers only by their interfaces, and nothing of what is replicated.
import { errorMessage, type SkeinError } from '../../shared/errors.ts';
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
import { Persister } from './persister.ts';
import { Proposals } from './proposals.ts';
import { Reads } from './reads.ts';
import { openInitialState } from './recovery.ts';
import { Snapshotter } from './snapshotter.ts';
import { leaderOf, statusOf } from './status.ts';
import { Ticker } from './ticker.ts';

export class ConsensusNode implements RaftNode {
  private readonly deps: ConsensusDependencies;
  private readonly options: Omit<Required<ConsensusOptions>, 'core'>;
  private readonly coreOptions: Omit<CoreOptions, 'id'>;
  private readonly announcer = new Announcer();
  private readonly proposals: Proposals;
  private readonly reads: Reads;
  private readonly incoming: IncomingSnapshots;
  private readonly persister: Persister;
  private readonly applier: Applier;
  private readonly snapshotter: Snapshotter;
  private readonly changes: MembershipChanges;
  private readonly ending = new AbortController();
  private readonly hearing: Hearing;
  private readonly ticker: Ticker;
  private readonly outgoing: Outgoing;
  private core: RaftCore | undefined;
  private cycleAsked = false;
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
    this.hearing = new Hearing(dependencies.clock, this.coreOptions.electionTicks * this.options.tickMs);
    this.incoming = new IncomingSnapshots(dependencies.storage);
    this.outgoing = new Outgoing(dependencies, (to, delivered) =>
      this.inform((core) => core.reportSnapshot(to, delivered)),
    );
    const breathe = (): Promise<void> => new Promise((resolve) => dependencies.defer(resolve));
    this.persister = new Persister(dependencies.storage, {
      publish: (snapshot) => this.incoming.publish(snapshot),
      onWritten: (write) => this.onWritten(write),
      onDiskFailure: (error) => this.failOnDisk(error),
      onFailure: (error) => this.fail(error),
    });
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

  async start(): Promise<void> {
    const { storage, random, transport } = this.deps;
    const opened = await openInitialState(storage, this.deps.logger, this.options);
    this.core = new RaftCore({ ...this.coreOptions, id: opened.raftId }, () => random.next(), opened.initial);
    await this.restoreOwnSnapshot(opened.initial);
    transport.attach({
      onMessages: (messages) => this.onMessages(messages),
      onUnreachable: (raftId) => this.inform((core) => core.reportUnreachable(raftId)),
      onSnapshot: (message, chunks) =>
        this.incoming.receive(message, chunks, () => this.onMessages([message])),
    });
    this.knownMembers = this.core.members();
    transport.setMembers(this.knownMembers);
    await transport.start();
    this.state = 'running';
    this.ticker.start();
    if (this.knownMembers.every((member) => member.learner || member.raftId === opened.raftId)) {
      // Nobody else could lead: there is nothing to wait for. A learner's campaign is none.
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
      await this.persister.settled();
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
    return statusOf(this.running(), () => this.active());
  }

  basis(): number {
    return this.proposals.basis;
  }

  propose(data: Uint8Array, basis = this.proposals.basis): Promise<number> {
    const placed = this.proposals.add(data, basis, this.deps.clock.monotonic(), this.refusal(data));
    this.kick();
    return placed;
  }

  /** Why nothing can be proposed here now; undefined when it can. */
  private refusal(data: Uint8Array): SkeinError | undefined {
    if (this.state !== 'running' || this.core === undefined) {
      return raftStopped();
    }
    if (this.diskFailure !== undefined) {
      return this.diskFailure;
    }
    if (data.length > MAX_PROPOSAL_BYTES) {
      return entryTooLarge(data.length, MAX_PROPOSAL_BYTES);
    }
    return this.core.isLeader() ? undefined : notLeader(this.leaderMember());
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
    this.inform((core) => {
      for (const message of messages) {
        this.hearing.heard(message.from);
        core.step(message);
      }
    });
  }

  private onTicks(ticks: number): void {
    this.inform((core) => {
      for (let tick = 0; tick < ticks; tick += 1) {
        core.tick();
      }
      const now = this.deps.clock.monotonic();
      this.proposals.expire(now);
      this.reads.expire(now);
    });
  }

  private inform(work: (core: RaftCore) => void): void {
    this.attempt(work);
    this.kick();
  }

  /** Works with the core while this member runs; an error there is a broken invariant. */
  private attempt(work: (core: RaftCore) => void): void {
    if (this.state !== 'running' || this.core === undefined) {
      return;
    }
    try {
      work(this.core);
    } catch (error) {
      this.fail(error);
    }
  }

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
    this.attempt((core) => {
      this.observe(core);
      this.proposals.offer((batch) => core.propose(batch));
      this.reads.request(this.deps.clock.monotonic(), (requestId) => core.readIndex(requestId));
      for (let ready = core.ready(); ready !== undefined; ready = core.ready()) {
        this.handle(core, ready);
      }
      this.observe(core);
    });
  }

  private handle(core: RaftCore, ready: Ready): void {
    this.outgoing.send(ready.messages);
    for (const { requestId, index } of ready.reads) {
      this.reads.grant(requestId, index, core.status().applied);
    }
    if (ready.write !== undefined) {
      this.persister.begin(ready.write);
    }
    if (ready.committed.length > 0) {
      this.applier.add({ kind: 'entries', entries: ready.committed });
    }
  }

  private onWritten(write: Write): void {
    if (this.state !== 'running') {
      return;
    }
    if (write.snapshot !== undefined) {
      this.snapshotter.begin(write.snapshot.index);
      this.applier.add({ kind: 'restore', snapshot: write.snapshot });
    }
    this.outgoing.send(write.messages);
    this.running().advance({ written: write.id });
    // At once: waiting for the next turn would add its time to every write.
    this.cycle();
  }

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
    this.snapshotter.progress(core, index, this.outgoing.lowestSnapshot());
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
    if (!core.isLeader() && this.proposals.pending) {
      this.proposals.refuseWaiting(notLeader(this.leaderMember()));
      this.proposals.dropPlaced(proposalDropped('leadership was lost'));
    }
  }

  private running(): RaftCore {
    if (this.core === undefined) {
      throw raftStopped();
    }
    return this.core;
  }

  private leaderMember(): Member | undefined {
    return this.core === undefined ? undefined : leaderOf(this.core);
  }

  private active(): readonly RaftId[] {
    const core = this.running();
    return this.hearing.active(core.members(), core.status().id);
  }
}
