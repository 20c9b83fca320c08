// The log broker's documented error codes.
import { SkeinError } from '../../shared/errors.ts';
import type { Id } from '../../shared/model/meta.ts';

/** `not-leader`: logs are gathered by the leader; dial `data.leaderAddress` when it is not empty. */
export function notLeader(leaderAddress: string): SkeinError {
  const where = leaderAddress === '' ? 'there is no leader yet' : `the leader is at ${leaderAddress}`;
  return new SkeinError('unavailable', 'not-leader', `this manager is not the leader: ${where}`, {
    data: { leaderAddress },
  });
}

/** `not-an-operator`: only managers and the local daemon may read logs. */
export function notAnOperator(): SkeinError {
  return new SkeinError('denied', 'not-an-operator', 'logs are read through a manager');
}

/** `not-a-member`: only nodes of the cluster listen and publish. */
export function notAMember(): SkeinError {
  return new SkeinError('denied', 'not-a-member', 'only a node of this cluster may send logs');
}

/** `no-log-subscription`: nobody (any more) asks this node for these logs: stop sending. */
export function noSubscription(id: Id): SkeinError {
  return new SkeinError('not-found', 'no-log-subscription', `log subscription ${id} does not ask this node`, {
    data: { id },
  });
}

/** `too-many-log-subscriptions`: end some `service logs` first. */
export function tooManySubscriptions(limit: number): SkeinError {
  return new SkeinError(
    'exhausted',
    'too-many-log-subscriptions',
    `${limit} log streams are open already: end some and try again`,
    { retryable: true },
  );
}

/** `bad-log-request`: the request or message breaks the protocol. */
export function badRequest(reason: string): SkeinError {
  return new SkeinError('invalid', 'bad-log-request', `the log request is refused: ${reason}`);
}

/** `listener-replaced`: the node opened a newer stream. */
export function listenerReplaced(): SkeinError {
  return new SkeinError('conflict', 'listener-replaced', 'a newer log stream of this node took over');
}
