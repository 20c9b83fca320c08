// Original file: proto/specs.proto

export const NodeMembership = {
  NODE_MEMBERSHIP_UNSPECIFIED: 'NODE_MEMBERSHIP_UNSPECIFIED',
  NODE_MEMBERSHIP_PENDING: 'NODE_MEMBERSHIP_PENDING',
  NODE_MEMBERSHIP_ACCEPTED: 'NODE_MEMBERSHIP_ACCEPTED',
} as const;

export type NodeMembership =
  | 'NODE_MEMBERSHIP_UNSPECIFIED'
  | 0
  | 'NODE_MEMBERSHIP_PENDING'
  | 1
  | 'NODE_MEMBERSHIP_ACCEPTED'
  | 2

export type NodeMembership__Output = typeof NodeMembership[keyof typeof NodeMembership]
