// Original file: proto/objects.proto

export const EndpointState = {
  ENDPOINT_STATE_UNSPECIFIED: 'ENDPOINT_STATE_UNSPECIFIED',
  ENDPOINT_STATE_STARTING: 'ENDPOINT_STATE_STARTING',
  ENDPOINT_STATE_SERVING: 'ENDPOINT_STATE_SERVING',
  ENDPOINT_STATE_DRAINING: 'ENDPOINT_STATE_DRAINING',
} as const;

export type EndpointState =
  | 'ENDPOINT_STATE_UNSPECIFIED'
  | 0
  | 'ENDPOINT_STATE_STARTING'
  | 1
  | 'ENDPOINT_STATE_SERVING'
  | 2
  | 'ENDPOINT_STATE_DRAINING'
  | 3

export type EndpointState__Output = typeof EndpointState[keyof typeof EndpointState]
