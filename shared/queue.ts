// A bounded queue read as an async iterable: the bridge from callbacks to streams.
import { SkeinError } from './errors.ts';

/** Ends a reader that fell behind instead of growing without bound. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  private readonly items: T[] = [];
  private readonly limit: number;
  private waiting: (() => void) | undefined;
  private closed = false;
  private failure: unknown;

  /** @param limit most items waiting at once; one more fails the reader with `queue-overflow`. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.items.length;
  }

  /** Adds an item; does nothing once closed. */
  push(item: T): void {
    if (this.closed) {
      return;
    }
    if (this.items.length >= this.limit) {
      this.fail(
        new SkeinError('exhausted', 'queue-overflow', `the reader fell more than ${this.limit} items behind`),
      );
      return;
    }
    this.items.push(item);
    this.wake();
  }

  /** Ends the iteration after what is queued. */
  close(): void {
    this.closed = true;
    this.wake();
  }

  /** Ends the iteration at once with an error. */
  fail(error: unknown): void {
    if (this.closed) {
      return;
    }
    this.failure = error;
    this.items.length = 0;
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      while (true) {
        const item = this.items.shift();
        if (item !== undefined) {
          yield item;
        } else if (this.failure !== undefined) {
          throw this.failure;
        } else if (this.closed) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.waiting = resolve;
          });
        }
      }
    } finally {
      this.closed = true;
      this.items.length = 0;
    }
  }

  private wake(): void {
    this.waiting?.();
    this.waiting = undefined;
  }
}
