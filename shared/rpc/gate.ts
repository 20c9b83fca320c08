// The server's door: every call is looked at here before any of its messages is read. Who calls is asked of
// the listener, whether they may of the method's table, and how much they may have open of the quota.
import type { IncomingHttpHeaders } from 'node:http2';
import type { Peer } from '../protocol/peer.ts';
import { callerNotAllowed } from './errors.ts';
import { forwardedPeer } from './forwarded_peer.ts';
import type { RpcListener } from './listener.ts';
import type { Caller } from './method.ts';
import type { AnyMethod } from './method_entries.ts';
import { type Admission, CallerQuota } from './quota.ts';

export interface AdmittedCaller {
  /** The original caller where a manager passed the call on. */
  readonly peer: Peer;
  readonly forwarded: boolean;
  readonly admission: Admission;
}

export class Gate {
  private readonly listener: Pick<RpcListener, 'authenticate'>;
  private readonly quota = new CallerQuota();

  constructor(dependencies: { readonly listener: Pick<RpcListener, 'authenticate'> }) {
    this.listener = dependencies.listener;
  }

  /**
   * Lets a call in and counts it; what a manager passes on is the manager's own.
   * @param connection the listener's key of the connection that the call came by
   * Throws what the listener throws for a refused peer, `caller-not-allowed`, `forward-untrusted`, or the quota's word.
   */
  admit(connection: string, headers: IncomingHttpHeaders, method: AnyMethod): AdmittedCaller {
    const connectionPeer = this.listener.authenticate(connection);
    const original = forwardedPeer(headers, connectionPeer);
    const peer = original ?? connectionPeer;
    const caller = callerOf(peer);
    if (!method.allow.includes(caller)) {
      throw callerNotAllowed(method.path, caller);
    }
    return { peer, forwarded: original !== undefined, admission: this.quota.enter(connectionPeer) };
  }
}

function callerOf(peer: Peer): Caller {
  return peer.kind === 'node' ? peer.role : peer.kind;
}
