// Moves messages between async iterables and grpc-js' object streams at the speed of the slower side.
import type { Writable } from 'node:stream';

/**
 * Writes everything of `source` to `sink`, waiting whenever the sink is full, then ends it.
 * Rejects with the source's error, or with the signal's reason; the source is told to finish either way.
 */
export async function writeAll(
  source: AsyncIterable<unknown>,
  sink: Writable,
  encode: (message: unknown) => Buffer,
  signal: AbortSignal,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  const waits = new AbortableWaits(signal);
  let exhausted = false;
  try {
    while (true) {
      const next = await waits.wait(() => iterator.next());
      if (next.done === true) {
        exhausted = true;
        break;
      }
      if (!sink.write(encode(next.value))) {
        await waits.wait(() => drained(sink));
      }
    }
    sink.end();
  } finally {
    waits.end();
    if (!exhausted) {
      // A source waiting for something else answers only later; nobody needs to wait for that.
      Promise.resolve(iterator.return?.()).catch(() => undefined);
    }
  }
}

/** The messages of a source, decoded one by one; rejects with the signal's reason where that ended them. */
export async function* readAll(
  source: AsyncIterable<Buffer>,
  decode: (bytes: Buffer) => unknown,
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  try {
    for await (const bytes of source) {
      yield decode(bytes);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
  if (signal.aborted) {
    throw signal.reason;
  }
}

/** Waits one after the other that a signal ends, with one listener for all of them: a stream waits for each message. */
class AbortableWaits {
  private readonly signal: AbortSignal;
  private reject: ((reason: unknown) => void) | undefined;
  private readonly onAbort = () => this.reject?.(this.signal.reason);

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Settles with the action, or rejects with the signal's reason as soon as that is aborted. */
  wait<T>(action: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.signal.aborted) {
        reject(this.signal.reason);
        return;
      }
      this.reject = reject;
      action().then(resolve, reject);
    });
  }

  end(): void {
    this.signal.removeEventListener('abort', this.onAbort);
  }
}

/** Settles with the action, or rejects with the signal's reason as soon as that is aborted. */
export function unlessAborted<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    // One listener per wait, removed after it: racing a promise that lives as long as the stream would leak.
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    action()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function drained(sink: Writable): Promise<void> {
  return new Promise<void>((resolve) => {
    const settle = () => {
      sink.off('drain', settle);
      sink.off('close', settle);
      resolve();
    };
    sink.once('drain', settle);
    sink.once('close', settle);
  });
}
