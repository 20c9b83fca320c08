// Original file: proto/specs.proto

export const EndpointMode = {
  ENDPOINT_MODE_UNSPECIFIED: 'ENDPOINT_MODE_UNSPECIFIED',
  ENDPOINT_MODE_VIP: 'ENDPOINT_MODE_VIP',
  ENDPOINT_MODE_DNSRR: 'ENDPOINT_MODE_DNSRR',
} as const;

export type EndpointMode =
  | 'ENDPOINT_MODE_UNSPECIFIED'
  | 0
  | 'ENDPOINT_MODE_VIP'
  | 1
  | 'ENDPOINT_MODE_DNSRR'
  | 2

export type EndpointMode__Output = typeof EndpointMode[keyof typeof EndpointMode]
