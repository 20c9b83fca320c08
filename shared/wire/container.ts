// Codec of what runs inside a task; its mounts have a file of their own.
import type {
  ConfigReference,
  ContainerSpec,
  DnsConfig,
  FileTarget,
  Healthcheck,
  Privileges,
  SecretReference,
  Ulimit,
} from '../model/container.ts';
import type { Mutable } from './fields.ts';
import { decodeDuration, encodeDuration, enumCodec, integer, nonEmpty, required } from './fields.ts';
import type { AppArmorMode__Output } from './generated/skein/v1/AppArmorMode.ts';
import type { ConfigReference__Output } from './generated/skein/v1/ConfigReference.ts';
import type { ContainerSpec__Output } from './generated/skein/v1/ContainerSpec.ts';
import type { DnsConfig__Output } from './generated/skein/v1/DnsConfig.ts';
import type { FileTarget__Output } from './generated/skein/v1/FileTarget.ts';
import type { Healthcheck__Output } from './generated/skein/v1/Healthcheck.ts';
import type { Privileges__Output } from './generated/skein/v1/Privileges.ts';
import type { SeccompMode__Output } from './generated/skein/v1/SeccompMode.ts';
import type { SecretReference__Output } from './generated/skein/v1/SecretReference.ts';
import type { Ulimit__Output } from './generated/skein/v1/Ulimit.ts';
import { decodeMount, encodeMount } from './mount.ts';
import type { Encoded } from './schema.ts';

type Seccomp = NonNullable<Privileges['seccomp']>;
type AppArmor = NonNullable<Privileges['appArmor']>;

const seccompMode = enumCodec<SeccompMode__Output, Seccomp['mode']>()({
  SECCOMP_MODE_UNSPECIFIED: undefined,
  SECCOMP_MODE_DEFAULT: 'default',
  SECCOMP_MODE_UNCONFINED: 'unconfined',
  SECCOMP_MODE_CUSTOM: 'custom',
});

const appArmorMode = enumCodec<AppArmorMode__Output, AppArmor['mode']>()({
  APP_ARMOR_MODE_UNSPECIFIED: undefined,
  APP_ARMOR_MODE_DEFAULT: 'default',
  APP_ARMOR_MODE_DISABLED: 'disabled',
});

export function encodeContainerSpec(spec: ContainerSpec): Encoded<ContainerSpec__Output> {
  return {
    image: spec.image,
    labels: spec.labels,
    command: spec.command,
    args: spec.args,
    hostname: spec.hostname,
    env: spec.env,
    dir: spec.dir,
    user: spec.user,
    groups: spec.groups,
    tty: spec.tty,
    openStdin: spec.openStdin,
    readOnly: spec.readOnly,
    mounts: spec.mounts.map(encodeMount),
    stopSignal: spec.stopSignal,
    stopGracePeriodNs:
      spec.stopGracePeriodMs === undefined ? undefined : encodeDuration(spec.stopGracePeriodMs),
    healthcheck: spec.healthcheck && encodeHealthcheck(spec.healthcheck),
    hosts: spec.hosts,
    dnsConfig: spec.dnsConfig && encodeDns(spec.dnsConfig),
    secrets: spec.secrets.map(encodeSecretReference),
    configs: spec.configs.map(encodeConfigReference),
    isolation: spec.isolation,
    init: spec.init,
    sysctls: spec.sysctls,
    capabilityAdd: spec.capabilityAdd,
    capabilityDrop: spec.capabilityDrop,
    ulimits: spec.ulimits.map(encodeUlimit),
    oomScoreAdj: spec.oomScoreAdj,
    privileges: spec.privileges && encodePrivileges(spec.privileges),
    registryAuth: spec.registryAuth,
  };
}

export function decodeContainerSpec(wire: ContainerSpec__Output): ContainerSpec {
  const spec: Mutable<ContainerSpec> = {
    image: wire.image,
    labels: wire.labels,
    command: wire.command,
    args: wire.args,
    env: wire.env,
    groups: wire.groups,
    tty: wire.tty,
    openStdin: wire.openStdin,
    readOnly: wire.readOnly,
    mounts: wire.mounts.map(decodeMount),
    hosts: wire.hosts,
    secrets: wire.secrets.map(decodeSecretReference),
    configs: wire.configs.map(decodeConfigReference),
    sysctls: wire.sysctls,
    capabilityAdd: wire.capabilityAdd,
    capabilityDrop: wire.capabilityDrop,
    ulimits: wire.ulimits.map(decodeUlimit),
  };
  decodeOptionalTexts(wire, spec);
  decodeOptionalParts(wire, spec);
  return spec;
}

function decodeOptionalTexts(wire: ContainerSpec__Output, spec: Mutable<ContainerSpec>): void {
  if (wire.hostname !== undefined) {
    spec.hostname = wire.hostname;
  }
  if (wire.dir !== undefined) {
    spec.dir = wire.dir;
  }
  if (wire.user !== undefined) {
    spec.user = wire.user;
  }
  if (wire.stopSignal !== undefined) {
    spec.stopSignal = wire.stopSignal;
  }
  if (wire.isolation !== undefined) {
    spec.isolation = wire.isolation;
  }
  if (wire.registryAuth !== undefined) {
    spec.registryAuth = wire.registryAuth;
  }
}

function decodeOptionalParts(wire: ContainerSpec__Output, spec: Mutable<ContainerSpec>): void {
  if (wire.stopGracePeriodNs !== undefined) {
    spec.stopGracePeriodMs = decodeDuration(wire.stopGracePeriodNs);
  }
  if (wire.healthcheck) {
    spec.healthcheck = decodeHealthcheck(wire.healthcheck);
  }
  if (wire.dnsConfig) {
    spec.dnsConfig = decodeDns(wire.dnsConfig);
  }
  if (wire.init !== undefined) {
    spec.init = wire.init;
  }
  if (wire.oomScoreAdj !== undefined) {
    spec.oomScoreAdj = integer(wire.oomScoreAdj, 'ContainerSpec.oom_score_adj');
  }
  if (wire.privileges) {
    spec.privileges = decodePrivileges(wire.privileges);
  }
}

function encodeHealthcheck(check: Healthcheck): Encoded<Healthcheck__Output> {
  return {
    test: check.test,
    intervalNs: encodeDuration(check.intervalMs),
    timeoutNs: encodeDuration(check.timeoutMs),
    startPeriodNs: encodeDuration(check.startPeriodMs),
    startIntervalNs: encodeDuration(check.startIntervalMs),
    retries: check.retries,
  };
}

function decodeHealthcheck(wire: Healthcheck__Output): Healthcheck {
  return {
    test: wire.test,
    intervalMs: decodeDuration(wire.intervalNs),
    timeoutMs: decodeDuration(wire.timeoutNs),
    startPeriodMs: decodeDuration(wire.startPeriodNs),
    startIntervalMs: decodeDuration(wire.startIntervalNs),
    retries: integer(wire.retries, 'Healthcheck.retries'),
  };
}

function encodeDns(dns: DnsConfig): Encoded<DnsConfig__Output> {
  return { nameservers: dns.nameservers, search: dns.search, options: dns.options };
}

function decodeDns(wire: DnsConfig__Output): DnsConfig {
  return { nameservers: wire.nameservers, search: wire.search, options: wire.options };
}

function encodeFile(file: FileTarget): Encoded<FileTarget__Output> {
  return { name: file.name, uid: file.uid, gid: file.gid, mode: file.mode };
}

function decodeFile(wire: FileTarget__Output): FileTarget {
  return { name: wire.name, uid: wire.uid, gid: wire.gid, mode: integer(wire.mode, 'FileTarget.mode') };
}

function encodeSecretReference(reference: SecretReference): Encoded<SecretReference__Output> {
  return {
    secretId: reference.secretId,
    secretName: reference.secretName,
    file: encodeFile(reference.file),
  };
}

// The ids of references may be empty: a client may name a secret or config by its name alone.
function decodeSecretReference(wire: SecretReference__Output): SecretReference {
  return {
    secretId: wire.secretId,
    secretName: wire.secretName,
    file: decodeFile(required(wire.file, 'SecretReference.file')),
  };
}

function encodeConfigReference(reference: ConfigReference): Encoded<ConfigReference__Output> {
  return {
    configId: reference.configId,
    configName: reference.configName,
    file: encodeFile(reference.file),
  };
}

function decodeConfigReference(wire: ConfigReference__Output): ConfigReference {
  return {
    configId: wire.configId,
    configName: wire.configName,
    file: decodeFile(required(wire.file, 'ConfigReference.file')),
  };
}

function encodeUlimit(limit: Ulimit): Encoded<Ulimit__Output> {
  return { name: limit.name, soft: limit.soft, hard: limit.hard };
}

function decodeUlimit(wire: Ulimit__Output): Ulimit {
  return {
    name: nonEmpty(wire.name, 'Ulimit.name'),
    soft: integer(wire.soft, 'Ulimit.soft'),
    hard: integer(wire.hard, 'Ulimit.hard'),
  };
}

function encodePrivileges({ noNewPrivileges, seccomp, appArmor }: Privileges): Encoded<Privileges__Output> {
  return {
    noNewPrivileges,
    seccomp: seccomp && { mode: seccompMode.encode(seccomp.mode), profileJson: seccomp.profileJson },
    appArmor: appArmor && { mode: appArmorMode.encode(appArmor.mode) },
  };
}

function decodePrivileges(wire: Privileges__Output): Privileges {
  const privileges: Mutable<Privileges> = {};
  if (wire.noNewPrivileges !== undefined) {
    privileges.noNewPrivileges = wire.noNewPrivileges;
  }
  if (wire.seccomp) {
    const mode = seccompMode.decode(wire.seccomp.mode, 'SeccompOptions.mode');
    const { profileJson } = wire.seccomp;
    privileges.seccomp = profileJson === undefined ? { mode } : { mode, profileJson };
  }
  if (wire.appArmor) {
    privileges.appArmor = { mode: appArmorMode.decode(wire.appArmor.mode, 'AppArmorOptions.mode') };
  }
  return privileges;
}
