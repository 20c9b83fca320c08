// Original file: proto/control.proto

export const ServiceRollback = {
  SERVICE_ROLLBACK_UNSPECIFIED: 'SERVICE_ROLLBACK_UNSPECIFIED',
  SERVICE_ROLLBACK_NONE: 'SERVICE_ROLLBACK_NONE',
  SERVICE_ROLLBACK_PREVIOUS: 'SERVICE_ROLLBACK_PREVIOUS',
} as const;

export type ServiceRollback =
  | 'SERVICE_ROLLBACK_UNSPECIFIED'
  | 0
  | 'SERVICE_ROLLBACK_NONE'
  | 1
  | 'SERVICE_ROLLBACK_PREVIOUS'
  | 2

export type ServiceRollback__Output = typeof ServiceRollback[keyof typeof ServiceRollback]
