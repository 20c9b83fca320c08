// Codec of mounts: the file systems that a container sees besides its root.
import type { Mount } from '../model/container.ts';
import type { Mutable } from './fields.ts';
import { enumCodec, integer } from './fields.ts';
import type { BindOptions__Output } from './generated/skein/v1/BindOptions.ts';
import type { Mount__Output } from './generated/skein/v1/Mount.ts';
import type { MountPropagation__Output } from './generated/skein/v1/MountPropagation.ts';
import type { MountType__Output } from './generated/skein/v1/MountType.ts';
import type { VolumeOptions__Output } from './generated/skein/v1/VolumeOptions.ts';
import type { Encoded } from './schema.ts';

type Bind = NonNullable<Mount['bind']>;
type VolumeOptions = NonNullable<Mount['volume']>;

const mountType = enumCodec<MountType__Output, Mount['type']>()({
  MOUNT_TYPE_UNSPECIFIED: undefined,
  MOUNT_TYPE_BIND: 'bind',
  MOUNT_TYPE_VOLUME: 'volume',
  MOUNT_TYPE_TMPFS: 'tmpfs',
});

const propagation = enumCodec<MountPropagation__Output, NonNullable<Bind['propagation']>>()({
  MOUNT_PROPAGATION_UNSPECIFIED: undefined,
  MOUNT_PROPAGATION_PRIVATE: 'private',
  MOUNT_PROPAGATION_RPRIVATE: 'rprivate',
  MOUNT_PROPAGATION_SHARED: 'shared',
  MOUNT_PROPAGATION_RSHARED: 'rshared',
  MOUNT_PROPAGATION_SLAVE: 'slave',
  MOUNT_PROPAGATION_RSLAVE: 'rslave',
});

function encodeBind(bind: Bind): Encoded<BindOptions__Output> {
  return {
    propagation: bind.propagation && propagation.encode(bind.propagation),
    nonRecursive: bind.nonRecursive,
    createMountpoint: bind.createMountpoint,
  };
}

function decodeBind(wire: BindOptions__Output): Bind {
  const bind: Mutable<Bind> = {
    nonRecursive: wire.nonRecursive,
    createMountpoint: wire.createMountpoint,
  };
  if (wire.propagation !== undefined) {
    bind.propagation = propagation.decode(wire.propagation, 'BindOptions.propagation');
  }
  return bind;
}

function encodeVolumeOptions(volume: VolumeOptions): Encoded<VolumeOptions__Output> {
  return {
    noCopy: volume.noCopy,
    labels: volume.labels,
    driver: volume.driver && { name: volume.driver.name, options: volume.driver.options },
    subpath: volume.subpath,
  };
}

function decodeVolumeOptions(wire: VolumeOptions__Output): VolumeOptions {
  const volume: Mutable<VolumeOptions> = { noCopy: wire.noCopy, labels: wire.labels };
  if (wire.driver) {
    volume.driver = { name: wire.driver.name, options: wire.driver.options };
  }
  if (wire.subpath !== undefined) {
    volume.subpath = wire.subpath;
  }
  return volume;
}

export function encodeMount(mount: Mount): Encoded<Mount__Output> {
  return {
    type: mountType.encode(mount.type),
    source: mount.source,
    target: mount.target,
    readOnly: mount.readOnly,
    consistency: mount.consistency,
    bind: mount.bind && encodeBind(mount.bind),
    volume: mount.volume && encodeVolumeOptions(mount.volume),
    tmpfs: mount.tmpfs && { sizeBytes: mount.tmpfs.sizeBytes, mode: mount.tmpfs.mode },
  };
}

export function decodeMount(wire: Mount__Output): Mount {
  const mount: Mutable<Mount> = {
    type: mountType.decode(wire.type, 'Mount.type'),
    source: wire.source,
    target: wire.target,
    readOnly: wire.readOnly,
  };
  if (wire.consistency !== undefined) {
    mount.consistency = wire.consistency;
  }
  if (wire.bind) {
    mount.bind = decodeBind(wire.bind);
  }
  if (wire.volume) {
    mount.volume = decodeVolumeOptions(wire.volume);
  }
  if (wire.tmpfs) {
    mount.tmpfs = {
      sizeBytes: integer(wire.tmpfs.sizeBytes, 'TmpfsOptions.size_bytes'),
      mode: integer(wire.tmpfs.mode, 'TmpfsOptions.mode'),
    };
  }
  return mount;
}
