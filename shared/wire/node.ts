// Codec of nodes: the operator's spec, the node's own description, its states and certificate.
import type {
  ManagerStatus,
  Node,
  NodeAvailability,
  NodeCertificate,
  NodeDescription,
  NodeMembership,
  NodeRole,
  NodeSpec,
  NodeState,
  NodeStatus,
  Platform,
  RaftReachability,
} from '../model/node.ts';
import type { Mutable } from './fields.ts';
import { decodeTime, encodeTime, enumCodec, integer, nonEmpty, required } from './fields.ts';
import type { ManagerStatus__Output } from './generated/skein/v1/ManagerStatus.ts';
import type { Node__Output } from './generated/skein/v1/Node.ts';
import type { NodeAvailability__Output } from './generated/skein/v1/NodeAvailability.ts';
import type { NodeCertificate__Output } from './generated/skein/v1/NodeCertificate.ts';
import type { NodeDescription__Output } from './generated/skein/v1/NodeDescription.ts';
import type { NodeMembership__Output } from './generated/skein/v1/NodeMembership.ts';
import type { NodeRole__Output } from './generated/skein/v1/NodeRole.ts';
import type { NodeSpec__Output } from './generated/skein/v1/NodeSpec.ts';
import type { NodeState__Output } from './generated/skein/v1/NodeState.ts';
import type { NodeStatus__Output } from './generated/skein/v1/NodeStatus.ts';
import type { Platform__Output } from './generated/skein/v1/Platform.ts';
import type { RaftReachability__Output } from './generated/skein/v1/RaftReachability.ts';
import { decodeAnnotations, decodeMeta, encodeAnnotations, encodeMeta } from './meta.ts';
import { decodeNodeEncryption, encodeNodeEncryption } from './network_keys.ts';
import { decodeResourceSet, encodeResourceSet } from './resources.ts';
import type { Encoded } from './schema.ts';

export const nodeRole = enumCodec<NodeRole__Output, NodeRole>()({
  NODE_ROLE_UNSPECIFIED: undefined,
  NODE_ROLE_WORKER: 'worker',
  NODE_ROLE_MANAGER: 'manager',
});

export const nodeAvailability = enumCodec<NodeAvailability__Output, NodeAvailability>()({
  NODE_AVAILABILITY_UNSPECIFIED: undefined,
  NODE_AVAILABILITY_ACTIVE: 'active',
  NODE_AVAILABILITY_PAUSE: 'pause',
  NODE_AVAILABILITY_DRAIN: 'drain',
});

const nodeMembership = enumCodec<NodeMembership__Output, NodeMembership>()({
  NODE_MEMBERSHIP_UNSPECIFIED: undefined,
  NODE_MEMBERSHIP_PENDING: 'pending',
  NODE_MEMBERSHIP_ACCEPTED: 'accepted',
});

const nodeState = enumCodec<NodeState__Output, NodeState>()({
  NODE_STATE_UNSPECIFIED: undefined,
  NODE_STATE_UNKNOWN: 'unknown',
  NODE_STATE_DOWN: 'down',
  NODE_STATE_READY: 'ready',
  NODE_STATE_DISCONNECTED: 'disconnected',
});

const raftReachability = enumCodec<RaftReachability__Output, RaftReachability>()({
  RAFT_REACHABILITY_UNSPECIFIED: undefined,
  RAFT_REACHABILITY_UNKNOWN: 'unknown',
  RAFT_REACHABILITY_UNREACHABLE: 'unreachable',
  RAFT_REACHABILITY_REACHABLE: 'reachable',
});

export function encodeNodeSpec(spec: NodeSpec): Encoded<NodeSpec__Output> {
  return {
    annotations: encodeAnnotations(spec),
    desiredRole: nodeRole.encode(spec.desiredRole),
    membership: nodeMembership.encode(spec.membership),
    availability: nodeAvailability.encode(spec.availability),
  };
}

export function decodeNodeSpec(wire: NodeSpec__Output): NodeSpec {
  return {
    ...decodeAnnotations(wire.annotations, 'NodeSpec'),
    desiredRole: nodeRole.decode(wire.desiredRole, 'NodeSpec.desired_role'),
    membership: nodeMembership.decode(wire.membership, 'NodeSpec.membership'),
    availability: nodeAvailability.decode(wire.availability, 'NodeSpec.availability'),
  };
}

export function encodePlatform(platform: Platform): Encoded<Platform__Output> {
  return { architecture: platform.architecture, os: platform.os };
}

export function decodePlatform(wire: Platform__Output): Platform {
  return { architecture: wire.architecture, os: wire.os };
}

export function encodeNodeDescription(description: NodeDescription): Encoded<NodeDescription__Output> {
  const { engine } = description;
  return {
    hostname: description.hostname,
    platform: encodePlatform(description.platform),
    resources: encodeResourceSet(description.resources),
    engine: {
      version: engine.version,
      labels: engine.labels,
      plugins: engine.plugins.map(({ type, name }) => ({ type, name })),
    },
    trustRootPem: description.trustRootPem,
  };
}

export function decodeNodeDescription(wire: NodeDescription__Output): NodeDescription {
  const engine = required(wire.engine, 'NodeDescription.engine');
  return {
    hostname: wire.hostname,
    platform: decodePlatform(required(wire.platform, 'NodeDescription.platform')),
    resources: decodeResourceSet(required(wire.resources, 'NodeDescription.resources')),
    engine: {
      version: engine.version,
      labels: engine.labels,
      plugins: engine.plugins.map(({ type, name }) => ({ type, name })),
    },
    trustRootPem: wire.trustRootPem,
  };
}

function encodeNodeStatus(status: NodeStatus): Encoded<NodeStatus__Output> {
  return { state: nodeState.encode(status.state), message: status.message, address: status.address };
}

function decodeNodeStatus(wire: NodeStatus__Output): NodeStatus {
  return {
    state: nodeState.decode(wire.state, 'NodeStatus.state'),
    message: wire.message,
    address: wire.address,
  };
}

function encodeManagerStatus(status: ManagerStatus): Encoded<ManagerStatus__Output> {
  return {
    raftId: status.raftId,
    address: status.address,
    leader: status.leader,
    reachability: raftReachability.encode(status.reachability),
    unreachableSinceUs:
      status.unreachableSince === undefined ? undefined : encodeTime(status.unreachableSince),
  };
}

function decodeManagerStatus(wire: ManagerStatus__Output): ManagerStatus {
  return {
    raftId: integer(wire.raftId, 'ManagerStatus.raft_id'),
    address: wire.address,
    leader: wire.leader,
    reachability: raftReachability.decode(wire.reachability, 'ManagerStatus.reachability'),
    ...(wire.unreachableSinceUs === undefined
      ? {}
      : { unreachableSince: decodeTime(wire.unreachableSinceUs, 'ManagerStatus.unreachable_since') }),
  };
}

function encodeCertificate(certificate: NodeCertificate): Encoded<NodeCertificate__Output> {
  return {
    role: nodeRole.encode(certificate.role),
    issuedAtUs: encodeTime(certificate.issuedAt),
    expiresAtUs: encodeTime(certificate.expiresAt),
    serial: certificate.serial,
  };
}

function decodeCertificate(wire: NodeCertificate__Output): NodeCertificate {
  return {
    role: nodeRole.decode(wire.role, 'NodeCertificate.role'),
    issuedAt: decodeTime(wire.issuedAtUs, 'NodeCertificate.issued_at'),
    expiresAt: decodeTime(wire.expiresAtUs, 'NodeCertificate.expires_at'),
    serial: wire.serial,
  };
}

export function encodeNode(node: Node): Encoded<Node__Output> {
  return {
    id: node.id,
    meta: encodeMeta(node.meta),
    spec: encodeNodeSpec(node.spec),
    role: nodeRole.encode(node.role),
    description: node.description && encodeNodeDescription(node.description),
    status: encodeNodeStatus(node.status),
    managerStatus: node.managerStatus && encodeManagerStatus(node.managerStatus),
    overlayIndex: node.overlayIndex,
    vtepAddress: node.vtepAddress,
    certificate: encodeCertificate(node.certificate),
    encryption: node.encryption && encodeNodeEncryption(node.encryption),
  };
}

export function decodeNode(wire: Node__Output): Node {
  const node: Mutable<Node> = {
    id: nonEmpty(wire.id, 'Node.id'),
    meta: decodeMeta(wire.meta, 'Node'),
    spec: decodeNodeSpec(required(wire.spec, 'Node.spec')),
    role: nodeRole.decode(wire.role, 'Node.role'),
    status: decodeNodeStatus(required(wire.status, 'Node.status')),
    certificate: decodeCertificate(required(wire.certificate, 'Node.certificate')),
  };
  if (wire.description) {
    node.description = decodeNodeDescription(wire.description);
  }
  if (wire.managerStatus) {
    node.managerStatus = decodeManagerStatus(wire.managerStatus);
  }
  if (wire.overlayIndex !== undefined) {
    node.overlayIndex = wire.overlayIndex;
  }
  if (wire.vtepAddress !== undefined) {
    node.vtepAddress = wire.vtepAddress;
  }
  if (wire.encryption) {
    node.encryption = decodeNodeEncryption(wire.encryption);
  }
  return node;
}
