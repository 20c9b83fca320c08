// Conditions of plain containers that callers can act on, in Docker's words where its clients know them.
//
// no-such-container        no container of that name, id or unambiguous beginning of an id
// ambiguous-container      several ids begin so
// container-name-taken     another container of this node has the name
// bad-container-name       the name has other characters than Docker allows
// container-running        it cannot be removed while it runs
// container-not-running    what was asked for concerns one that runs
// container-removing       it is being removed
// command-not-startable    the program cannot be run: not there, or not executable
// never-started            who was attached waits in vain: it does not start
// kill-without-effect      it did not end though it was killed
// no-log                   nothing is kept of its output
// too-many-clients         as many are attached to the container as it can bear
// too-many-containers      this node has as many as it can look after
import { SkeinError } from '../../shared/errors.ts';

export function noSuchContainer(reference: string): SkeinError {
  return new SkeinError('not-found', 'no-such-container', `No such container: ${reference}`);
}

export function ambiguousContainer(reference: string): SkeinError {
  return new SkeinError(
    'invalid',
    'ambiguous-container',
    `Multiple IDs found with provided prefix: ${reference}`,
  );
}

export function nameTaken(name: string, holder: string): SkeinError {
  return new SkeinError(
    'conflict',
    'container-name-taken',
    `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
}

export function badName(name: string): SkeinError {
  return new SkeinError(
    'invalid',
    'bad-container-name',
    `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
  );
}

export function stillRunning(name: string, status: string): SkeinError {
  return new SkeinError(
    'conflict',
    'container-running',
    `cannot remove container "/${name}": container is ${status}: stop the container before removing or force remove`,
  );
}

export function notRunning(id: string): SkeinError {
  return new SkeinError('conflict', 'container-not-running', `container ${id} is not running`);
}

export function beingRemoved(id: string): SkeinError {
  return new SkeinError('conflict', 'container-removing', `container ${id} is being removed`);
}

/** The runtime's own words stay in it: docker takes its exit code from them. */
export function notStartable(message: string, cause: unknown): SkeinError {
  return new SkeinError('invalid', 'command-not-startable', message, { cause });
}

export function killWithoutEffect(id: string, waitedMs: number): SkeinError {
  return new SkeinError(
    'internal',
    'kill-without-effect',
    `container ${id} was killed and has not ended within ${waitedMs} ms: is a process of it stuck in the kernel?`,
  );
}

export function noLog(): SkeinError {
  return new SkeinError(
    'not-implemented',
    'no-log',
    'configured logging driver does not support reading: the container was made with --log-driver none',
  );
}

export function tooMany(limit: number): SkeinError {
  return new SkeinError(
    'exhausted',
    'too-many-containers',
    `this node has ${limit} containers, the most that it looks after: remove some (docker container prune)`,
  );
}

export function tooManyClients(limit: number): SkeinError {
  return new SkeinError(
    'exhausted',
    'too-many-clients',
    `${limit} clients are attached to this container, the most that there may be: end one of them`,
  );
}

export function neverStarted(): SkeinError {
  return new SkeinError('conflict', 'never-started', 'the container was not started');
}
