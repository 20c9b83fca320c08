// Flags that swarm init and swarm update share, and the cluster spec they make.
import type { ClusterSpec, ExternalCa } from '../client/types.ts';
import { UsageError } from '../errors.ts';
import { duration, integer, listOf, toggle, unsigned } from '../flags/flag.ts';
import { csvFields } from '../opts/csv.ts';

export const SPEC_FLAGS = {
  autolock: toggle('Enable manager autolocking (requiring an unlock key to start a stopped manager)'),
  'cert-expiry': duration('Validity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)'),
  'dispatcher-heartbeat': duration('Dispatcher heartbeat period (ns|us|ms|s|m|h) (default 5s)'),
  'external-ca': listOf(
    'Specifications of one or more certificate signing endpoints',
    parseExternalCa,
    'external-ca',
  ),
  'max-snapshots': unsigned('Number of additional Raft snapshots to retain'),
  'snapshot-interval': unsigned('Number of log entries between Raft snapshots (default 10000)'),
  'task-history-limit': integer('Task history retention limit (default 5)'),
};

export interface SpecValues {
  readonly autolock: boolean;
  readonly 'cert-expiry': number | undefined;
  readonly 'dispatcher-heartbeat': number | undefined;
  readonly 'external-ca': readonly ExternalCa[];
  readonly 'max-snapshots': number | undefined;
  readonly 'snapshot-interval': number | undefined;
  readonly 'task-history-limit': number | undefined;
}

/** The present spec with what the flags say; what they do not say stays, or is left to the daemon. */
export function changeSpec(
  present: ClusterSpec,
  flags: SpecValues,
  changed: (name: keyof SpecValues) => boolean,
): ClusterSpec {
  return {
    ...present,
    Orchestration: {
      ...present.Orchestration,
      ...given('TaskHistoryRetentionLimit', flags['task-history-limit']),
    },
    Raft: {
      ...present.Raft,
      ...given('SnapshotInterval', flags['snapshot-interval']),
      ...given('KeepOldSnapshots', flags['max-snapshots']),
    },
    Dispatcher: { ...present.Dispatcher, ...given('HeartbeatPeriod', flags['dispatcher-heartbeat']) },
    CAConfig: {
      ...present.CAConfig,
      ...given('NodeCertExpiry', flags['cert-expiry']),
      ...(changed('external-ca') && { ExternalCAs: flags['external-ca'] }),
    },
    EncryptionConfig: {
      ...present.EncryptionConfig,
      ...(changed('autolock') && { AutoLockManagers: flags.autolock }),
    },
  };
}

function given(name: string, value: number | undefined): Readonly<Record<string, number>> {
  return value === undefined ? {} : { [name]: value };
}

/** `protocol=cfssl,url=https://…[,cacert=file]`. The certificate file is read when the command runs. */
export function parseExternalCa(value: string): ExternalCa {
  const fields = Object.fromEntries(
    csvFields(value).map((field) => {
      const [key = '', ...rest] = field.split('=');
      if (rest.length === 0) {
        throw new UsageError(`invalid field '${field}' must be a key=value pair`);
      }
      return [key.trim().toLowerCase(), rest.join('=')];
    }),
  );
  const { protocol = '', url = '', ...options } = fields;
  if (protocol !== 'cfssl') {
    throw new UsageError('the external-ca option needs a protocol= parameter, cfssl is the only one');
  }
  if (url === '') {
    throw new UsageError('the external-ca option needs a url= parameter');
  }
  return { Protocol: protocol, URL: url, ...(Object.keys(options).length > 0 && { Options: options }) };
}
