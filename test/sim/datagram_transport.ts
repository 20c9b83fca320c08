// Raft's messages as datagrams: each may be lost, doubled, late or overtaken, which streams would hide. Snapshots
// go in chunks, may break half-way, and are answered when stored. Senders are checked as the real transport does.
import type { Member, Message, MessageOf, RaftId } from '../../manager/raft/core/types.ts';
import type { Transport, TransportHandler } from '../../manager/raft/transport/api.ts';
import { SkeinError } from '../../shared/errors.ts';
import type { Network, Place } from './network.ts';
import type { Scope, World } from './world.ts';

const CHUNK_PAUSE_MS = 1;
const SNAPSHOT_TIMEOUT_MS = 30_000;
/** Share of a snapshot's chunks after which the sending breaks, in bad weather. */
const CHUNK_LOSS = 0.05;

export interface DatagramDependencies {
  readonly world: World;
  readonly network: Network;
  readonly scope: Scope;
  readonly place: Place;
  /** Which machine runs the member; by its node id, as a certificate would show. */
  readonly placeOf: (nodeId: string) => Place | undefined;
  readonly peerAt: (place: Place) => DatagramTransport | undefined;
}

export class DatagramTransport implements Transport {
  readonly scope: Scope;
  snapshotsSent = 0;
  snapshotsBroken = 0;
  private readonly on: DatagramDependencies;
  private readonly raftId: RaftId;
  private handler: TransportHandler | undefined;
  private members = new Map<RaftId, string>();
  /** Members that the list does not name (yet): who wrote to this one can be answered. */
  private readonly learned = new Map<RaftId, Place>();
  private started = false;

  constructor(dependencies: DatagramDependencies, raftId: RaftId) {
    this.on = dependencies;
    this.scope = dependencies.scope;
    this.raftId = raftId;
  }

  attach(handler: TransportHandler): void {
    this.handler = handler;
  }

  setMembers(members: readonly Member[]): void {
    this.members = new Map(members.map((member) => [member.raftId, member.nodeId]));
  }

  async start(): Promise<void> {
    this.started = true;
  }

  async stop(): Promise<void> {
    this.started = false;
  }

  send(messages: readonly Message[]): void {
    const { scope, world, network, place } = this.on;
    if (scope.dead) {
      return;
    }
    for (const message of messages) {
      const to = this.find(message.to);
      const peer = to === undefined ? undefined : this.on.peerAt(to);
      if (to === undefined || peer === undefined) {
        continue;
      }
      world.note(`${message.from}>${message.to} ${message.kind} ${message.term}`);
      network.datagram(
        { from: place, to, sender: scope, receiver: peer.scope },
        () => peer.receive([message], place),
        () => this.handler?.onUnreachable(message.to),
      );
    }
  }

  async sendSnapshot(message: MessageOf<'snapshot'>, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const to = this.find(message.to);
    const peer = to === undefined ? undefined : this.on.peerAt(to);
    const { scope, network, place } = this.on;
    if (to === undefined || peer === undefined || scope.dead) {
      throw broken(message.to);
    }
    const inbox = new Inbox();
    this.snapshotsSent += 1;
    // Read first: the file may be removed while the chunks travel.
    const all: Uint8Array[] = [];
    for await (const chunk of chunks) {
      all.push(chunk);
    }
    const breaksAt =
      network.weather.loss > 0 && this.chance(CHUNK_LOSS * (all.length + 1)) ? all.length >> 1 : -1;
    this.stream(peer, to, inbox, all, breaksAt);
    await this.answered(peer, to, message, inbox).finally(() => {
      inbox.fail(broken(message.to));
    });
    // The answer may get lost although all went well.
    if (!network.isOpen(to, place) || this.chance(network.weather.loss)) {
      throw broken(message.to);
    }
  }

  /** Chunks leave one after the other; a cut wire or chance ends it early. */
  private stream(
    peer: DatagramTransport,
    to: Place,
    inbox: Inbox,
    chunks: readonly Uint8Array[],
    breaksAt: number,
  ): void {
    const { world, network, place } = this.on;
    let delayMs = 0;
    for (let at = 0; at <= chunks.length; at += 1) {
      const chunk = chunks[at];
      delayMs = Math.max(delayMs, network.delay(place, to)) + CHUNK_PAUSE_MS;
      world.schedule(peer.scope, delayMs, () => {
        if (!network.isOpen(place, to) || at === breaksAt || this.scope.dead) {
          this.snapshotsBroken += 1;
          inbox.fail(broken(peer.raftId));
        } else if (chunk === undefined) {
          inbox.end();
        } else {
          inbox.push(chunk);
        }
      });
    }
  }

  private answered(
    peer: DatagramTransport,
    to: Place,
    message: MessageOf<'snapshot'>,
    inbox: Inbox,
  ): Promise<void> {
    const { world, network, place, scope } = this.on;
    return new Promise((resolve, reject) => {
      const limit = world.schedule(scope, SNAPSHOT_TIMEOUT_MS, () => reject(broken(message.to)));
      const back = (settle: () => void): void => {
        world.schedule(scope, network.delay(to, place), () => {
          limit.cancel();
          settle();
        });
      };
      world.schedule(peer.scope, network.delay(place, to), () => {
        peer.receiveSnapshot(message, inbox).then(
          () => back(resolve),
          (error: unknown) => back(() => reject(error)),
        );
      });
    });
  }

  private receive(messages: readonly Message[], from: Place): void {
    if (!this.started || messages.some((message) => !this.isSender(message, from))) {
      return;
    }
    this.handler?.onMessages(messages);
  }

  private async receiveSnapshot(message: MessageOf<'snapshot'>, inbox: Inbox): Promise<void> {
    if (!this.started || this.handler === undefined) {
      throw new SkeinError('unavailable', 'raft-stopped', 'not running');
    }
    await this.handler.onSnapshot(message, inbox);
  }

  private isSender(message: Message, from: Place): boolean {
    const nodeId = this.members.get(message.from);
    const known = nodeId === undefined ? this.learned.get(message.from) : this.on.placeOf(nodeId);
    if (known === undefined) {
      this.learned.set(message.from, from);
    }
    return message.to === this.raftId && (known === undefined || known === from);
  }

  private find(raftId: RaftId): Place | undefined {
    const nodeId = this.members.get(raftId);
    return nodeId === undefined ? this.learned.get(raftId) : this.on.placeOf(nodeId);
  }

  private chance(share: number): boolean {
    return this.on.network.chance(share);
  }
}

/** What arrives of a snapshot, in order. */
class Inbox implements AsyncIterable<Uint8Array> {
  private readonly chunks: Uint8Array[] = [];
  private ended = false;
  private error: unknown;
  private wake: () => void = () => undefined;

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  fail(error: unknown): void {
    if (!this.ended) {
      this.error ??= error;
      this.wake();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        yield chunk;
      } else if (this.error !== undefined) {
        throw this.error;
      } else if (this.ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }
}

function broken(raftId: RaftId): SkeinError {
  return new SkeinError('unavailable', 'connection-lost', `the stream to member ${raftId} broke`);
}
