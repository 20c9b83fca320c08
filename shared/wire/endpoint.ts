// Codec of how services and tasks are reached: ports, endpoint mode, network attachments.
import type {
  EndpointMode,
  EndpointSpec,
  NetworkAttachment,
  NetworkAttachmentConfig,
  PortConfig,
  PortProtocol,
  PublishMode,
} from '../model/endpoint.ts';
import { enumCodec, integer, nonEmpty } from './fields.ts';
import type { EndpointMode__Output } from './generated/skein/v1/EndpointMode.ts';
import type { EndpointSpec__Output } from './generated/skein/v1/EndpointSpec.ts';
import type { NetworkAttachment__Output } from './generated/skein/v1/NetworkAttachment.ts';
import type { NetworkAttachmentConfig__Output } from './generated/skein/v1/NetworkAttachmentConfig.ts';
import type { PortConfig__Output } from './generated/skein/v1/PortConfig.ts';
import type { PortProtocol__Output } from './generated/skein/v1/PortProtocol.ts';
import type { PublishMode__Output } from './generated/skein/v1/PublishMode.ts';
import type { Encoded } from './schema.ts';

const portProtocol = enumCodec<PortProtocol__Output, PortProtocol>()({
  PORT_PROTOCOL_UNSPECIFIED: undefined,
  PORT_PROTOCOL_TCP: 'tcp',
  PORT_PROTOCOL_UDP: 'udp',
  PORT_PROTOCOL_SCTP: 'sctp',
});

const publishMode = enumCodec<PublishMode__Output, PublishMode>()({
  PUBLISH_MODE_UNSPECIFIED: undefined,
  PUBLISH_MODE_INGRESS: 'ingress',
  PUBLISH_MODE_HOST: 'host',
});

export const endpointMode = enumCodec<EndpointMode__Output, EndpointMode>()({
  ENDPOINT_MODE_UNSPECIFIED: undefined,
  ENDPOINT_MODE_VIP: 'vip',
  ENDPOINT_MODE_DNSRR: 'dnsrr',
});

export function encodePort(port: PortConfig): Encoded<PortConfig__Output> {
  return {
    name: port.name,
    protocol: portProtocol.encode(port.protocol),
    target: port.target,
    published: port.published,
    mode: publishMode.encode(port.mode),
  };
}

export function decodePort(wire: PortConfig__Output): PortConfig {
  return {
    name: wire.name,
    protocol: portProtocol.decode(wire.protocol, 'PortConfig.protocol'),
    target: integer(wire.target, 'PortConfig.target'),
    published: integer(wire.published, 'PortConfig.published'),
    mode: publishMode.decode(wire.mode, 'PortConfig.mode'),
  };
}

export function encodeEndpointSpec(spec: EndpointSpec): Encoded<EndpointSpec__Output> {
  return { mode: endpointMode.encode(spec.mode), ports: spec.ports.map(encodePort) };
}

export function decodeEndpointSpec(wire: EndpointSpec__Output): EndpointSpec {
  return {
    mode: endpointMode.decode(wire.mode, 'EndpointSpec.mode'),
    ports: wire.ports.map(decodePort),
  };
}

export function encodeAttachmentConfig(
  config: NetworkAttachmentConfig,
): Encoded<NetworkAttachmentConfig__Output> {
  return { target: config.target, aliases: config.aliases, driverOptions: config.driverOptions };
}

export function decodeAttachmentConfig(wire: NetworkAttachmentConfig__Output): NetworkAttachmentConfig {
  return { target: wire.target, aliases: wire.aliases, driverOptions: wire.driverOptions };
}

export function encodeAttachment(attachment: NetworkAttachment): Encoded<NetworkAttachment__Output> {
  return {
    networkId: attachment.networkId,
    addresses: attachment.addresses,
    aliases: attachment.aliases,
  };
}

export function decodeAttachment(wire: NetworkAttachment__Output): NetworkAttachment {
  return {
    networkId: nonEmpty(wire.networkId, 'NetworkAttachment.network_id'),
    addresses: wire.addresses,
    aliases: wire.aliases,
  };
}
