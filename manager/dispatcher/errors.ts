// The dispatcher's documented error codes. What an agent should do is in the message and in `retryable`.
import { SkeinError } from '../../shared/errors.ts';
import type { Id } from '../../shared/model/meta.ts';

/**
 * `not-leader`: this manager does not lead; dial `data.leaderAddress` when it is not empty. Where it is, one of
 * `data.managerAddresses` (apart by spaces) may know more: a manager that was demoted unnoticed hears of no leader.
 */
export function notLeader(leaderAddress: string, managerAddresses: readonly string[]): SkeinError {
  const where = leaderAddress === '' ? 'there is no leader yet' : `the leader is at ${leaderAddress}`;
  return new SkeinError('unavailable', 'not-leader', `this manager is not the leader: ${where}`, {
    data: leaderAddress === '' ? { managerAddresses: managerAddresses.join(' ') } : { leaderAddress },
  });
}

/** `not-a-node`: the call needs a node's certificate. */
export function notANode(): SkeinError {
  return new SkeinError(
    'denied',
    'not-a-node',
    'only a node with a certificate of this cluster may open a session',
  );
}

/** `node-removed`: the node is no member (any more): it must leave and join again. */
export function nodeRemoved(nodeId: Id): SkeinError {
  const text = `node ${nodeId} was removed from the cluster: leave the swarm there and join again`;
  return new SkeinError('denied', 'node-removed', text, { data: { nodeId } });
}

/** `register-rate`: the node opens sessions too fast; try again after `data.retryAfterMs`. */
export function registerRate(retryAfterMs: number): SkeinError {
  return new SkeinError(
    'exhausted',
    'register-rate',
    `too many registrations: try again in ${retryAfterMs} ms`,
    {
      retryable: true,
      data: { retryAfterMs: String(retryAfterMs) },
    },
  );
}

/** `bad-message`: the agent broke the protocol. */
export function badMessage(reason: string): SkeinError {
  return new SkeinError('invalid', 'bad-message', `the agent's message is refused: ${reason}`);
}

/** `register-timeout`: the stream was opened and nothing came. */
export function registerTimeout(): SkeinError {
  return new SkeinError('timeout', 'register-timeout', 'the agent did not register in time');
}

/** `session-replaced`: the node opened a newer session. */
export function sessionReplaced(): SkeinError {
  return new SkeinError('conflict', 'session-replaced', 'a newer session of this node took over');
}

/** `heartbeat-lost`: the node was silent for three periods. */
export function heartbeatLost(): SkeinError {
  return new SkeinError('timeout', 'heartbeat-lost', 'no heartbeat came for three periods: register again');
}

/** `session-flooded`: more messages than a session may send or leave unanswered. */
export function sessionFlooded(what: string): SkeinError {
  return new SkeinError('exhausted', 'session-flooded', `the session sends too much: ${what}`, {
    retryable: true,
  });
}
