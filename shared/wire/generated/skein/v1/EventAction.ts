// Original file: proto/control.proto

export const EventAction = {
  EVENT_ACTION_UNSPECIFIED: 'EVENT_ACTION_UNSPECIFIED',
  EVENT_ACTION_CREATE: 'EVENT_ACTION_CREATE',
  EVENT_ACTION_UPDATE: 'EVENT_ACTION_UPDATE',
  EVENT_ACTION_REMOVE: 'EVENT_ACTION_REMOVE',
} as const;

export type EventAction =
  | 'EVENT_ACTION_UNSPECIFIED'
  | 0
  | 'EVENT_ACTION_CREATE'
  | 1
  | 'EVENT_ACTION_UPDATE'
  | 2
  | 'EVENT_ACTION_REMOVE'
  | 3

export type EventAction__Output = typeof EventAction[keyof typeof EventAction]
