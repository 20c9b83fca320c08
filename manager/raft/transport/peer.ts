// One peer's outgoing side: a bounded queue drained into one stream, connected again with back-off when it
// breaks. What does not fit or was in flight when it broke is lost, which raft tolerates and is told.
import { randomInt, type Random } from '../../../shared/random.ts';
import type { Clock } from '../../../shared/clock.ts';
import { errorMessage } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { CallContext } from '../../../shared/protocol/peer.ts';
import type { RaftBatch, RaftTransportService } from '../../../shared/protocol/raft.ts';
import { entryBytes, type Message } from '../core/types.ts';

/** The core's window is 256 appends; with heartbeats and answers this is a peer that does not drain. */
const MAX_QUEUED_MESSAGES = 1024;
/** Above the core's window in bytes (16 MiB). */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
/** A batch ends after this many bytes of entries, so that with the largest entry it stays below 4 MiB. */
const MAX_BATCH_BYTES = 1024 * 1024;
/** A peer that comes back should be found well within an election time-out. */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;
/** A removed member gets this long to take its last messages. */
const FINISH_MS = 2_000;

export interface PeerHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Makes the service at the peer's current address. */
  readonly connect: () => RaftTransportService;
  readonly self: () => { readonly raftId: number; readonly address: string };
  readonly context: (signal: AbortSignal) => CallContext;
  readonly onUnreachable: () => void;
}

export class PeerSender {
  private readonly host: PeerHost;
  private readonly ending = new AbortController();
  private queue: Message[] = [];
  private queuedBytes = 0;
  private wake: (() => void) | undefined;
  private connection = new AbortController();
  private loop: Promise<void> | undefined;
  private failures = 0;
  private finishing = false;

  constructor(host: PeerHost) {
    this.host = host;
  }

  /** Drops and reports what does not fit. */
  send(messages: readonly Message[]): void {
    for (const message of messages) {
      const bytes = messageBytes(message);
      if (this.queue.length >= MAX_QUEUED_MESSAGES || this.queuedBytes + bytes > MAX_QUEUED_BYTES) {
        this.host.onUnreachable();
        break;
      }
      this.queue.push(message);
      this.queuedBytes += bytes;
    }
    this.wake?.();
    this.loop ??= this.run();
  }

  /** The peer has another address: the next connection uses it. */
  reconnect(): void {
    this.disconnect();
  }

  /** Sends what is queued, within a bound, and ends: the member was removed and should hear of it. */
  async finish(): Promise<void> {
    this.finishing = true;
    this.wake?.();
    const timer = this.host.clock.after(FINISH_MS, () => this.ending.abort());
    this.ending.signal.addEventListener('abort', () => this.disconnect(), { once: true });
    await this.loop;
    timer.cancel();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    this.disconnect();
    await this.loop;
  }

  private disconnect(): void {
    this.connection.abort();
    this.wake?.();
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted && !this.finishing) {
      this.connection = new AbortController();
      try {
        await this.host
          .connect()
          .messages(this.batches(this.connection.signal), this.host.context(this.connection.signal));
      } catch (error) {
        this.host.logger.debug({ error: errorMessage(error) }, 'raft stream ended');
      }
      this.dropQueue();
      if (!signal.aborted && !this.finishing) {
        await this.pause(signal);
      }
    }
  }

  /** What was queued belongs to a time that is over: the core sends anew. */
  private dropQueue(): void {
    this.queue = [];
    this.queuedBytes = 0;
    this.host.onUnreachable();
  }

  private async pause(signal: AbortSignal): Promise<void> {
    const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.failures, 10));
    this.failures += 1;
    try {
      await this.host.clock.sleep(randomInt(this.host.random, ceiling / 2, ceiling), signal);
    } catch {
      // The peer is gone or this transport stops: the loop sees it by the signal.
    }
  }

  private async *batches(signal: AbortSignal): AsyncGenerator<RaftBatch, void, undefined> {
    while (!signal.aborted) {
      if (this.queue.length === 0 && this.finishing) {
        return;
      }
      if (this.queue.length === 0) {
        await this.waitForMessages();
        continue;
      }
      yield { from: this.host.self().raftId, address: this.host.self().address, messages: this.takeBatch() };
      // The stream takes more only when the peer drains it, so this one is alive.
      this.failures = 0;
    }
  }

  /** Until there are messages, or the connection is given up. */
  private waitForMessages(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = undefined;
        resolve();
      };
    });
  }

  private takeBatch(): readonly Message[] {
    let bytes = 0;
    let count = 0;
    while (count < this.queue.length && bytes < MAX_BATCH_BYTES) {
      const message = this.queue[count];
      bytes += message === undefined ? 0 : messageBytes(message);
      count += 1;
    }
    this.queuedBytes -= bytes;
    return this.queue.splice(0, count);
  }
}

function messageBytes(message: Message): number {
  return message.kind === 'append' ? message.entries.reduce((sum, entry) => sum + entryBytes(entry), 64) : 64;
}
