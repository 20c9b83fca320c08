// Codec of assignments: what the dispatcher changes in an agent's set of tasks, secrets, configs and views.
import type { AssignmentChange, AssignmentItem, DispatcherMessage } from '../protocol/dispatcher.ts';
import { enumCodec, integer, malformed, nonEmpty, required } from './fields.ts';
import type { AssignmentChange__Output } from './generated/skein/v1/AssignmentChange.ts';
import type { AssignmentItem__Output } from './generated/skein/v1/AssignmentItem.ts';
import type { AssignmentKind__Output } from './generated/skein/v1/AssignmentKind.ts';
import type { AssignmentMode__Output } from './generated/skein/v1/AssignmentMode.ts';
import type { Assignments__Output } from './generated/skein/v1/Assignments.ts';
import type { Encoded } from './schema.ts';
import { decodeConfig, decodeSecret, encodeConfig, encodeSecret } from './secret.ts';
import { decodeTask, encodeTask } from './task.ts';
import { decodeView, encodeView } from './view.ts';

type Assignments = Extract<DispatcherMessage, { readonly kind: 'assignments' }>;

const assignmentKind = enumCodec<AssignmentKind__Output, AssignmentItem['kind']>()({
  ASSIGNMENT_KIND_UNSPECIFIED: undefined,
  ASSIGNMENT_KIND_TASK: 'task',
  ASSIGNMENT_KIND_SECRET: 'secret',
  ASSIGNMENT_KIND_CONFIG: 'config',
  ASSIGNMENT_KIND_VIEW: 'view',
});

const assignmentMode = enumCodec<AssignmentMode__Output, Assignments['mode']>()({
  ASSIGNMENT_MODE_UNSPECIFIED: undefined,
  ASSIGNMENT_MODE_FULL: 'full',
  ASSIGNMENT_MODE_INCREMENT: 'increment',
});

const NONE: Encoded<AssignmentItem__Output> = {
  task: undefined,
  secret: undefined,
  config: undefined,
  view: undefined,
};

function encodeItem(item: AssignmentItem): Encoded<AssignmentItem__Output> {
  switch (item.kind) {
    case 'task':
      return { ...NONE, task: encodeTask(item.task) };
    case 'secret':
      return { ...NONE, secret: encodeSecret(item.secret) };
    case 'config':
      return { ...NONE, config: encodeConfig(item.config) };
    case 'view':
      return { ...NONE, view: encodeView(item.view) };
  }
}

function decodeItem(wire: AssignmentItem__Output): AssignmentItem {
  if (wire.task) {
    return { kind: 'task', task: decodeTask(wire.task) };
  }
  if (wire.secret) {
    return { kind: 'secret', secret: decodeSecret(wire.secret) };
  }
  if (wire.config) {
    return { kind: 'config', config: decodeConfig(wire.config) };
  }
  if (wire.view) {
    return { kind: 'view', view: decodeView(wire.view) };
  }
  throw malformed('AssignmentItem.variant', 'is missing');
}

function encodeChange(change: AssignmentChange): Encoded<AssignmentChange__Output> {
  return change.action === 'update'
    ? { update: encodeItem(change.item), remove: undefined }
    : { update: undefined, remove: { kind: assignmentKind.encode(change.kind), id: change.id } };
}

function decodeChange({ update, remove }: AssignmentChange__Output): AssignmentChange {
  if (update) {
    return { action: 'update', item: decodeItem(update) };
  }
  const { kind, id } = required(remove, 'AssignmentChange.variant');
  return {
    action: 'remove',
    kind: assignmentKind.decode(kind, 'RemovedAssignment.kind'),
    id: nonEmpty(id, 'RemovedAssignment.id'),
  };
}

export function encodeAssignments(assignments: Assignments): Encoded<Assignments__Output> {
  return {
    mode: assignmentMode.encode(assignments.mode),
    base: assignments.base,
    sequence: assignments.sequence,
    changes: assignments.changes.map(encodeChange),
  };
}

export function decodeAssignments(wire: Assignments__Output): Assignments {
  return {
    kind: 'assignments',
    mode: assignmentMode.decode(wire.mode, 'Assignments.mode'),
    base: integer(wire.base, 'Assignments.base'),
    sequence: integer(wire.sequence, 'Assignments.sequence'),
    changes: wire.changes.map(decodeChange),
  };
}
