// Original file: proto/specs.proto

export const RestartCondition = {
  RESTART_CONDITION_UNSPECIFIED: 'RESTART_CONDITION_UNSPECIFIED',
  RESTART_CONDITION_NONE: 'RESTART_CONDITION_NONE',
  RESTART_CONDITION_ON_FAILURE: 'RESTART_CONDITION_ON_FAILURE',
  RESTART_CONDITION_ANY: 'RESTART_CONDITION_ANY',
} as const;

export type RestartCondition =
  | 'RESTART_CONDITION_UNSPECIFIED'
  | 0
  | 'RESTART_CONDITION_NONE'
  | 1
  | 'RESTART_CONDITION_ON_FAILURE'
  | 2
  | 'RESTART_CONDITION_ANY'
  | 3

export type RestartCondition__Output = typeof RestartCondition[keyof typeof RestartCondition]
