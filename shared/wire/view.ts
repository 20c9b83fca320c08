// Codec of endpoint views: what a node is told of a network it takes part in.
import type { EndpointState, NetworkView, ViewEndpoint, ViewNode, ViewService } from '../model/view.ts';
import { decodePort, encodePort, endpointMode } from './endpoint.ts';
import { enumCodec, integer, nonEmpty } from './fields.ts';
import type { EndpointState__Output } from './generated/skein/v1/EndpointState.ts';
import type { NetworkView__Output } from './generated/skein/v1/NetworkView.ts';
import type { ViewEndpoint__Output } from './generated/skein/v1/ViewEndpoint.ts';
import type { ViewNode__Output } from './generated/skein/v1/ViewNode.ts';
import type { ViewService__Output } from './generated/skein/v1/ViewService.ts';
import { messages } from './messages.ts';
import { decodeSubnet, encodeSubnet } from './network.ts';
import { decodeViewEncryption, encodeViewEncryption } from './network_keys.ts';
import type { Encoded } from './schema.ts';

const endpointState = enumCodec<EndpointState__Output, EndpointState>()({
  ENDPOINT_STATE_UNSPECIFIED: undefined,
  ENDPOINT_STATE_STARTING: 'starting',
  ENDPOINT_STATE_SERVING: 'serving',
  ENDPOINT_STATE_DRAINING: 'draining',
});

function encodeNode(node: ViewNode): Encoded<ViewNode__Output> {
  return {
    nodeId: node.nodeId,
    overlayIndex: node.overlayIndex,
    vtepAddress: node.vtepAddress,
    incarnation: node.incarnation ?? '',
  };
}

function decodeNode(wire: ViewNode__Output): ViewNode {
  return {
    nodeId: nonEmpty(wire.nodeId, 'ViewNode.node_id'),
    overlayIndex: wire.overlayIndex,
    vtepAddress: wire.vtepAddress,
    ...(wire.incarnation === '' ? {} : { incarnation: wire.incarnation }),
  };
}

function encodeEndpoint(endpoint: ViewEndpoint): Encoded<ViewEndpoint__Output> {
  return {
    taskId: endpoint.taskId,
    taskName: endpoint.taskName,
    slot: endpoint.slot,
    nodeId: endpoint.nodeId,
    addresses: endpoint.addresses,
    state: endpointState.encode(endpoint.state),
    aliases: endpoint.aliases,
  };
}

function decodeEndpoint(wire: ViewEndpoint__Output): ViewEndpoint {
  return {
    taskId: nonEmpty(wire.taskId, 'ViewEndpoint.task_id'),
    taskName: wire.taskName,
    slot: integer(wire.slot, 'ViewEndpoint.slot'),
    nodeId: nonEmpty(wire.nodeId, 'ViewEndpoint.node_id'),
    addresses: wire.addresses,
    state: endpointState.decode(wire.state, 'ViewEndpoint.state'),
    aliases: wire.aliases,
  };
}

function encodeService(service: ViewService): Encoded<ViewService__Output> {
  return {
    serviceId: service.serviceId,
    name: service.name,
    mode: endpointMode.encode(service.mode),
    virtualIps: service.virtualIps,
    aliases: service.aliases,
    ports: service.ports.map(encodePort),
    endpoints: service.endpoints.map(encodeEndpoint),
  };
}

function decodeService(wire: ViewService__Output): ViewService {
  return {
    serviceId: nonEmpty(wire.serviceId, 'ViewService.service_id'),
    name: wire.name,
    mode: endpointMode.decode(wire.mode, 'ViewService.mode'),
    virtualIps: wire.virtualIps,
    aliases: wire.aliases,
    ports: wire.ports.map(decodePort),
    endpoints: wire.endpoints.map(decodeEndpoint),
  };
}

export function encodeView(view: NetworkView): Encoded<NetworkView__Output> {
  return {
    networkId: view.networkId,
    version: view.version,
    name: view.name,
    vni: view.vni,
    subnets: view.subnets.map(encodeSubnet),
    internal: view.internal,
    ingress: view.ingress,
    driverOptions: view.driverOptions,
    nodes: view.nodes.map(encodeNode),
    services: view.services.map(encodeService),
    encryption: view.encryption && encodeViewEncryption(view.encryption),
  };
}

export function decodeView(wire: NetworkView__Output): NetworkView {
  return {
    networkId: nonEmpty(wire.networkId, 'NetworkView.network_id'),
    version: integer(wire.version, 'NetworkView.version'),
    name: wire.name,
    vni: wire.vni,
    subnets: wire.subnets.map(decodeSubnet),
    internal: wire.internal,
    ingress: wire.ingress,
    driverOptions: wire.driverOptions,
    nodes: wire.nodes.map(decodeNode),
    services: wire.services.map(decodeService),
    ...(wire.encryption ? { encryption: decodeViewEncryption(wire.encryption) } : {}),
  };
}

const codec = messages.message('NetworkView');

/** Bytes of a view, e.g. for the worker's own database. */
export function networkViewToBytes(view: NetworkView): Uint8Array {
  return codec.encode(encodeView(view));
}

/** Throws `malformed-message`. */
export function networkViewFromBytes(bytes: Uint8Array): NetworkView {
  return decodeView(codec.decode(bytes));
}
