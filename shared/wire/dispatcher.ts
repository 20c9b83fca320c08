// Codecs of the stream between an agent and the leader; assignments have a file of their own.
import type { AgentMessage, DispatcherMessage } from '../protocol/dispatcher.ts';
import { decodeAssignments, encodeAssignments } from './assignment.ts';
import { decodeAttachments, decodeRefusal, encodeAttachments } from './attachment.ts';
import { decodeDuration, encodeDuration, integer, malformed, nonEmpty, required } from './fields.ts';
import type { AgentMessage__Output } from './generated/skein/v1/AgentMessage.ts';
import type { DispatcherMessage__Output } from './generated/skein/v1/DispatcherMessage.ts';
import type { Register__Output } from './generated/skein/v1/Register.ts';
import type { SessionInfo__Output } from './generated/skein/v1/SessionInfo.ts';
import type { StatusReport__Output } from './generated/skein/v1/StatusReport.ts';
import { messages } from './messages.ts';
import { decodeNodeEncryption, encodeNodeEncryption } from './network_keys.ts';
import { decodeNodeDescription, encodeNodeDescription, nodeAvailability, nodeRole } from './node.ts';
import type { Encoded } from './schema.ts';
import { bytesCodec } from './schema.ts';
import { decodeTaskStatus, encodeTaskStatus } from './task.ts';

type FromAgent<Kind> = Extract<AgentMessage, { readonly kind: Kind }>;
type FromDispatcher<Kind> = Extract<DispatcherMessage, { readonly kind: Kind }>;

const NOTHING_OF_AGENT: Encoded<AgentMessage__Output> = {
  register: undefined,
  heartbeat: undefined,
  describe: undefined,
  status: undefined,
  viewsApplied: undefined,
  resync: undefined,
  leaving: undefined,
  encryption: undefined,
  farewell: undefined,
  attachments: undefined,
};

function encodeAgentMessage(message: AgentMessage): Encoded<AgentMessage__Output> {
  switch (message.kind) {
    case 'register':
      return { ...NOTHING_OF_AGENT, register: encodeRegister(message) };
    case 'heartbeat':
      return { ...NOTHING_OF_AGENT, heartbeat: {} };
    case 'describe':
      return {
        ...NOTHING_OF_AGENT,
        describe: { description: encodeNodeDescription(message.description) },
      };
    case 'status':
      return { ...NOTHING_OF_AGENT, status: encodeStatus(message) };
    case 'views-applied':
      return {
        ...NOTHING_OF_AGENT,
        viewsApplied: {
          views: message.views.map(({ networkId, version }) => ({ networkId, version })),
        },
      };
    case 'resync':
      return { ...NOTHING_OF_AGENT, resync: {} };
    case 'leaving':
      return { ...NOTHING_OF_AGENT, leaving: {} };
    case 'encryption':
      return { ...NOTHING_OF_AGENT, encryption: encodeNodeEncryption(message.encryption) };
    case 'farewell':
      return { ...NOTHING_OF_AGENT, farewell: {} };
    case 'attachments':
      return { ...NOTHING_OF_AGENT, attachments: encodeAttachments(message) };
  }
}

function decodeAgentMessage(wire: AgentMessage__Output): AgentMessage {
  const { variant } = wire;
  if (variant === undefined) {
    throw malformed('AgentMessage.variant', 'is missing');
  }
  switch (variant) {
    case 'register':
      return decodeRegister(required(wire.register, 'AgentMessage.register'));
    case 'heartbeat':
      return { kind: 'heartbeat' };
    case 'describe': {
      const description = required(wire.describe?.description, 'Describe.description');
      return { kind: 'describe', description: decodeNodeDescription(description) };
    }
    case 'status':
      return decodeStatus(required(wire.status, 'AgentMessage.status'));
    case 'viewsApplied': {
      const { views } = required(wire.viewsApplied, 'AgentMessage.views_applied');
      return {
        kind: 'views-applied',
        views: views.map(({ networkId, version }) => ({
          networkId: nonEmpty(networkId, 'AppliedView.network_id'),
          version: integer(version, 'AppliedView.version'),
        })),
      };
    }
    case 'resync':
      return { kind: 'resync' };
    case 'leaving':
      return { kind: 'leaving' };
    case 'encryption': {
      const encryption = required(wire.encryption, 'AgentMessage.encryption');
      return { kind: 'encryption', encryption: decodeNodeEncryption(encryption) };
    }
    case 'farewell':
      return { kind: 'farewell' };
    case 'attachments':
      return decodeAttachments(required(wire.attachments, 'AgentMessage.attachments'));
  }
}

function encodeRegister(message: FromAgent<'register'>): Encoded<Register__Output> {
  return {
    description: encodeNodeDescription(message.description),
    vtepAddress: message.vtepAddress,
    address: message.address,
  };
}

function decodeRegister(wire: Register__Output): AgentMessage {
  return {
    kind: 'register',
    description: decodeNodeDescription(required(wire.description, 'Register.description')),
    vtepAddress: wire.vtepAddress,
    address: wire.address,
  };
}

function encodeStatus(message: FromAgent<'status'>): Encoded<StatusReport__Output> {
  return {
    sequence: message.sequence,
    updates: message.updates.map(({ taskId, status }) => ({ taskId, status: encodeTaskStatus(status) })),
  };
}

function decodeStatus(wire: StatusReport__Output): AgentMessage {
  return {
    kind: 'status',
    sequence: integer(wire.sequence, 'StatusReport.sequence'),
    updates: wire.updates.map(({ taskId, status }) => ({
      taskId: nonEmpty(taskId, 'StatusUpdate.task_id'),
      status: decodeTaskStatus(required(status, 'StatusUpdate.status')),
    })),
  };
}

const NOTHING_OF_DISPATCHER: Encoded<DispatcherMessage__Output> = {
  registered: undefined,
  heartbeat: undefined,
  session: undefined,
  assignments: undefined,
  drained: undefined,
  statusAck: undefined,
  attachmentsRefused: undefined,
};

function encodeDispatcherMessage(message: DispatcherMessage): Encoded<DispatcherMessage__Output> {
  switch (message.kind) {
    case 'registered': {
      const heartbeatPeriodNs = encodeDuration(message.heartbeatPeriodMs);
      return { ...NOTHING_OF_DISPATCHER, registered: { sessionId: message.sessionId, heartbeatPeriodNs } };
    }
    case 'heartbeat': {
      const heartbeatPeriodNs = encodeDuration(message.heartbeatPeriodMs);
      return { ...NOTHING_OF_DISPATCHER, heartbeat: { heartbeatPeriodNs } };
    }
    case 'session':
      return { ...NOTHING_OF_DISPATCHER, session: encodeSession(message) };
    case 'assignments':
      return { ...NOTHING_OF_DISPATCHER, assignments: encodeAssignments(message) };
    case 'drained':
      return { ...NOTHING_OF_DISPATCHER, drained: { taskIds: message.taskIds } };
    case 'status-ack':
      return { ...NOTHING_OF_DISPATCHER, statusAck: { sequence: message.sequence } };
    case 'attachments-refused':
      return { ...NOTHING_OF_DISPATCHER, attachmentsRefused: { refusals: message.refusals } };
  }
}

function decodeDispatcherMessage(wire: DispatcherMessage__Output): DispatcherMessage {
  const { variant } = wire;
  if (variant === undefined) {
    throw malformed('DispatcherMessage.variant', 'is missing');
  }
  switch (variant) {
    case 'registered': {
      const { sessionId, heartbeatPeriodNs } = required(wire.registered, 'DispatcherMessage.registered');
      return {
        kind: 'registered',
        sessionId: nonEmpty(sessionId, 'Registered.session_id'),
        heartbeatPeriodMs: decodeDuration(heartbeatPeriodNs),
      };
    }
    case 'heartbeat': {
      const { heartbeatPeriodNs } = required(wire.heartbeat, 'DispatcherMessage.heartbeat');
      return { kind: 'heartbeat', heartbeatPeriodMs: decodeDuration(heartbeatPeriodNs) };
    }
    case 'session':
      return decodeSession(required(wire.session, 'DispatcherMessage.session'));
    case 'assignments':
      return decodeAssignments(required(wire.assignments, 'DispatcherMessage.assignments'));
    case 'drained':
      return { kind: 'drained', taskIds: required(wire.drained, 'DispatcherMessage.drained').taskIds };
    case 'statusAck': {
      const { sequence } = required(wire.statusAck, 'DispatcherMessage.status_ack');
      return { kind: 'status-ack', sequence: integer(sequence, 'StatusAck.sequence') };
    }
    case 'attachmentsRefused': {
      const { refusals } = required(wire.attachmentsRefused, 'DispatcherMessage.attachments_refused');
      return { kind: 'attachments-refused', refusals: refusals.map(decodeRefusal) };
    }
  }
}

function encodeSession(message: FromDispatcher<'session'>): Encoded<SessionInfo__Output> {
  return {
    managers: message.managers.map(({ nodeId, address }) => ({ nodeId, address })),
    desiredRole: nodeRole.encode(message.desiredRole),
    availability: nodeAvailability.encode(message.availability),
    overlayIndex: message.overlayIndex,
    dataPathPort: message.dataPathPort,
    rootCertPem: message.rootCertPem,
  };
}

function decodeSession(wire: SessionInfo__Output): DispatcherMessage {
  return {
    kind: 'session',
    managers: wire.managers.map(({ nodeId, address }) => ({
      nodeId: nonEmpty(nodeId, 'ManagerPeer.node_id'),
      address,
    })),
    desiredRole: nodeRole.decode(wire.desiredRole, 'SessionInfo.desired_role'),
    availability: nodeAvailability.decode(wire.availability, 'SessionInfo.availability'),
    overlayIndex: wire.overlayIndex,
    dataPathPort: integer(wire.dataPathPort, 'SessionInfo.data_path_port'),
    rootCertPem: wire.rootCertPem,
  };
}

export const agentMessage = bytesCodec(
  messages.message('AgentMessage'),
  encodeAgentMessage,
  decodeAgentMessage,
);

export const dispatcherMessage = bytesCodec(
  messages.message('DispatcherMessage'),
  encodeDispatcherMessage,
  decodeDispatcherMessage,
);
