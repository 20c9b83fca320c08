// What a server needs of the place where its connections come from: sockets that speak plain HTTP/2 by the
// time they are handed over, and who is at the other end of each.
import type { Duplex } from 'node:stream';
import type { Peer } from '../protocol/peer.ts';

/** The addresses of one connection as node reports them; unix sockets have none. */
export interface ConnectionEnds {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/** Names a live connection: no two have all four ends in common. */
export function connectionKey(ends: ConnectionEnds): string {
  return `${ends.remoteAddress}|${ends.remotePort}|${ends.localAddress}|${ends.localPort}`;
}

export interface RpcListener {
  /** On this machine: the kernel tells when the other end is gone, so nobody is asked whether it lives. */
  readonly isLocal: boolean;
  /** Begins to accept, telling the key by which `authenticate` knows each connection; throws `address-in-use`, `address-not-available` or `permission-denied`. */
  start(accept: (socket: Duplex, key: string) => void): Promise<void>;
  /** Accepts no more; what is open stays until `closeConnections`. */
  stop(): Promise<void>;
  closeConnections(): void;
  /** Who is at the other end, checked anew; throws when the peer is refused. Called for every call. */
  authenticate(key: string): Peer;
  /** Where it listens, once started: `host:port` or the socket's path. */
  readonly address: string;
}
