// Original file: proto/specs.proto

export const SeccompMode = {
  SECCOMP_MODE_UNSPECIFIED: 'SECCOMP_MODE_UNSPECIFIED',
  SECCOMP_MODE_DEFAULT: 'SECCOMP_MODE_DEFAULT',
  SECCOMP_MODE_UNCONFINED: 'SECCOMP_MODE_UNCONFINED',
  SECCOMP_MODE_CUSTOM: 'SECCOMP_MODE_CUSTOM',
} as const;

export type SeccompMode =
  | 'SECCOMP_MODE_UNSPECIFIED'
  | 0
  | 'SECCOMP_MODE_DEFAULT'
  | 1
  | 'SECCOMP_MODE_UNCONFINED'
  | 2
  | 'SECCOMP_MODE_CUSTOM'
  | 3

export type SeccompMode__Output = typeof SeccompMode[keyof typeof SeccompMode]
