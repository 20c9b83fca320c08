// Original file: proto/control.proto

export const EventType = {
  EVENT_TYPE_UNSPECIFIED: 'EVENT_TYPE_UNSPECIFIED',
  EVENT_TYPE_NODE: 'EVENT_TYPE_NODE',
  EVENT_TYPE_SERVICE: 'EVENT_TYPE_SERVICE',
  EVENT_TYPE_NETWORK: 'EVENT_TYPE_NETWORK',
  EVENT_TYPE_SECRET: 'EVENT_TYPE_SECRET',
  EVENT_TYPE_CONFIG: 'EVENT_TYPE_CONFIG',
} as const;

export type EventType =
  | 'EVENT_TYPE_UNSPECIFIED'
  | 0
  | 'EVENT_TYPE_NODE'
  | 1
  | 'EVENT_TYPE_SERVICE'
  | 2
  | 'EVENT_TYPE_NETWORK'
  | 3
  | 'EVENT_TYPE_SECRET'
  | 4
  | 'EVENT_TYPE_CONFIG'
  | 5

export type EventType__Output = typeof EventType[keyof typeof EventType]
