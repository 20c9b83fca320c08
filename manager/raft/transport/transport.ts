// The transport over gRPC streams: one sender per peer, one service for what peers send. It checks that a
// sender's raft id belongs to the node of its certificate, and learns where senders can be reached.
import { ChildAbort } from '../../../shared/child_abort.ts';
import type { Clock } from '../../../shared/clock.ts';
import { SkeinError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Id } from '../../../shared/model/meta.ts';
import type { CallContext } from '../../../shared/protocol/peer.ts';
import type { RaftBatch, RaftSnapshotPart, RaftTransportService } from '../../../shared/protocol/raft.ts';
import type { Random } from '../../../shared/random.ts';
import type { Member, Message, MessageOf, RaftId } from '../core/types.ts';
import type { Transport, TransportHandler } from './api.ts';
import { PeerSender } from './peer.ts';

/** Small enough to leave the stream's other users room, large enough that the frame costs nothing. */
const CHUNK_BYTES = 64 * 1024;
/** A snapshot of the largest cluster takes seconds; a receiver that stalls longer than this is given up. */
const SNAPSHOT_TIMEOUT_MS = 120_000;
/** Most members that were heard from and are not in the list yet. */
const MAX_LEARNED_ADDRESSES = 64;

export interface StreamTransportDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A client of the service at that address; `nodeId` is what its certificate must say ('' when not known yet). */
  readonly connect: (address: string, nodeId: Id) => RaftTransportService;
}

export interface StreamTransportOptions {
  readonly raftId: RaftId;
  /** Where the others reach this member now. */
  readonly address: string;
  readonly nodeId: Id;
}

interface Known {
  readonly nodeId: Id;
  readonly address: string;
}

/** Give `service` to the cluster's server under `raftTransportMethods`. */
export class StreamTransport implements Transport {
  readonly service: RaftTransportService;
  private readonly deps: StreamTransportDependencies;
  private readonly options: StreamTransportOptions;
  private readonly members = new Map<RaftId, Known>();
  /**
   * What senders say of themselves: a member that lags must answer a leader it has not heard of, and one that
   * came back under another address is found before the list says so.
   */
  private readonly learned = new Map<RaftId, Known>();
  private readonly peers = new Map<RaftId, PeerSender>();
  /** Of removed members, taking their last messages. */
  private readonly finishing = new Set<PeerSender>();
  private readonly ending = new AbortController();
  private handler: TransportHandler | undefined;
  private started = false;

  constructor(dependencies: StreamTransportDependencies, options: StreamTransportOptions) {
    this.deps = dependencies;
    this.options = options;
    this.service = {
      messages: (batches, context) => this.receiveMessages(batches, context),
      snapshot: (parts, context) => this.receiveSnapshot(parts, context),
    };
  }

  attach(handler: TransportHandler): void {
    this.handler = handler;
  }

  async start(): Promise<void> {
    this.started = true;
  }

  async stop(): Promise<void> {
    this.started = false;
    this.ending.abort();
    const peers = [...this.peers.values(), ...this.finishing];
    this.peers.clear();
    await Promise.all(peers.map((peer) => peer.stop()));
  }

  /** Where members last said they are, this one included; the list of members may not say so yet. */
  addresses(): ReadonlyMap<RaftId, string> {
    const { raftId, address } = this.options;
    const others = [...this.learned].map(([id, known]): [RaftId, string] => [id, known.address]);
    return new Map([...others, [raftId, address]]);
  }

  setMembers(members: readonly Member[]): void {
    const before = new Map(this.members);
    this.members.clear();
    for (const { raftId, nodeId, address } of members) {
      this.members.set(raftId, { nodeId, address });
      if (before.get(raftId)?.address !== address) {
        this.learned.delete(raftId);
        this.peers.get(raftId)?.reconnect();
      }
    }
    for (const [raftId, peer] of this.peers) {
      if (!this.members.has(raftId) && before.has(raftId)) {
        this.peers.delete(raftId);
        this.learned.delete(raftId);
        this.finishing.add(peer);
        void peer.finish().finally(() => this.finishing.delete(peer));
      }
    }
  }

  send(messages: readonly Message[]): void {
    const byPeer = new Map<RaftId, Message[]>();
    for (const message of messages) {
      const batch = byPeer.get(message.to);
      if (batch === undefined) {
        byPeer.set(message.to, [message]);
      } else {
        batch.push(message);
      }
    }
    for (const [raftId, batch] of byPeer) {
      this.peer(raftId)?.send(batch);
    }
  }

  async sendSnapshot(message: MessageOf<'snapshot'>, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const known = this.find(message.to);
    if (known === undefined || !this.started) {
      throw new SkeinError('unavailable', 'peer-unknown', `member ${message.to} has no known address`);
    }
    const late = new ChildAbort(this.ending.signal);
    const timer = this.deps.clock.after(SNAPSHOT_TIMEOUT_MS, () => late.abort(snapshotLate(message.to)));
    const { raftId: from, address } = this.options;
    const service = this.deps.connect(known.address, known.nodeId);
    try {
      await service.snapshot(
        snapshotParts({ from, address, messages: [message] }, chunks),
        this.context(late.signal),
      );
    } finally {
      timer.cancel();
      late.release();
    }
  }

  private peer(raftId: RaftId): PeerSender | undefined {
    const existing = this.peers.get(raftId);
    if (existing !== undefined || !this.started || this.find(raftId) === undefined) {
      return existing;
    }
    const { clock, random, logger } = this.deps;
    const peer = new PeerSender({
      clock,
      random,
      logger: logger.child({ peer: raftId }),
      connect: () => {
        const known = this.find(raftId);
        if (known === undefined) {
          throw new SkeinError('unavailable', 'peer-unknown', `member ${raftId} has no known address`);
        }
        return this.deps.connect(known.address, known.nodeId);
      },
      self: () => this.options,
      context: (signal) => this.context(signal),
      onUnreachable: () => this.handler?.onUnreachable(raftId),
    });
    this.peers.set(raftId, peer);
    return peer;
  }

  /** Outgoing calls need a context; the peer in it is only read by a service in the same process. */
  private context(signal: AbortSignal): CallContext {
    const { nodeId, address } = this.options;
    return { peer: { kind: 'node', nodeId, role: 'manager', clusterId: '', address }, signal };
  }

  private find(raftId: RaftId): Known | undefined {
    return this.learned.get(raftId) ?? this.members.get(raftId);
  }

  // ---- receiving ----

  private async receiveMessages(batches: AsyncIterable<RaftBatch>, context: CallContext): Promise<void> {
    for await (const batch of batches) {
      this.verify(batch, context);
      this.requireHandler().onMessages(batch.messages);
    }
  }

  private async receiveSnapshot(parts: AsyncIterable<RaftSnapshotPart>, context: CallContext): Promise<void> {
    const iterator = parts[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done === true || first.value.kind !== 'opening') {
      throw badSender('a snapshot stream must open with its message');
    }
    this.verify(first.value.batch, context);
    const message = first.value.batch.messages[0];
    if (message?.kind !== 'snapshot') {
      throw badSender('a snapshot stream must open with a snapshot message');
    }
    await this.requireHandler().onSnapshot(message, snapshotChunks(iterator));
  }

  /** A batch speaks for one member, which must be the node that the certificate names. */
  private verify(batch: RaftBatch, context: CallContext): void {
    const { peer } = context;
    if (peer.kind !== 'node' || peer.role !== 'manager') {
      throw badSender('only managers may send raft messages');
    }
    const { raftId } = this.options;
    if (batch.messages.some((message) => message.from !== batch.from || message.to !== raftId)) {
      throw badSender(`a batch of member ${batch.from} speaks for or to another member`);
    }
    const known = this.find(batch.from);
    if (known !== undefined && known.nodeId !== peer.nodeId) {
      throw badSender(`member ${batch.from} is node ${known.nodeId}, not ${peer.nodeId}`);
    }
    if (batch.address !== '' && known?.address !== batch.address) {
      this.learn(batch, peer.nodeId);
      this.peers.get(batch.from)?.reconnect();
    }
  }

  private learn(batch: RaftBatch, nodeId: Id): void {
    if (this.learned.size >= MAX_LEARNED_ADDRESSES) {
      const oldest = this.learned.keys().next().value;
      if (oldest !== undefined) {
        this.learned.delete(oldest);
      }
    }
    this.learned.set(batch.from, { nodeId, address: batch.address });
  }

  private requireHandler(): TransportHandler {
    if (this.handler === undefined || !this.started) {
      throw new SkeinError('unavailable', 'raft-stopped', 'consensus on this manager is not running');
    }
    return this.handler;
  }
}

function snapshotLate(to: RaftId): SkeinError {
  const seconds = SNAPSHOT_TIMEOUT_MS / 1000;
  return new SkeinError(
    'timeout',
    'snapshot-late',
    `member ${to} did not take a snapshot within ${seconds} s`,
  );
}

function badSender(problem: string): SkeinError {
  return new SkeinError('denied', 'raft-sender-refused', problem);
}

async function* snapshotParts(
  batch: RaftBatch,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<RaftSnapshotPart, void, undefined> {
  yield { kind: 'opening', batch };
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      yield { kind: 'chunk', data: chunk.subarray(at, at + CHUNK_BYTES) };
    }
  }
}

async function* snapshotChunks(
  parts: AsyncIterator<RaftSnapshotPart>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let part = await parts.next(); part.done !== true; part = await parts.next()) {
    if (part.value.kind !== 'chunk') {
      throw badSender('a snapshot stream has one opening only');
    }
    yield part.value.data;
  }
}
