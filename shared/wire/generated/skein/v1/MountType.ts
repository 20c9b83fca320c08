// Original file: proto/specs.proto

export const MountType = {
  MOUNT_TYPE_UNSPECIFIED: 'MOUNT_TYPE_UNSPECIFIED',
  MOUNT_TYPE_BIND: 'MOUNT_TYPE_BIND',
  MOUNT_TYPE_VOLUME: 'MOUNT_TYPE_VOLUME',
  MOUNT_TYPE_TMPFS: 'MOUNT_TYPE_TMPFS',
} as const;

export type MountType =
  | 'MOUNT_TYPE_UNSPECIFIED'
  | 0
  | 'MOUNT_TYPE_BIND'
  | 1
  | 'MOUNT_TYPE_VOLUME'
  | 2
  | 'MOUNT_TYPE_TMPFS'
  | 3

export type MountType__Output = typeof MountType[keyof typeof MountType]
