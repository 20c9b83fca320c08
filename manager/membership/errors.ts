// Failures of raft membership, as a joining or leaving manager sees them.
import { SkeinError } from '../../shared/errors.ts';

/** A manager whose address the leader cannot reach must not join: it would only cost quorum. */
export function unreachableMember(address: string, cause: unknown): SkeinError {
  return new SkeinError(
    'unavailable',
    'member-unreachable',
    `could not connect to the new manager at its advertised address ${address}: check --advertise-addr and that port is open between managers`,
    { data: { address }, cause, retryable: false },
  );
}

/** Membership calls speak for the node of the calling certificate and no other. */
export function notYourNode(nodeId: string): SkeinError {
  return new SkeinError('denied', 'not-your-node', `this certificate may not speak for node ${nodeId}`);
}

/** The node is meant to be a worker, or is not known. */
export function notAManager(nodeId: string): SkeinError {
  return new SkeinError(
    'denied',
    'not-a-manager',
    `node ${nodeId} is not to be a manager: promote it first (skein node promote ${nodeId})`,
  );
}
