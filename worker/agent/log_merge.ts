// Gathers lines of several tasks' logs into batches, as they come, holding each source up while the reader
// is slow. Sources may be added while it runs.
import type { LogMessage } from '../../shared/protocol/logs.ts';

export class LogMerge {
  private readonly batchMessages: number;
  private readonly batchBytes: number;
  private batch: LogMessage[] = [];
  private bytes = 0;
  private sources = 0;
  private failure: { readonly error: unknown } | undefined;
  private wakeReader: (() => void) | undefined;
  private wakeSources: (() => void)[] = [];
  private closed = false;

  constructor(batchMessages: number, batchBytes: number) {
    this.batchMessages = batchMessages;
    this.batchBytes = batchBytes;
  }

  add(source: AsyncIterable<LogMessage>): void {
    this.sources += 1;
    this.drain(source)
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.sources -= 1;
        this.wakeReader?.();
      });
  }

  /** @param follow goes on when all sources have ended: more may be added */
  async *batches(
    follow: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogMessage[], void, undefined> {
    const onAbort = (): void => this.wakeReader?.();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        if (this.batch.length > 0) {
          yield this.take();
        } else if (this.failure !== undefined) {
          throw this.failure.error;
        } else if (this.sources === 0 && !follow) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.wakeReader = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.closed = true;
      this.take();
    }
  }

  private async drain(source: AsyncIterable<LogMessage>): Promise<void> {
    for await (const message of source) {
      if (this.closed) {
        return;
      }
      this.batch.push(message);
      this.bytes += message.data.length;
      this.wakeReader?.();
      if (this.batch.length >= this.batchMessages || this.bytes >= this.batchBytes) {
        await new Promise<void>((resolve) => this.wakeSources.push(resolve));
      }
    }
  }

  private take(): readonly LogMessage[] {
    const { batch, wakeSources } = this;
    this.batch = [];
    this.bytes = 0;
    this.wakeSources = [];
    for (const wake of wakeSources) {
      wake();
    }
    return batch;
  }
}
