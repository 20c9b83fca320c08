// Is this container spec one that a node could run? Pure checks with Docker's sentences; nothing is looked
// up in the store.
import { posix } from 'node:path';
import type {
  ConfigReference,
  ContainerSpec,
  FileTarget,
  Healthcheck,
  Mount,
  SecretReference,
} from '../../shared/model/container.ts';
import { invalid } from './errors.ts';
import { isImageReference } from './image_reference.ts';

/** Docker's smallest period of a health check. */
const MIN_HEALTH_PERIOD_MS = 1;
const MAX_HOSTNAME_LENGTH = 253;
const MAX_FILE_MODE = 0o7777;

export function validateContainer(container: ContainerSpec): void {
  if (container.image === '') {
    throw invalid('ContainerSpec: image reference must be provided');
  }
  if (!isImageReference(container.image)) {
    throw invalid(`ContainerSpec: "${container.image}" is not a valid repository/tag`);
  }
  if (container.stopGracePeriodMs !== undefined && !(container.stopGracePeriodMs >= 0)) {
    throw invalid('ContainerSpec: stop-grace-period cannot be negative');
  }
  if ((container.hostname?.length ?? 0) > MAX_HOSTNAME_LENGTH) {
    throw invalid(`ContainerSpec: hostname must be ${MAX_HOSTNAME_LENGTH} characters or fewer`);
  }
  validateMounts(container.mounts);
  validateHealthcheck(container.healthcheck);
  validateEnvironment(container.env);
  validateSecretReferences(container.secrets);
  validateConfigReferences(container.configs);
  validateUlimits(container);
}

function validateMounts(mounts: readonly Mount[]): void {
  const targets = new Set<string>();
  for (const mount of mounts) {
    validateMount(mount);
    const target = posix.normalize(mount.target).replace(/(.)\/$/, '$1');
    if (targets.has(target)) {
      throw invalid(`ContainerSpec: duplicate mount point: ${mount.target}`);
    }
    targets.add(target);
  }
}

function validateMount(mount: Mount): void {
  const what = `invalid mount config for type "${mount.type}"`;
  if (mount.target === '') {
    throw invalid(`${what}: field Target must not be empty`);
  }
  if (!mount.target.startsWith('/')) {
    throw invalid(`${what}: invalid mount path: '${mount.target}' mount path must be absolute`);
  }
  if (posix.normalize(mount.target) === '/') {
    throw invalid(`${what}: invalid specification: destination can't be '/'`);
  }
  if (mount.type === 'bind' && mount.source === '') {
    throw invalid(`${what}: field Source must not be empty`);
  }
  if (mount.type === 'bind' && !mount.source.startsWith('/')) {
    throw invalid(`${what}: invalid mount path: '${mount.source}' mount path must be absolute`);
  }
  if (mount.type === 'tmpfs' && mount.source !== '') {
    throw invalid(`${what}: field Source must not be specified`);
  }
  if (mount.tmpfs !== undefined && mount.tmpfs.sizeBytes < 0) {
    throw invalid(`${what}: the size of a tmpfs cannot be negative`);
  }
}

function validateHealthcheck(check: Healthcheck | undefined): void {
  if (check === undefined) {
    return;
  }
  const periods = [
    ['Interval', check.intervalMs],
    ['Timeout', check.timeoutMs],
    ['StartPeriod', check.startPeriodMs],
    ['StartInterval', check.startIntervalMs],
  ] as const;
  for (const [name, value] of periods) {
    if (value !== 0 && !(value >= MIN_HEALTH_PERIOD_MS)) {
      throw invalid(`ContainerSpec: ${name} in HealthConfig cannot be less than 1ms`);
    }
  }
  if (check.retries < 0) {
    throw invalid('ContainerSpec: Retries in HealthConfig cannot be negative');
  }
  const [kind] = check.test;
  if (kind !== undefined && !['NONE', 'CMD', 'CMD-SHELL'].includes(kind)) {
    throw invalid(
      `ContainerSpec: Unknown healthcheck type '${kind}' (expected 'CMD', 'CMD-SHELL' or 'NONE')`,
    );
  }
}

function validateEnvironment(env: readonly string[]): void {
  for (const variable of env) {
    if (variable === '' || variable.startsWith('=') || variable.includes('\0')) {
      throw invalid(`ContainerSpec: invalid environment variable: '${variable.replaceAll('\0', '\\0')}'`);
    }
  }
}

/** Swarm's check of both kinds of reference: whole, and no two at the same place. */
function validateSecretReferences(references: readonly SecretReference[]): void {
  const named = references.map(({ secretId, secretName, file }) => ({
    id: secretId,
    name: secretName,
    file,
  }));
  validateReferences('secret', named);
}

function validateConfigReferences(references: readonly ConfigReference[]): void {
  const named = references.map(({ configId, configName, file }) => ({
    id: configId,
    name: configName,
    file,
  }));
  validateReferences('config', named);
}

function validateReferences(
  noun: string,
  references: readonly { readonly id: string; readonly name: string; readonly file: FileTarget }[],
): void {
  const byTarget = new Map<string, string>();
  for (const { id, name, file } of references) {
    if (id === '' || name === '') {
      throw invalid(`malformed ${noun} reference: id and name must be given`);
    }
    if (file.name === '') {
      throw invalid(`malformed file ${noun} reference, invalid target file name provided`);
    }
    if (!Number.isInteger(file.mode) || file.mode < 0 || file.mode > MAX_FILE_MODE) {
      throw invalid(`malformed file ${noun} reference: '${name}' has an invalid mode`);
    }
    const other = byTarget.get(file.name);
    if (other !== undefined) {
      throw invalid(`${noun} references '${other}' and '${name}' have a conflicting target: '${file.name}'`);
    }
    byTarget.set(file.name, name);
  }
}

function validateUlimits(container: ContainerSpec): void {
  for (const { name, soft, hard } of container.ulimits) {
    if (name === '') {
      throw invalid('ContainerSpec: a ulimit must have a name');
    }
    if (hard !== -1 && (soft === -1 || soft > hard)) {
      throw invalid(
        `ContainerSpec: ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`,
      );
    }
  }
  const adjustment = container.oomScoreAdj ?? 0;
  if (adjustment < -1000 || adjustment > 1000) {
    throw invalid(`Invalid value ${adjustment}, range for oom score adj is [-1000, 1000]`);
  }
}
