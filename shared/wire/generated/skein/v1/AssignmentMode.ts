// Original file: proto/dispatcher.proto

export const AssignmentMode = {
  ASSIGNMENT_MODE_UNSPECIFIED: 'ASSIGNMENT_MODE_UNSPECIFIED',
  ASSIGNMENT_MODE_FULL: 'ASSIGNMENT_MODE_FULL',
  ASSIGNMENT_MODE_INCREMENT: 'ASSIGNMENT_MODE_INCREMENT',
} as const;

export type AssignmentMode =
  | 'ASSIGNMENT_MODE_UNSPECIFIED'
  | 0
  | 'ASSIGNMENT_MODE_FULL'
  | 1
  | 'ASSIGNMENT_MODE_INCREMENT'
  | 2

export type AssignmentMode__Output = typeof AssignmentMode[keyof typeof AssignmentMode]
