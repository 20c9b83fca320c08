// The documented errors of the transport itself; errors of the services pass through unchanged.
import { SkeinError } from '../errors.ts';

/** `unreachable` (unavailable): nothing answers at the address. */
export function unreachable(address: string, reason: string, cause?: unknown): SkeinError {
  return new SkeinError(
    'unavailable',
    'unreachable',
    `cannot reach ${address}: ${reason}. Check the address, that the daemon there runs, and that no firewall is between`,
    { data: { address }, cause },
  );
}

/** `connection-lost` (unavailable): the connection broke during the call; the call may have been carried out. */
export function connectionLost(address: string, reason: string, cause?: unknown): SkeinError {
  return new SkeinError('unavailable', 'connection-lost', `lost the connection to ${address}: ${reason}`, {
    data: { address },
    cause,
  });
}

/** `cancelled` (unavailable): the caller gave up or went away. */
export function cancelled(): SkeinError {
  return new SkeinError('unavailable', 'cancelled', 'the call was cancelled by its caller', {
    retryable: false,
  });
}

/** `caller-not-allowed` (denied): the method is not for this kind of caller. */
export function callerNotAllowed(path: string, caller: string): SkeinError {
  return new SkeinError('denied', 'caller-not-allowed', `${path} may not be called by a ${caller}`, {
    data: { caller },
  });
}

/** `forward-untrusted` (denied): only a manager may speak for another caller. */
export function forwardUntrusted(): SkeinError {
  return new SkeinError('denied', 'forward-untrusted', 'only a manager may pass on the call of another');
}

/** `message-too-large` (exhausted): the text says which limit it is above. */
export function messageTooLarge(problem: string): SkeinError {
  return new SkeinError('exhausted', 'message-too-large', problem);
}

/** `reading-too-much` (exhausted): the caller's unfinished messages take as much memory as they may. */
export function readingTooMuch(): SkeinError {
  return new SkeinError(
    'exhausted',
    'reading-too-much',
    'too many unfinished messages of this caller: let some be answered first',
  );
}

/** `compression-refused` (not-implemented): nobody of ours compresses, and what grows is a weapon. */
export function compressionRefused(): SkeinError {
  return new SkeinError('not-implemented', 'compression-refused', 'compressed messages are not taken');
}

/** `request-incomplete` (invalid): not the one message that the call takes. */
export function requestIncomplete(problem: string): SkeinError {
  return new SkeinError('invalid', 'request-incomplete', `the request ${problem}`);
}

/** `too-many-strangers` (exhausted): more joining calls are open than this manager takes at once. */
export function tooManyStrangerCalls(limit: number): SkeinError {
  return new SkeinError(
    'exhausted',
    'too-many-strangers',
    `more than ${limit} joining calls are open: try again`,
    {
      retryable: true,
    },
  );
}

/** `too-many-calls` (exhausted): one worker has more calls open than any needs. */
export function tooManyCalls(limit: number): SkeinError {
  return new SkeinError('exhausted', 'too-many-calls', `more than ${limit} calls of this node are open`, {
    retryable: true,
  });
}

/** `no-leader` (unavailable): the managers have no leader at the moment. */
export function noLeader(): SkeinError {
  return new SkeinError(
    'unavailable',
    'no-leader',
    'the managers have no leader: an election is going on, or most of them are down',
  );
}

/** `not-leader` (unavailable): a forwarded call arrived at a manager that does not lead either. */
export function notLeader(leaderAddress: string): SkeinError {
  return new SkeinError('unavailable', 'not-leader', 'this manager does not lead the cluster', {
    data: leaderAddress === '' ? {} : { leaderAddress },
  });
}
