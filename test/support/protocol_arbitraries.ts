// fast-check arbitraries for the messages of the cluster protocols, beside those of the model's objects.
import fc from 'fast-check';
import type {
  AgentMessage,
  AssignmentChange,
  AssignmentItem,
  DispatcherMessage,
} from '../../shared/protocol/dispatcher.ts';
import type {
  LogMessage,
  LogOptions,
  LogPublish,
  LogSelector,
  LogSubscription,
} from '../../shared/protocol/logs.ts';
import type { ClusterEvent, Filters, ListedService } from '../../shared/protocol/control.ts';
import { REFUSAL_CODES } from '../../shared/model/attachment.ts';
import {
  attachmentClaim,
  config,
  networkView,
  nodeDescription,
  nodeEncryption,
  secret,
  service,
  task,
  taskStatus,
} from './arbitraries.ts';
import { amount, bytes, count, duration, id, key, labels, text, texts, time } from './value_arbitraries.ts';

const plain = { noNullPrototype: true } as const;
const ids = fc.array(id, { maxLength: 3 });

function list<T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(element, { maxLength: 2 });
}

function kind<K extends string>(name: K): fc.Arbitrary<K> {
  return fc.constant(name);
}

export const agentMessage: fc.Arbitrary<AgentMessage> = fc.oneof(
  fc.record(
    { kind: kind('register'), description: nodeDescription, vtepAddress: text, address: text },
    plain,
  ),
  fc.record({ kind: kind('heartbeat') }, plain),
  fc.record({ kind: kind('describe'), description: nodeDescription }, plain),
  fc.record(
    {
      kind: kind('status'),
      sequence: count,
      updates: list(fc.record({ taskId: id, status: taskStatus }, plain)),
    },
    plain,
  ),
  fc.record(
    { kind: kind('views-applied'), views: list(fc.record({ networkId: id, version: count }, plain)) },
    plain,
  ),
  fc.record({ kind: kind('resync') }, plain),
  fc.record({ kind: kind('encryption'), encryption: nodeEncryption }, plain),
  fc.record({ kind: kind('farewell') }, plain),
  fc.record(
    {
      kind: kind('attachments'),
      complete: fc.boolean(),
      claims: list(attachmentClaim),
      released: ids,
    },
    plain,
  ),
);

const item: fc.Arbitrary<AssignmentItem> = fc.oneof(
  fc.record({ kind: kind('task'), task }, plain),
  fc.record({ kind: kind('secret'), secret }, plain),
  fc.record({ kind: kind('config'), config }, plain),
  fc.record({ kind: kind('view'), view: networkView }, plain),
);

const change: fc.Arbitrary<AssignmentChange> = fc.oneof(
  fc.record({ action: kind('update'), item }, plain),
  fc.record({ action: kind('remove'), kind: fc.constantFrom('task', 'secret', 'config', 'view'), id }, plain),
);

export const dispatcherMessage: fc.Arbitrary<DispatcherMessage> = fc.oneof(
  fc.record({ kind: kind('registered'), sessionId: id, heartbeatPeriodMs: duration }, plain),
  fc.record({ kind: kind('heartbeat'), heartbeatPeriodMs: duration }, plain),
  fc.record(
    {
      kind: kind('session'),
      managers: list(fc.record({ nodeId: id, address: text }, plain)),
      desiredRole: fc.constantFrom('worker', 'manager'),
      availability: fc.constantFrom('active', 'pause', 'drain'),
      overlayIndex: fc.nat(65279),
      dataPathPort: fc.nat(65535),
      rootCertPem: text,
    },
    plain,
  ),
  fc.record(
    {
      kind: kind('assignments'),
      mode: fc.constantFrom('full', 'increment'),
      base: count,
      sequence: count,
      changes: list(change),
    },
    plain,
  ),
  fc.record({ kind: kind('drained'), taskIds: ids }, plain),
  fc.record({ kind: kind('status-ack'), sequence: count }, plain),
  fc.record(
    {
      kind: kind('attachments-refused'),
      refusals: list(
        fc.record({ claimId: id, code: fc.constantFrom(...REFUSAL_CODES), message: text }, plain),
      ),
    },
    plain,
  ),
);

const selector: fc.Arbitrary<LogSelector> = fc.record({ serviceIds: ids, taskIds: ids, nodeIds: ids }, plain);

const options: fc.Arbitrary<LogOptions> = fc.record(
  {
    follow: fc.boolean(),
    stdout: fc.boolean(),
    stderr: fc.boolean(),
    tail: amount,
    since: time,
    until: time,
  },
  plain,
);

export const subscribeRequest = fc.record({ selector, options }, plain);

export const logMessage: fc.Arbitrary<LogMessage> = fc.record(
  {
    nodeId: id,
    serviceId: id,
    taskId: id,
    timestamp: count,
    nanos: fc.nat(999_999),
    stream: fc.constantFrom('stdout', 'stderr'),
    data: bytes,
  },
  plain,
);

export const logSubscription: fc.Arbitrary<LogSubscription> = fc.oneof(
  fc.record({ action: kind('open'), id, selector, options }, plain),
  fc.record({ action: kind('close'), id }, plain),
);

export const logPublish: fc.Arbitrary<LogPublish> = fc.oneof(
  fc.record({ kind: kind('open'), subscriptionId: id }, plain),
  fc.record({ kind: kind('messages'), messages: list(logMessage) }, plain),
  fc.record({ kind: kind('done'), error: text }, plain),
);

export const filters: fc.Arbitrary<Filters> = fc.dictionary(key, texts, { maxKeys: 3, ...plain });

export const listedService = fc.record(
  {
    service,
    status: fc.record({ runningTasks: count, desiredTasks: count, completedTasks: count }, plain),
  },
  { requiredKeys: ['service'], ...plain },
) as fc.Arbitrary<ListedService>;

export const clusterEvent: fc.Arbitrary<ClusterEvent> = fc.record(
  {
    type: fc.constantFrom('node', 'service', 'network', 'secret', 'config'),
    action: fc.constantFrom('create', 'update', 'remove'),
    actor: fc.record({ id, attributes: labels }, plain),
    time,
    index: count,
  },
  plain,
);
