// How the node shell sees its peers: messages out, messages in, snapshots beside them. Loss is allowed and
// reported; nothing here waits for an answer but the sending of a snapshot.
import type { Startable } from '../../../shared/lifecycle.ts';
import type { Member, Message, MessageOf, RaftId } from '../core/types.ts';

export interface TransportHandler {
  /** Messages whose sender has been verified, in the order in which they were sent. */
  onMessages(messages: readonly Message[]): void;
  /** Messages to this member were dropped. */
  onUnreachable(raftId: RaftId): void;
  /** Resolves when the snapshot is stored and handed to the core; a rejection fails the sending side. */
  onSnapshot(message: MessageOf<'snapshot'>, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

export interface Transport extends Startable {
  /** Called once, before `start`. */
  attach(handler: TransportHandler): void;
  /** The members as of now; connections to those no longer in it end after what is queued. */
  setMembers(members: readonly Member[]): void;
  /** Never blocks: what does not fit is dropped and reported. Snapshot messages are not sent by this. */
  send(messages: readonly Message[]): void;
  /** Resolves when the receiver has stored it; rejects when sending failed or took too long. */
  sendSnapshot(message: MessageOf<'snapshot'>, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}
