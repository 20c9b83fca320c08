// TaskTemplate.ContainerSpec between the Engine API's JSON and the model.
import type {
  ConfigReference,
  ContainerSpec,
  FileTarget,
  Healthcheck,
  Mount,
  Privileges,
  SecretReference,
} from '../../../shared/model/container.ts';
import { notImplemented } from '../errors.ts';
import {
  compact,
  type Fields,
  listOrNothing,
  mapOrNothing,
  nanoseconds,
  numberOrNothing,
  textOrNothing,
  trueOrNothing,
} from './fields.ts';

const MOUNT_TYPES = ['bind', 'volume', 'tmpfs'] as const;
const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const;

export function readContainerSpec(json: Fields): ContainerSpec {
  const healthcheck = json.object('Healthcheck');
  const dns = json.object('DNSConfig');
  const privileges = json.object('Privileges');
  const hostname = textOrNothing(json.optionalString('Hostname'));
  const dir = textOrNothing(json.optionalString('Dir'));
  const user = textOrNothing(json.optionalString('User'));
  const stopSignal = textOrNothing(json.optionalString('StopSignal'));
  const stopGracePeriodMs = json.optionalDurationMs('StopGracePeriod');
  const isolation = textOrNothing(json.optionalString('Isolation'));
  const init = json.optionalBoolean('Init');
  const oomScoreAdj = json.optionalNumber('OomScoreAdj');
  return {
    image: json.string('Image'),
    labels: json.stringMap('Labels'),
    command: json.strings('Command'),
    args: json.strings('Args'),
    env: json.strings('Env'),
    groups: json.strings('Groups'),
    tty: json.boolean('TTY'),
    openStdin: json.boolean('OpenStdin'),
    readOnly: json.boolean('ReadOnly'),
    mounts: json.objects('Mounts').map(readMount),
    hosts: json.strings('Hosts'),
    secrets: json.objects('Secrets').map(readSecretReference),
    configs: json.objects('Configs').map(readConfigReference),
    sysctls: json.stringMap('Sysctls'),
    capabilityAdd: json.strings('CapabilityAdd'),
    capabilityDrop: json.strings('CapabilityDrop'),
    ulimits: json
      .objects('Ulimits')
      .map((item) => ({ name: item.string('Name'), soft: item.number('Soft'), hard: item.number('Hard') })),
    ...(hostname !== undefined && { hostname }),
    ...(dir !== undefined && { dir }),
    ...(user !== undefined && { user }),
    ...(stopSignal !== undefined && { stopSignal }),
    ...(stopGracePeriodMs !== undefined && { stopGracePeriodMs }),
    ...(isolation !== undefined && isolation !== 'default' && { isolation }),
    ...(init !== undefined && { init }),
    ...(oomScoreAdj !== undefined && oomScoreAdj !== 0 && { oomScoreAdj }),
    ...(healthcheck !== undefined && { healthcheck: readHealthcheck(healthcheck) }),
    ...(dns !== undefined && {
      dnsConfig: {
        nameservers: dns.strings('Nameservers'),
        search: dns.strings('Search'),
        options: dns.strings('Options'),
      },
    }),
    ...(privileges !== undefined && { privileges: readPrivileges(privileges) }),
  };
}

export function readMount(json: Fields): Mount {
  const bind = json.object('BindOptions');
  const volume = json.object('VolumeOptions');
  const tmpfs = json.object('TmpfsOptions');
  refuseUnservedMount(json);
  const type = json.word('Type', MOUNT_TYPES, 'volume');
  const consistency = textOrNothing(json.optionalString('Consistency'));
  return {
    type,
    source: json.string('Source'),
    target: json.string('Target'),
    readOnly: json.boolean('ReadOnly'),
    ...(consistency !== undefined && { consistency }),
    ...(bind !== undefined && {
      bind: {
        nonRecursive: bind.boolean('NonRecursive'),
        createMountpoint: bind.boolean('CreateMountpoint'),
        ...(bind.string('Propagation') !== '' && {
          propagation: bind.word('Propagation', PROPAGATIONS, 'rprivate'),
        }),
      },
    }),
    ...(volume !== undefined && { volume: readVolumeOptions(volume) }),
    ...(tmpfs !== undefined && {
      tmpfs: { sizeBytes: tmpfs.unsigned('SizeBytes'), mode: tmpfs.unsigned('Mode') },
    }),
  };
}

/** What Docker has and skein not (yet): said by name, never left out in silence. */
function refuseUnservedMount(json: Fields): void {
  const type = json.string('Type').toLowerCase();
  if (['image', 'cluster', 'npipe'].includes(type)) {
    throw notImplemented(`mounts of type ${type}`);
  }
  const bind = json.section('BindOptions');
  for (const option of ['ReadOnlyNonRecursive', 'ReadOnlyForceRecursive']) {
    if (bind.boolean(option)) {
      throw notImplemented(`BindOptions.${option}`);
    }
  }
  if (json.section('TmpfsOptions').has('Options')) {
    throw notImplemented('TmpfsOptions.Options');
  }
}

function readVolumeOptions(json: Fields): NonNullable<Mount['volume']> {
  const driver = json.object('DriverConfig');
  const subpath = textOrNothing(json.optionalString('Subpath'));
  return {
    noCopy: json.boolean('NoCopy'),
    labels: json.stringMap('Labels'),
    ...(driver !== undefined && {
      driver: { name: driver.string('Name'), options: driver.stringMap('Options') },
    }),
    ...(subpath !== undefined && { subpath }),
  };
}

export function readHealthcheck(json: Fields): Healthcheck {
  return {
    test: json.strings('Test'),
    intervalMs: json.durationMs('Interval'),
    timeoutMs: json.durationMs('Timeout'),
    startPeriodMs: json.durationMs('StartPeriod'),
    startIntervalMs: json.durationMs('StartInterval'),
    retries: json.unsigned('Retries'),
  };
}

function readFileTarget(json: Fields, fallbackName: string): FileTarget {
  const file = json.section('File');
  return {
    name: textOrNothing(file.string('Name')) ?? fallbackName,
    uid: textOrNothing(file.string('UID')) ?? '0',
    gid: textOrNothing(file.string('GID')) ?? '0',
    mode: file.optionalUnsigned('Mode') ?? 0o444,
  };
}

function readSecretReference(json: Fields): SecretReference {
  const secretName = json.string('SecretName');
  return { secretId: json.string('SecretID'), secretName, file: readFileTarget(json, secretName) };
}

function readConfigReference(json: Fields): ConfigReference {
  if (json.object('Runtime') !== undefined) {
    throw notImplemented('configs for the runtime (credential specs)');
  }
  const configName = json.string('ConfigName');
  return { configId: json.string('ConfigID'), configName, file: readFileTarget(json, configName) };
}

function readPrivileges(json: Fields): Privileges {
  const seccomp = json.object('Seccomp');
  const appArmor = json.object('AppArmor');
  if (json.object('CredentialSpec') !== undefined || json.object('SELinuxContext') !== undefined) {
    throw notImplemented('Privileges.CredentialSpec and SELinuxContext');
  }
  const noNewPrivileges = json.optionalBoolean('NoNewPrivileges');
  return {
    ...(noNewPrivileges !== undefined && { noNewPrivileges }),
    ...(seccomp !== undefined && { seccomp: readSeccomp(seccomp) }),
    ...(appArmor !== undefined && {
      appArmor: { mode: appArmor.word('Mode', ['default', 'disabled'] as const, 'default') },
    }),
  };
}

function readSeccomp(json: Fields): NonNullable<Privileges['seccomp']> {
  const mode = json.word('Mode', ['default', 'unconfined', 'custom'] as const, 'default');
  return {
    mode,
    ...(mode === 'custom' && { profileJson: Buffer.from(json.bytes('Profile')).toString('utf8') }),
  };
}

export function writeContainerSpec(spec: ContainerSpec): Record<string, unknown> {
  return compact({
    Image: spec.image,
    Labels: mapOrNothing(spec.labels),
    Command: listOrNothing(spec.command),
    Args: listOrNothing(spec.args),
    Hostname: spec.hostname,
    Env: listOrNothing(spec.env),
    Dir: spec.dir,
    User: spec.user,
    Groups: listOrNothing(spec.groups),
    Privileges: spec.privileges && writePrivileges(spec.privileges),
    Init: spec.init,
    StopSignal: spec.stopSignal,
    TTY: trueOrNothing(spec.tty),
    OpenStdin: trueOrNothing(spec.openStdin),
    ReadOnly: trueOrNothing(spec.readOnly),
    Mounts: listOrNothing(spec.mounts.map(writeMount)),
    StopGracePeriod: spec.stopGracePeriodMs === undefined ? undefined : nanoseconds(spec.stopGracePeriodMs),
    Healthcheck: spec.healthcheck && writeHealthcheck(spec.healthcheck),
    Hosts: listOrNothing(spec.hosts),
    DNSConfig:
      spec.dnsConfig &&
      compact({
        Nameservers: listOrNothing(spec.dnsConfig.nameservers),
        Search: listOrNothing(spec.dnsConfig.search),
        Options: listOrNothing(spec.dnsConfig.options),
      }),
    Secrets: listOrNothing(
      spec.secrets.map((item) => ({
        File: writeFile(item.file),
        SecretID: item.secretId,
        SecretName: item.secretName,
      })),
    ),
    Configs: listOrNothing(
      spec.configs.map((item) => ({
        File: writeFile(item.file),
        ConfigID: item.configId,
        ConfigName: item.configName,
      })),
    ),
    Isolation: spec.isolation ?? 'default',
    Sysctls: mapOrNothing(spec.sysctls),
    CapabilityAdd: listOrNothing(spec.capabilityAdd),
    CapabilityDrop: listOrNothing(spec.capabilityDrop),
    Ulimits: listOrNothing(
      spec.ulimits.map((item) => ({ Name: item.name, Hard: item.hard, Soft: item.soft })),
    ),
    OomScoreAdj: spec.oomScoreAdj,
  });
}

function writeFile(file: FileTarget): Record<string, unknown> {
  return { Name: file.name, UID: file.uid, GID: file.gid, Mode: file.mode };
}

export function writeMount(mount: Mount): Record<string, unknown> {
  return compact({
    Type: mount.type,
    Source: textOrNothing(mount.source),
    Target: mount.target,
    ReadOnly: trueOrNothing(mount.readOnly),
    Consistency: mount.consistency,
    BindOptions:
      mount.bind &&
      compact({
        Propagation: mount.bind.propagation,
        NonRecursive: trueOrNothing(mount.bind.nonRecursive),
        CreateMountpoint: trueOrNothing(mount.bind.createMountpoint),
      }),
    VolumeOptions:
      mount.volume &&
      compact({
        NoCopy: trueOrNothing(mount.volume.noCopy),
        Labels: mapOrNothing(mount.volume.labels),
        DriverConfig:
          mount.volume.driver &&
          compact({ Name: mount.volume.driver.name, Options: mapOrNothing(mount.volume.driver.options) }),
        Subpath: mount.volume.subpath,
      }),
    TmpfsOptions:
      mount.tmpfs &&
      compact({ SizeBytes: numberOrNothing(mount.tmpfs.sizeBytes), Mode: numberOrNothing(mount.tmpfs.mode) }),
  });
}

export function writeHealthcheck(check: Healthcheck): Record<string, unknown> {
  return compact({
    Test: listOrNothing(check.test),
    Interval: numberOrNothing(nanoseconds(check.intervalMs)),
    Timeout: numberOrNothing(nanoseconds(check.timeoutMs)),
    StartPeriod: numberOrNothing(nanoseconds(check.startPeriodMs)),
    StartInterval: numberOrNothing(nanoseconds(check.startIntervalMs)),
    Retries: numberOrNothing(check.retries),
  });
}

function writePrivileges(privileges: Privileges): Record<string, unknown> {
  const { seccomp, appArmor } = privileges;
  return compact({
    CredentialSpec: null,
    SELinuxContext: null,
    NoNewPrivileges: trueOrNothing(privileges.noNewPrivileges),
    Seccomp:
      seccomp &&
      compact({
        Mode: seccomp.mode,
        Profile:
          seccomp.profileJson === undefined ? undefined : Buffer.from(seccomp.profileJson).toString('base64'),
      }),
    AppArmor: appArmor && { Mode: appArmor.mode },
  });
}
