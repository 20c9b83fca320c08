// Who is calling: what the verified client certificate says, or that the call came over the local socket.
import type { Id } from '../model/meta.ts';
import type { NodeRole } from '../model/node.ts';

export type Peer =
  /** The node's own daemon over the unix socket of its manager; it may do what an operator may. */
  | { readonly kind: 'local' }
  | {
      readonly kind: 'node';
      readonly nodeId: Id;
      readonly role: NodeRole;
      readonly clusterId: Id;
      readonly address: string;
    }
  /** No certificate: only the joining calls accept it. */
  | { readonly kind: 'stranger'; readonly address: string };

export interface CallContext {
  readonly peer: Peer;
  readonly signal: AbortSignal;
  /**
   * As a listener of `signal`, for less: calls once with the reason, at once if the call has ended, and returns how to
   * stop listening. Only contexts of calls that were received have it; `whenEnded` in shared/rpc serves all.
   */
  whenEnded?(listener: (reason: unknown) => void): () => void;
  /** True when a manager passed the call on for `peer`: it must not be passed on once more. */
  readonly forwarded?: boolean;
}
