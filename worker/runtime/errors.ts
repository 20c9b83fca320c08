// The runtime's error codes. Every message says what the operator can do; none ever holds a secret.
//
// container-exists        the id is in use on this node
// container-not-found     no container of that id on this node
// limit-unsupported       a limit asks for a cgroup controller that this host lacks
// runtime-missing         runc, crun or conmon is not installed
// init-missing            `init` was asked for and no init program is installed
// runtime-failed          the OCI runtime or conmon refused; the message is theirs
// bad-container-spec      the spec asks for what cannot be (unknown user, capability, ulimit, …)
// mount-source-missing    a bind mount's source path does not exist
import { SkeinError } from '../../shared/errors.ts';

export function containerExists(id: string): SkeinError {
  return new SkeinError('already-exists', 'container-exists', `container ${id} exists already`);
}

export function containerNotFound(id: string): SkeinError {
  return new SkeinError('not-found', 'container-not-found', `no such container: ${id}`);
}

export function limitUnsupported(limit: string, controller: string): SkeinError {
  return new SkeinError(
    'invalid',
    'limit-unsupported',
    `${limit} cannot be enforced: this host has no "${controller}" cgroup controller; enable it or drop the limit`,
    { data: { limit, controller } },
  );
}

export function runtimeMissing(program: string, debianPackage: string): SkeinError {
  return new SkeinError(
    'unavailable',
    'runtime-missing',
    `${program} was not found; install it (apt-get install ${debianPackage})`,
    { data: { program }, retryable: false },
  );
}

export function initMissing(): SkeinError {
  return new SkeinError(
    'invalid',
    'init-missing',
    'the service asks for an init process, but none is on this host; install one (apt-get install tini or catatonit)',
  );
}

export function runtimeFailed(what: string, output: string, cause?: unknown): SkeinError {
  const detail = output.trim();
  return new SkeinError(
    'internal',
    'runtime-failed',
    `${what}: ${detail === '' ? 'no message' : detail}`,
    cause === undefined ? {} : { cause },
  );
}

export function badSpec(message: string): SkeinError {
  return new SkeinError('invalid', 'bad-container-spec', message);
}

export function mountSourceMissing(source: string): SkeinError {
  return new SkeinError(
    'invalid',
    'mount-source-missing',
    `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    { data: { source } },
  );
}
