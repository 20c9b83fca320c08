// The documented errors of the certificate authority.
import { SkeinError } from '../../shared/errors.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { NodeRole } from '../../shared/model/node.ts';

/** `token-missing` (denied): neither a certificate nor a token was shown. */
export function tokenMissing(): SkeinError {
  return new SkeinError(
    'denied',
    'token-missing',
    'a join token is needed: ask a manager for one with skein swarm join-token worker (or manager)',
  );
}

/** `token-refused` (denied): the token is not one of the two in force. */
export function tokenRefused(): SkeinError {
  return new SkeinError(
    'denied',
    'token-refused',
    'the join token is not valid here: it was rotated, or its secret is wrong. ' +
      'Ask a manager for the one in force: skein swarm join-token worker (or manager)',
  );
}

/** `node-removed` (denied): the certificate's node is no longer part of the cluster. */
export function nodeRemoved(nodeId: Id): SkeinError {
  return new SkeinError(
    'denied',
    'node-removed',
    `node ${nodeId} was removed from the cluster: leave it (skein swarm leave --force) and join again with a token`,
    { data: { nodeId } },
  );
}

/** `demotion-pending` (unavailable): the node becomes a worker once it has left the managers' raft group. */
export function demotionPending(nodeId: Id): SkeinError {
  return new SkeinError(
    'unavailable',
    'demotion-pending',
    `node ${nodeId} is still a member of the managers' group: its worker certificate follows when it has left`,
    { data: { nodeId } },
  );
}

/** `role-changing` (unavailable): the wished role changed several times while a certificate was made. */
export function roleChanging(nodeId: Id, role: NodeRole): SkeinError {
  return new SkeinError('unavailable', 'role-changing', `the role of node ${nodeId} is changing: try again`, {
    data: { nodeId, role },
  });
}

/** `no-cluster` (unavailable): this manager has not received the cluster's state yet. */
export function noCluster(): SkeinError {
  return new SkeinError('unavailable', 'no-cluster', 'this manager does not know the cluster yet: try again');
}

/** `too-many-requests` (exhausted): more certificates are being signed than the manager takes on at once. */
export function tooManyRequests(limit: number): SkeinError {
  return new SkeinError(
    'exhausted',
    'too-many-requests',
    `more than ${limit} certificates are being made: try again`,
    {
      retryable: true,
    },
  );
}

/** `cert-expiry-too-short` (invalid). */
export function certExpiryTooShort(minimumMs: number): SkeinError {
  return new SkeinError(
    'invalid',
    'cert-expiry-too-short',
    `node certificates must live at least ${minimumMs / 3_600_000} h: set a longer --cert-expiry`,
  );
}
