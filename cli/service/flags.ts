// The flags that service create and service update share: each is one value of the spec, set when given.
import { bytes, cpus, duration, float, integer, text, toggle, unsigned } from '../flags/flag.ts';

const TIME = '(ns|us|ms|s|m|h)';

function policyFlags<P extends 'update' | 'rollback'>(prefix: P, noun: string) {
  const actions = prefix === 'update' ? '("pause", "continue", "rollback")' : '("pause", "continue")';
  return {
    [`${prefix}-delay`]: duration(`Delay between ${noun}s ${TIME} (default 0s)`),
    [`${prefix}-failure-action`]: text(`Action on ${noun} failure ${actions} (default "pause")`),
    [`${prefix}-max-failure-ratio`]: float(`Failure rate to tolerate during ${noun} (default 0)`),
    [`${prefix}-monitor`]: duration(
      `Duration after each task ${noun} to monitor for failure ${TIME} (default 5s)`,
    ),
    [`${prefix}-order`]: text(`${noun} order ("start-first", "stop-first") (default "stop-first")`),
    [`${prefix}-parallelism`]: unsigned(
      `Maximum number of tasks in one ${noun} step (0 for all at once) (default 1)`,
    ),
  };
}

export const SHARED_FLAGS = {
  ...policyFlags('update', 'update'),
  ...policyFlags('rollback', 'rollback'),
  'credential-spec': text(
    'Credential spec for managed service account (Windows only)',
    undefined,
    'credential-spec',
  ),
  detach: toggle('Exit immediately instead of waiting for the service to converge', 'd'),
  'endpoint-mode': text('Endpoint mode (vip or dnsrr) (default "vip")'),
  entrypoint: text('Overwrite the default ENTRYPOINT of the image', undefined, 'command'),
  'health-cmd': text('Command to run to check health'),
  'health-interval': duration('Time between running the check (ms|s|m|h)'),
  'health-retries': unsigned('Consecutive failures needed to report unhealthy'),
  'health-start-interval': duration('Time between running the check during the start period (ms|s|m|h)'),
  'health-start-period': duration(
    'Start period for the container to initialize before counting retries (ms|s|m|h)',
  ),
  'health-timeout': duration('Maximum time to allow one check to run (ms|s|m|h)'),
  hostname: text('Container hostname'),
  init: toggle('Use an init inside each service container to forward signals and reap processes'),
  isolation: text('Service container isolation mode'),
  'limit-cpu': cpus('Limit CPUs'),
  'limit-memory': bytes('Limit Memory'),
  'limit-pids': unsigned('Limit maximum number of processes (default 0 = unlimited)'),
  'log-driver': text('Logging driver for service'),
  'max-concurrent': unsigned('Number of job tasks to run concurrently (default equal to --replicas)'),
  'no-healthcheck': toggle('Disable any container-specified HEALTHCHECK'),
  'no-resolve-image': toggle('Do not query the registry to resolve image digest and supported platforms'),
  'oom-score-adj': integer("Tune host's OOM preferences (-1000 to 1000)"),
  quiet: toggle('Suppress progress output', 'q'),
  'read-only': toggle("Mount the container's root filesystem as read only"),
  replicas: unsigned('Number of tasks'),
  'replicas-max-per-node': unsigned('Maximum number of tasks per node (default 0 = unlimited)'),
  'reserve-cpu': cpus('Reserve CPUs'),
  'reserve-memory': bytes('Reserve Memory'),
  'restart-condition': text('Restart when condition is met ("none", "on-failure", "any") (default "any")'),
  'restart-delay': duration(`Delay between restart attempts ${TIME} (default 5s)`),
  'restart-max-attempts': unsigned('Maximum number of restarts before giving up'),
  'restart-window': duration(`Window used to evaluate the restart policy ${TIME}`),
  'stop-grace-period': duration(`Time to wait before force killing a container ${TIME} (default 10s)`),
  'stop-signal': text('Signal to stop the container'),
  tty: toggle('Allocate a pseudo-TTY', 't'),
  user: text('Username or UID (format: <name|uid>[:<group|gid>])', 'u'),
  'with-registry-auth': toggle('Send registry authentication details to swarm agents'),
  workdir: text('Working directory inside the container', 'w'),
};
