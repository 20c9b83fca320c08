// The end of a call before its answer, told to whoever listens. An AbortSignal is made only where one is asked for:
// with its listener it costs more than all else that a call needs around it.
import { setMaxListeners } from 'node:events';
import type { CallContext } from '../protocol/peer.ts';

export class CallEnd {
  /** Most calls have none or one. */
  private listeners: Set<(reason: unknown) => void> | undefined;
  private controller: AbortController | undefined;
  private ended: { readonly reason: unknown } | undefined;

  get isOver(): boolean {
    return this.ended !== undefined;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      // One call may wait for hundreds of things at once: that many listeners are no leak.
      setMaxListeners(0, this.controller.signal);
      if (this.ended !== undefined) {
        this.controller.abort(this.ended.reason);
      }
    }
    return this.controller.signal;
  }

  /** Tells the reason to all that listen; the first one counts. */
  end(reason: unknown): void {
    if (this.ended !== undefined) {
      return;
    }
    this.ended = { reason };
    this.controller?.abort(reason);
    const { listeners = [] } = this;
    this.listeners = undefined;
    for (const listener of listeners) {
      listener(reason);
    }
  }

  /** Calls once with the reason, at once if it is over; the function returned ends the listening. */
  whenEnded(listener: (reason: unknown) => void): () => void {
    if (this.ended !== undefined) {
      listener(this.ended.reason);
      return nothing;
    }
    this.listeners ??= new Set();
    this.listeners.add(listener);
    return () => this.listeners?.delete(listener);
  }
}

/** Listens for the end of a call by the cheapest way that its context has. */
export function whenEnded(context: CallContext, listener: (reason: unknown) => void): () => void {
  if (context.whenEnded !== undefined) {
    return context.whenEnded(listener);
  }
  const { signal } = context;
  if (signal.aborted) {
    listener(signal.reason);
    return nothing;
  }
  const onAbort = () => listener(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

function nothing(): void {
  // Nobody listens any more.
}
