// For tests: transports of one process that hand messages over by queue, with cuts and loss on demand.
import type { Member, Message, MessageOf, RaftId } from '../core/types.ts';
import type { Transport, TransportHandler } from '../transport/api.ts';

export class Loopback {
  private readonly ends = new Map<RaftId, LoopbackTransport>();
  private readonly cutOff = new Set<RaftId>();
  /** Snapshots handed over so far. */
  snapshots = 0;

  transport(raftId: RaftId): Transport {
    return new LoopbackTransport(raftId, this);
  }

  join(raftId: RaftId, end: LoopbackTransport): void {
    this.ends.set(raftId, end);
  }

  leave(raftId: RaftId): void {
    this.ends.delete(raftId);
  }

  cut(raftId: RaftId): void {
    this.cutOff.add(raftId);
  }

  heal(): void {
    this.cutOff.clear();
  }

  find(from: RaftId, to: RaftId): LoopbackTransport | undefined {
    return this.cutOff.has(from) || this.cutOff.has(to) ? undefined : this.ends.get(to);
  }
}

export class LoopbackTransport implements Transport {
  private readonly raftId: RaftId;
  private readonly net: Loopback;
  private handler: TransportHandler | undefined;
  members: readonly Member[] = [];

  constructor(raftId: RaftId, net: Loopback) {
    this.raftId = raftId;
    this.net = net;
  }

  attach(handler: TransportHandler): void {
    this.handler = handler;
  }

  setMembers(members: readonly Member[]): void {
    this.members = members;
  }

  async start(): Promise<void> {
    this.net.join(this.raftId, this);
  }

  async stop(): Promise<void> {
    this.net.leave(this.raftId);
  }

  send(messages: readonly Message[]): void {
    for (const to of new Set(messages.map((message) => message.to))) {
      const batch = messages.filter((message) => message.to === to);
      setImmediate(() => {
        const peer = this.net.find(this.raftId, to);
        if (peer === undefined) {
          this.handler?.onUnreachable(to);
        } else {
          peer.handler?.onMessages(batch);
        }
      });
    }
  }

  async sendSnapshot(message: MessageOf<'snapshot'>, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const peer = this.net.find(this.raftId, message.to);
    if (peer?.handler === undefined) {
      throw new Error(`member ${message.to} is not reachable`);
    }
    this.net.snapshots += 1;
    await peer.handler.onSnapshot(message, chunks);
  }
}
