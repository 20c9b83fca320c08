// The server's door: every call is looked at here before any of its messages is read. Who calls is asked of
// the listener, whether they may of the method's table, and how much they may have open of the quota.
import {
  type Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';
import { SkeinError, assert } from '../errors.ts';
import type { Peer } from '../protocol/peer.ts';
import { callerNotAllowed } from './errors.ts';
import { forwardedPeer } from './forwarded_peer.ts';
import { type RpcListener, connectionKey } from './listener.ts';
import { MessageReader } from './message_reader.ts';
import type { Caller } from './method.ts';
import type { AnyMethod } from './method_entries.ts';
import { type Admission, CallerQuota } from './quota.ts';
import { toStatus } from './status.ts';

export interface AdmittedCaller {
  /** The original caller where a manager passed the call on. */
  readonly peer: Peer;
  readonly forwarded: boolean;
  /** Who is at the other end of the connection. */
  readonly connectionPeer: Peer;
}

/** Metadata under which the gate files the connection of a call; a caller's own is overwritten. */
const CONNECTION_METADATA = 'skein-connection';

export class Gate {
  readonly interceptor: ServerInterceptor;
  private readonly listener: Pick<RpcListener, 'authenticate'>;
  private readonly methods = new Map<string, AnyMethod>();
  private readonly quota = new CallerQuota();

  constructor(dependencies: { readonly listener: Pick<RpcListener, 'authenticate'> }) {
    this.listener = dependencies.listener;
    this.interceptor = (definition, call) => {
      let admission: Admission | undefined;
      let reader: MessageReader | undefined;
      const listener = new ServerListenerBuilder()
        .withOnReceiveMetadata((metadata, next) => {
          metadata.set(CONNECTION_METADATA, connectionKey(call.getConnectionInfo()));
          try {
            admission = this.enter(metadata, definition.path);
            reader = readWithin(call, admission);
          } catch (error) {
            call.sendStatus(toStatus(asSkeinError(error)));
            return;
          }
          next(metadata);
        })
        // grpc-js tells this once at the end of every call, however it ended.
        .withOnCancel(() => {
          reader?.release();
          admission?.leave();
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
    return { peer, forwarded: original !== undefined, connectionPeer };
  }

  /** Admits the call and counts it. What a manager passes on is the manager's own. */
  private enter(metadata: Metadata, path: string): Admission {
    const { connectionPeer } = this.admit(metadata, path);
    return this.quota.enter(connectionPeer);
  }
}

/** Reads the call's messages within the caller's limits, from its first byte on: none has been read yet. */
function readWithin(call: ServerInterceptingCallInterface, admission: Admission): MessageReader {
  // grpc-js has no public place for this; its version is pinned, and the tests of this file see it move.
  const decoder: unknown = Reflect.get(call, 'decoder');
  assert(
    typeof decoder === 'object' && decoder !== null && 'write' in decoder,
    'grpc-js decodes with `decoder`',
  );
  const { budget, ...sizes } = admission;
  const reader = new MessageReader({ budget }, sizes);
  Reflect.set(call, 'decoder', reader);
  return reader;
}

function callerOf(peer: Peer): Caller {
  return peer.kind === 'node' ? peer.role : peer.kind;
}

function asSkeinError(error: unknown): SkeinError {
  return error instanceof SkeinError
    ? error
    : new SkeinError('internal', 'internal', 'the caller could not be checked', { cause: error });
}
