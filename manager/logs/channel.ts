// Lines on their way from many nodes to one reader. A reader that is slow holds the senders up; nothing is
// dropped and nothing grows without bound.
import type { LogMessage } from '../../shared/protocol/logs.ts';

/** Above this the senders wait: a screenful for each of many nodes. */
export const CHANNEL_MESSAGES = 4_096;
const CHANNEL_BYTES = 4 * 1024 * 1024;

export class LogChannel implements AsyncIterable<LogMessage> {
  private items: LogMessage[] = [];
  private bytes = 0;
  private isClosed = false;
  private failure: unknown;
  private wakeReader: (() => void) | undefined;
  private wakeSenders: (() => void)[] = [];

  /** Adds lines and resolves when there is room for more; false when nobody reads any more. */
  async push(messages: readonly LogMessage[]): Promise<boolean> {
    if (!this.isClosed) {
      for (const message of messages) {
        this.items.push(message);
        this.bytes += message.data.length;
      }
      this.wake();
    }
    while (!this.isClosed && (this.items.length > CHANNEL_MESSAGES || this.bytes > CHANNEL_BYTES)) {
      await new Promise<void>((resolve) => this.wakeSenders.push(resolve));
    }
    return !this.isClosed;
  }

  /** Ends the iteration after what waits. */
  close(): void {
    this.isClosed = true;
    this.wake();
    this.releaseSenders();
  }

  /** Ends the iteration at once with an error. */
  fail(error: unknown): void {
    if (!this.isClosed) {
      this.failure = error;
      this.items = [];
      this.close();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogMessage, void, undefined> {
    try {
      while (true) {
        const batch = this.items;
        this.items = [];
        this.bytes = 0;
        this.releaseSenders();
        for (const message of batch) {
          if (this.failure !== undefined) {
            break;
          }
          yield message;
        }
        if (this.failure !== undefined) {
          throw this.failure;
        }
        if (this.items.length === 0) {
          if (this.isClosed) {
            return;
          }
          await new Promise<void>((resolve) => {
            this.wakeReader = resolve;
          });
        }
      }
    } finally {
      this.items = [];
      this.close();
    }
  }

  private wake(): void {
    this.wakeReader?.();
    this.wakeReader = undefined;
  }

  private releaseSenders(): void {
    const senders = this.wakeSenders;
    this.wakeSenders = [];
    for (const release of senders) {
      release();
    }
  }
}
