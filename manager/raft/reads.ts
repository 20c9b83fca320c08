// Read barriers: callers waiting together share one read-index request; a granted one waits until its index
// is applied. Requests that got lost are made anew under a new number.
import { noQuorum } from './errors.ts';

/** Most callers waiting at once; each holds a promise. */
const MAX_WAITING = 10_000;
/** A grant takes one round trip; after this long it is taken for lost. */
const RETRY_MS = 500;

interface Reader {
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  settled: boolean;
}

interface Request {
  readonly readers: readonly Reader[];
  readonly sentAt: number;
}

export class Reads {
  private readonly timeoutMs: number;
  private waiting: Reader[] = [];
  private readonly requests = new Map<number, Request>();
  private granted: { readonly index: number; readonly readers: readonly Reader[] }[] = [];
  private nextRequestId: number;

  /** @param firstRequestId drawn at random, so that answers to an earlier life's requests are not taken for ours. */
  constructor(timeoutMs: number, firstRequestId: number) {
    this.timeoutMs = timeoutMs;
    this.nextRequestId = firstRequestId;
  }

  get hasWaiting(): boolean {
    return this.waiting.length > 0;
  }

  add(now: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.waiting.length >= MAX_WAITING) {
      return Promise.reject(noQuorum('a read', 0));
    }
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        reader.settled = true;
        signal?.removeEventListener('abort', onAbort);
      };
      const reader: Reader = {
        deadline: now + this.timeoutMs,
        settled: false,
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const onAbort = (): void => reader.reject(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.push(reader);
    });
  }

  /** Turns all that wait into one request. @param ask gives it to the core; false when there is no leader. */
  request(now: number, ask: (requestId: number) => boolean): void {
    if (this.waiting.length === 0 || !ask(this.nextRequestId)) {
      return;
    }
    this.requests.set(this.nextRequestId, { readers: this.waiting, sentAt: now });
    this.waiting = [];
    this.nextRequestId += 1;
  }

  /** The request may be served once `index` is applied. */
  grant(requestId: number, index: number, applied: number): void {
    const request = this.requests.get(requestId);
    if (request !== undefined) {
      this.requests.delete(requestId);
      this.granted.push({ index, readers: request.readers });
      this.applied(applied);
    }
  }

  applied(applied: number): void {
    if (this.granted.length === 0) {
      return;
    }
    const ready = this.granted.filter((grant) => grant.index <= applied);
    this.granted = this.granted.filter((grant) => grant.index > applied);
    for (const reader of ready.flatMap((grant) => grant.readers)) {
      reader.resolve();
    }
  }

  /** Rejects readers past their time and asks again for requests that got no answer. */
  expire(now: number): void {
    for (const [requestId, request] of this.requests) {
      if (now - request.sentAt >= RETRY_MS) {
        this.requests.delete(requestId);
        this.waiting.unshift(...request.readers.filter((reader) => !reader.settled));
      }
    }
    const late = this.waiting.filter((reader) => reader.deadline <= now);
    if (late.length > 0) {
      this.waiting = this.waiting.filter((reader) => reader.deadline > now);
      for (const reader of late) {
        reader.reject(noQuorum('a read', this.timeoutMs));
      }
    }
  }

  rejectAll(error: unknown): void {
    const readers = [
      ...this.waiting,
      ...[...this.requests.values()].flatMap((request) => request.readers),
      ...this.granted.flatMap((grant) => grant.readers),
    ];
    this.waiting = [];
    this.requests.clear();
    this.granted = [];
    for (const reader of readers) {
      reader.reject(error);
    }
  }
}
