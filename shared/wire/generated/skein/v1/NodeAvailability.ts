// Original file: proto/specs.proto

export const NodeAvailability = {
  NODE_AVAILABILITY_UNSPECIFIED: 'NODE_AVAILABILITY_UNSPECIFIED',
  NODE_AVAILABILITY_ACTIVE: 'NODE_AVAILABILITY_ACTIVE',
  NODE_AVAILABILITY_PAUSE: 'NODE_AVAILABILITY_PAUSE',
  NODE_AVAILABILITY_DRAIN: 'NODE_AVAILABILITY_DRAIN',
} as const;

export type NodeAvailability =
  | 'NODE_AVAILABILITY_UNSPECIFIED'
  | 0
  | 'NODE_AVAILABILITY_ACTIVE'
  | 1
  | 'NODE_AVAILABILITY_PAUSE'
  | 2
  | 'NODE_AVAILABILITY_DRAIN'
  | 3

export type NodeAvailability__Output = typeof NodeAvailability[keyof typeof NodeAvailability]
