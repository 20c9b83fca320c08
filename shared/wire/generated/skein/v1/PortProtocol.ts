// Original file: proto/specs.proto

export const PortProtocol = {
  PORT_PROTOCOL_UNSPECIFIED: 'PORT_PROTOCOL_UNSPECIFIED',
  PORT_PROTOCOL_TCP: 'PORT_PROTOCOL_TCP',
  PORT_PROTOCOL_UDP: 'PORT_PROTOCOL_UDP',
  PORT_PROTOCOL_SCTP: 'PORT_PROTOCOL_SCTP',
} as const;

export type PortProtocol =
  | 'PORT_PROTOCOL_UNSPECIFIED'
  | 0
  | 'PORT_PROTOCOL_TCP'
  | 1
  | 'PORT_PROTOCOL_UDP'
  | 2
  | 'PORT_PROTOCOL_SCTP'
  | 3

export type PortProtocol__Output = typeof PortProtocol[keyof typeof PortProtocol]
