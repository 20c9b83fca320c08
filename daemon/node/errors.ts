// What a node answers when it is not what the caller takes it for, in Docker's words.
import { SkeinError } from '../../shared/errors.ts';

export function alreadyInSwarm(): SkeinError {
  return new SkeinError(
    'unavailable',
    'already-in-swarm',
    'This node is already part of a swarm. Use "skein swarm leave" to leave this swarm and join another one.',
    { retryable: false },
  );
}

export function notInSwarm(): SkeinError {
  return new SkeinError('unavailable', 'not-in-swarm', 'This node is not part of a swarm', {
    retryable: false,
  });
}

export function noSwarm(): SkeinError {
  return new SkeinError(
    'unavailable',
    'not-a-manager',
    'This node is not a swarm manager. Use "skein swarm init" or "skein swarm join" to connect this node to swarm and try again.',
    { retryable: false },
  );
}

export function notAManager(): SkeinError {
  return new SkeinError(
    'unavailable',
    'not-a-manager',
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
    { retryable: false },
  );
}

/** @param reason why, when that is known */
export function managerNotReady(reason: string): SkeinError {
  const why = reason === '' ? ": try again, or see the daemon's log" : `: ${reason}`;
  return new SkeinError(
    'unavailable',
    'manager-not-ready',
    `This node's manager is not running at the moment${why}`,
  );
}

export interface ManagerCount {
  /** Undefined when this node's manager does not run. */
  readonly managers: number | undefined;
  /** Undefined when there is no leader to ask. */
  readonly reachable: number | undefined;
}

/** `swarm leave` without --force on a manager, with what it would cost. */
export function leaveNeedsForce(count: ManagerCount): SkeinError {
  const start = 'You are attempting to leave the swarm on a node that is participating as a manager.';
  const force = 'Use `--force` to suppress this message.';
  return new SkeinError('unavailable', 'leave-needs-force', `${start} ${costOfLeaving(count)} ${force}`, {
    retryable: false,
  });
}

function costOfLeaving({ managers, reachable }: ManagerCount): string {
  if (managers === 1) {
    return 'Removing the last manager erases all current state of the swarm.';
  }
  const restore =
    'the only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`';
  if (managers === undefined || reachable === undefined) {
    const many =
      managers === undefined ? 'This manager does not run' : `The ${managers} managers have no quorum now`;
    return `${many}: this node's copy of the swarm's state would be lost, and ${restore} on a manager that has one.`;
  }
  const left = reachable - 1;
  const others = managers - 1;
  const needed = Math.floor(others / 2) + 1;
  const quorum =
    left >= needed ? '' : ` Without a Raft quorum (${needed} of ${others}) your swarm will be inaccessible.`;
  return `Removing this node leaves ${left} managers out of ${others}.${quorum} Demote it first (skein node demote), or: ${restore}.`;
}

/** A manager under autolock that was restarted. */
export function swarmLocked(): SkeinError {
  return new SkeinError(
    'unavailable',
    'locked',
    'Swarm is encrypted and needs to be unlocked before it can be used. Please use "skein swarm unlock" to unlock it.',
    { retryable: false },
  );
}

/** Leaving a swarm whose key is not at hand. */
export function leaveLockedNeedsForce(): SkeinError {
  return new SkeinError(
    'unavailable',
    'leave-locked-needs-force',
    'Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message: this node then forgets the swarm, ' +
      'and another manager has to demote and remove it (skein node demote, skein node rm --force).',
    { retryable: false },
  );
}

export function notLocked(): SkeinError {
  return new SkeinError('conflict', 'not-locked', 'swarm is not locked');
}
