// The metadata by which a manager that does not lead tells the leader who the original caller is.
import type { IncomingHttpHeaders } from 'node:http2';
import { Metadata } from '@grpc/grpc-js';
import { isId } from '../ids.ts';
import type { Peer } from '../protocol/peer.ts';
import { forwardUntrusted } from './errors.ts';
import { membersOf } from './untrusted_json.ts';

const FORWARDED_PEER = 'skein-forwarded-peer-bin';

/** Metadata of a call made for somebody else. */
export function forwardingMetadata(peer: Peer): Metadata {
  const metadata = new Metadata();
  metadata.set(FORWARDED_PEER, Buffer.from(JSON.stringify(peer)));
  return metadata;
}

/**
 * The original caller, or undefined when the call is the connection's own.
 * Throws `forward-untrusted` unless the peer of the connection is a manager.
 */
export function forwardedPeer(headers: IncomingHttpHeaders, connectionPeer: Peer): Peer | undefined {
  const value = headers[FORWARDED_PEER];
  if (value === undefined) {
    return undefined;
  }
  if (connectionPeer.kind !== 'node' || connectionPeer.role !== 'manager' || typeof value !== 'string') {
    throw forwardUntrusted();
  }
  const peer = parsePeer(Buffer.from(value, 'base64'));
  if (peer === undefined || (peer.kind === 'node' && peer.clusterId !== connectionPeer.clusterId)) {
    throw forwardUntrusted();
  }
  return peer;
}

function parsePeer(bytes: Buffer): Peer | undefined {
  const members = membersOf(bytes);
  if (members === undefined) {
    return undefined;
  }
  const { kind, nodeId, role, clusterId, address } = members;
  if (kind === 'local') {
    return { kind };
  }
  if (typeof address !== 'string') {
    return undefined;
  }
  if (kind === 'stranger') {
    return { kind, address };
  }
  const isNode =
    kind === 'node' &&
    typeof nodeId === 'string' &&
    isId(nodeId) &&
    typeof clusterId === 'string' &&
    (role === 'worker' || role === 'manager');
  return isNode ? { kind, nodeId, role, clusterId, address } : undefined;
}
