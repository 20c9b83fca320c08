// Original file: proto/specs.proto

export const PublishMode = {
  PUBLISH_MODE_UNSPECIFIED: 'PUBLISH_MODE_UNSPECIFIED',
  PUBLISH_MODE_INGRESS: 'PUBLISH_MODE_INGRESS',
  PUBLISH_MODE_HOST: 'PUBLISH_MODE_HOST',
} as const;

export type PublishMode =
  | 'PUBLISH_MODE_UNSPECIFIED'
  | 0
  | 'PUBLISH_MODE_INGRESS'
  | 1
  | 'PUBLISH_MODE_HOST'
  | 2

export type PublishMode__Output = typeof PublishMode[keyof typeof PublishMode]
