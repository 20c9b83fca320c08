// Flags of one value: where each stands in the ServiceSpec. Only flags that were given change anything, so
// that create and update share the table.
import { UsageError } from '../errors.ts';
import { shellWords } from '../opts/resources.ts';

/** JSON under construction: a copy of a spec that flags are written into. */
export type Json = { [key: string]: unknown };

const CONTAINER = 'TaskTemplate.ContainerSpec';
const LIMITS = 'TaskTemplate.Resources.Limits';
const RESERVATIONS = 'TaskTemplate.Resources.Reservations';

const PATHS: Readonly<Record<string, string>> = {
  'endpoint-mode': 'EndpointSpec.Mode',
  'health-interval': `${CONTAINER}.Healthcheck.Interval`,
  'health-retries': `${CONTAINER}.Healthcheck.Retries`,
  'health-start-interval': `${CONTAINER}.Healthcheck.StartInterval`,
  'health-start-period': `${CONTAINER}.Healthcheck.StartPeriod`,
  'health-timeout': `${CONTAINER}.Healthcheck.Timeout`,
  hostname: `${CONTAINER}.Hostname`,
  init: `${CONTAINER}.Init`,
  isolation: `${CONTAINER}.Isolation`,
  'limit-cpu': `${LIMITS}.NanoCPUs`,
  'limit-memory': `${LIMITS}.MemoryBytes`,
  'limit-pids': `${LIMITS}.Pids`,
  'log-driver': 'TaskTemplate.LogDriver.Name',
  'oom-score-adj': `${CONTAINER}.OomScoreAdj`,
  'read-only': `${CONTAINER}.ReadOnly`,
  'replicas-max-per-node': 'TaskTemplate.Placement.MaxReplicas',
  'reserve-cpu': `${RESERVATIONS}.NanoCPUs`,
  'reserve-memory': `${RESERVATIONS}.MemoryBytes`,
  'restart-condition': 'TaskTemplate.RestartPolicy.Condition',
  'restart-delay': 'TaskTemplate.RestartPolicy.Delay',
  'restart-max-attempts': 'TaskTemplate.RestartPolicy.MaxAttempts',
  'restart-window': 'TaskTemplate.RestartPolicy.Window',
  'stop-grace-period': `${CONTAINER}.StopGracePeriod`,
  'stop-signal': `${CONTAINER}.StopSignal`,
  tty: `${CONTAINER}.TTY`,
  user: `${CONTAINER}.User`,
  workdir: `${CONTAINER}.Dir`,
  ...policyPaths('update', 'UpdateConfig'),
  ...policyPaths('rollback', 'RollbackConfig'),
};

function policyPaths(prefix: string, section: string): Record<string, string> {
  return {
    [`${prefix}-delay`]: `${section}.Delay`,
    [`${prefix}-failure-action`]: `${section}.FailureAction`,
    [`${prefix}-max-failure-ratio`]: `${section}.MaxFailureRatio`,
    [`${prefix}-monitor`]: `${section}.Monitor`,
    [`${prefix}-order`]: `${section}.Order`,
    [`${prefix}-parallelism`]: `${section}.Parallelism`,
  };
}

/** What Docker sends for the rest of a policy of which one flag was given. */
const POLICY_DEFAULTS = {
  Parallelism: 1,
  Monitor: 5e9,
  FailureAction: 'pause',
  Order: 'stop-first',
  MaxFailureRatio: 0,
};

export function applyScalars(
  spec: Json,
  flags: Readonly<Record<string, unknown>>,
  changed: (name: string) => boolean,
): void {
  for (const [flag, path] of Object.entries(PATHS)) {
    if (changed(flag)) {
      const section = path.split('.')[0] ?? '';
      if (section.endsWith('Config') && spec[section] === undefined) {
        spec[section] = { ...POLICY_DEFAULTS };
      }
      setPath(spec, path, flags[flag]);
    }
  }
  if (changed('entrypoint')) {
    setPath(spec, `${CONTAINER}.Command`, shellWords(String(flags['entrypoint'])));
  }
  applyHealth(spec, flags, changed);
  if (changed('credential-spec')) {
    setPath(spec, `${CONTAINER}.Privileges.CredentialSpec`, credentialSpec(String(flags['credential-spec'])));
  }
}

function applyHealth(
  spec: Json,
  flags: Readonly<Record<string, unknown>>,
  changed: (name: string) => boolean,
): void {
  const checks = [
    'health-cmd',
    'health-interval',
    'health-retries',
    'health-start-interval',
    'health-start-period',
    'health-timeout',
  ];
  if (flags['no-healthcheck'] === true) {
    if (checks.some(changed)) {
      throw new UsageError('--no-healthcheck conflicts with --health-* options');
    }
    setPath(spec, `${CONTAINER}.Healthcheck`, { Test: ['NONE'] });
  } else if (changed('health-cmd')) {
    const line = String(flags['health-cmd']);
    setPath(spec, `${CONTAINER}.Healthcheck.Test`, line === '' ? [] : ['CMD-SHELL', line]);
  } else if (checks.some(changed) && firstTest(spec) === 'NONE') {
    setPath(spec, `${CONTAINER}.Healthcheck.Test`, []);
  }
}

function firstTest(spec: Json): unknown {
  const test = getPath(spec, `${CONTAINER}.Healthcheck.Test`);
  return Array.isArray(test) ? test[0] : undefined;
}

function credentialSpec(value: string): Json {
  const match = /^(config|file|registry):\/\/(.+)$/.exec(value);
  if (match === null) {
    throw new UsageError(
      'invalid credential spec: value must be prefixed with "config://", "file://", or "registry://"',
    );
  }
  const names: Readonly<Record<string, string>> = { config: 'Config', file: 'File', registry: 'Registry' };
  return { [names[match[1] ?? ''] ?? '']: match[2] };
}

/** Sets a value deep in the spec, making the sections on the way. */
export function setPath(spec: Json, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let at = spec;
  for (const name of names) {
    const present = at[name];
    const next = isJson(present) ? present : {};
    at[name] = next;
    at = next;
  }
  at[last] = value;
}

export function getPath(spec: Json, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (isJson(at) ? at[name] : undefined), spec);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
