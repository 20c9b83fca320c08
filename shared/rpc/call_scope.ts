// One call on the server from its first byte to its status: the signal that ends it, and how errors leave.
import { SkeinError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { CallContext, Peer } from '../protocol/peer.ts';
import { CallEnd } from './call_end.ts';
import { cancelled } from './errors.ts';
import type { AdmittedCaller } from './gate.ts';
import type { IncomingCall } from './incoming_call.ts';
import type { AnyMethod } from './method_entries.ts';
import { type StatusWithTrailer, toStatus } from './status.ts';

export class CallScope {
  private readonly method: AnyMethod;
  private readonly log: Logger;
  private readonly ending = new CallEnd();
  private finished = false;

  constructor(dependencies: { readonly log: Logger }, options: { method: AnyMethod; call: IncomingCall }) {
    this.log = dependencies.log;
    this.method = options.method;
    const onCancelled = () => {
      if (!this.finished) {
        this.ending.end(cancelled());
      }
    };
    options.call.onCancelled(onCancelled);
    if (options.call.cancelled) {
      onCancelled();
    }
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  contextFor(caller: AdmittedCaller): CallContext {
    return new ReceivedContext(caller, this.ending);
  }

  decodeRequest(bytes: Buffer): unknown {
    try {
      return this.method.decodeRequest(bytes);
    } catch (error) {
      if (error instanceof SkeinError) {
        throw error;
      }
      throw new SkeinError(
        'invalid',
        'request-malformed',
        `${this.method.path}: the request does not parse`,
        {
          cause: error,
        },
      );
    }
  }

  /** The status for anything thrown. What is no SkeinError is logged here and goes out without its details. */
  statusOf(error: unknown): StatusWithTrailer {
    if (error instanceof SkeinError) {
      return toStatus(error);
    }
    const fields = { path: this.method.path, error: error instanceof Error ? error.stack : String(error) };
    this.log.error(fields, 'call failed unexpectedly');
    return toStatus(
      new SkeinError(
        'internal',
        'internal',
        `${this.method.path} failed unexpectedly: see the log of this manager`,
      ),
    );
  }

  /** The server is stopping. */
  stop(): void {
    this.ending.end(
      new SkeinError('unavailable', 'server-stopping', 'this manager is stopping: ask another one'),
    );
  }

  finish(): void {
    this.finished = true;
  }
}

/** Its signal is made when it is asked for; a copy by spreading has neither signal nor `whenEnded`, and needs its own. */
class ReceivedContext implements CallContext {
  readonly peer: Peer;
  readonly forwarded?: boolean;
  private readonly ending: CallEnd;

  constructor(caller: AdmittedCaller, ending: CallEnd) {
    this.peer = caller.peer;
    if (caller.forwarded) {
      this.forwarded = true;
    }
    this.ending = ending;
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  whenEnded(listener: (reason: unknown) => void): () => void {
    return this.ending.whenEnded(listener);
  }
}
