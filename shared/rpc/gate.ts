// The server's door: every call is looked at here before any of its messages is read. Who calls is asked of
// the listener, and whether they may of the method's table; strangers may have only a few calls open.
import {
  type Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';
import { SkeinError } from '../errors.ts';
import type { Peer } from '../protocol/peer.ts';
import { callerNotAllowed, tooManyStrangerCalls } from './errors.ts';
import { forwardedPeer } from './forwarded_peer.ts';
import { MAX_STRANGER_CALLS } from './limits.ts';
import { type RpcListener, connectionKey } from './listener.ts';
import type { Caller } from './method.ts';
import type { AnyMethod } from './method_entries.ts';
import { toStatus } from './status.ts';

export interface AdmittedCaller {
  /** The original caller where a manager passed the call on. */
  readonly peer: Peer;
  readonly forwarded: boolean;
}

/** Metadata under which the gate files the connection of a call; a caller's own is overwritten. */
const CONNECTION_METADATA = 'skein-connection';

export class Gate {
  readonly interceptor: ServerInterceptor;
  private readonly listener: Pick<RpcListener, 'authenticate'>;
  private readonly methods = new Map<string, AnyMethod>();
  private strangerCalls = 0;

  constructor(dependencies: { readonly listener: Pick<RpcListener, 'authenticate'> }) {
    this.listener = dependencies.listener;
    this.interceptor = (definition, call) => {
      let counted = false;
      const listener = new ServerListenerBuilder()
        .withOnReceiveMetadata((metadata, next) => {
          metadata.set(CONNECTION_METADATA, connectionKey(call.getConnectionInfo()));
          try {
            counted = this.enter(metadata, definition.path);
          } catch (error) {
            call.sendStatus(toStatus(asSkeinError(error)));
            return;
          }
          next(metadata);
        })
        // grpc-js tells this once at the end of every call, however it ended.
        .withOnCancel(() => {
          this.strangerCalls -= counted ? 1 : 0;
          counted = false;
        })
        .build();
      return new ServerInterceptingCall(
        call,
        new ResponderBuilder().withStart((next) => next(listener)).build(),
      );
    };
  }

  add(method: AnyMethod): void {
    this.methods.set(method.path, method);
  }

  /** Throws what the listener throws for a refused peer, `caller-not-allowed` or `forward-untrusted`. */
  admit(metadata: Metadata, path: string): AdmittedCaller {
    const key = String(metadata.get(CONNECTION_METADATA)[0] ?? '');
    const connectionPeer = this.listener.authenticate(key);
    const original = forwardedPeer(metadata, connectionPeer);
    const peer = original ?? connectionPeer;
    const caller = callerOf(peer);
    if (this.methods.get(path)?.allow.includes(caller) !== true) {
      throw callerNotAllowed(path, caller);
    }
    return { peer, forwarded: original !== undefined };
  }

  /** Admits the call; true when it counts against the strangers' limit. */
  private enter(metadata: Metadata, path: string): boolean {
    const { peer, forwarded } = this.admit(metadata, path);
    if (peer.kind !== 'stranger' || forwarded) {
      return false;
    }
    if (this.strangerCalls >= MAX_STRANGER_CALLS) {
      throw tooManyStrangerCalls(MAX_STRANGER_CALLS);
    }
    this.strangerCalls += 1;
    return true;
  }
}

function callerOf(peer: Peer): Caller {
  return peer.kind === 'node' ? peer.role : peer.kind;
}

function asSkeinError(error: unknown): SkeinError {
  return error instanceof SkeinError
    ? error
    : new SkeinError('internal', 'internal', 'the caller could not be checked', { cause: error });
}
