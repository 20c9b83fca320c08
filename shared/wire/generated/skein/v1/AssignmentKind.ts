// Original file: proto/dispatcher.proto

export const AssignmentKind = {
  ASSIGNMENT_KIND_UNSPECIFIED: 'ASSIGNMENT_KIND_UNSPECIFIED',
  ASSIGNMENT_KIND_TASK: 'ASSIGNMENT_KIND_TASK',
  ASSIGNMENT_KIND_SECRET: 'ASSIGNMENT_KIND_SECRET',
  ASSIGNMENT_KIND_CONFIG: 'ASSIGNMENT_KIND_CONFIG',
  ASSIGNMENT_KIND_VIEW: 'ASSIGNMENT_KIND_VIEW',
} as const;

export type AssignmentKind =
  | 'ASSIGNMENT_KIND_UNSPECIFIED'
  | 0
  | 'ASSIGNMENT_KIND_TASK'
  | 1
  | 'ASSIGNMENT_KIND_SECRET'
  | 2
  | 'ASSIGNMENT_KIND_CONFIG'
  | 3
  | 'ASSIGNMENT_KIND_VIEW'
  | 4

export type AssignmentKind__Output = typeof AssignmentKind[keyof typeof AssignmentKind]
