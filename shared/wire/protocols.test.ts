// Every request, answer and stream message of the protocols comes back from its bytes as it went in.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as model from '../../test/support/arbitraries.ts';
import * as protocol from '../../test/support/protocol_arbitraries.ts';
import * as values from '../../test/support/value_arbitraries.ts';
import { caMethods } from './methods/ca.ts';
import { controlMethods } from './methods/control.ts';
import { dispatcherMethods } from './methods/dispatcher.ts';
import { logMethods } from './methods/logs.ts';
import { managerMethods } from './methods/manager.ts';
import { raftMembershipMethods } from './methods/raft_membership.ts';

const plain = { noNullPrototype: true } as const;
const some = values.text.filter((value) => value !== '');
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(fields, plain);
const list = <T>(element: fc.Arbitrary<T>) => fc.array(element, { maxLength: 3 });
const nothing = fc.constant({});

const reference = record({ ref: values.text });
const update = { ref: values.text, version: values.count };
const listRequest = record({ filters: protocol.filters });
const serviceAnswer = record({ service: model.service, warnings: values.texts });
const role = fc.constantFrom('worker', 'manager');

interface Method {
  readonly encodeRequest: (request: never) => Buffer;
  readonly decodeRequest: (bytes: Buffer) => unknown;
  readonly encodeResponse: (response: never) => Buffer;
  readonly decodeResponse: (bytes: Buffer) => unknown;
}

type Case = readonly [request: fc.Arbitrary<unknown>, response: fc.Arbitrary<unknown>];

/** One case for every method: an entry of the table without one does not compile. */
type Cases<Table> = { readonly [Name in keyof Table]: Case };

const ca: Cases<typeof caMethods> = {
  getRootCertificate: [nothing, record({ certPem: some })],
  issueCertificate: [
    record({
      csrPem: some,
      token: values.text,
      availability: fc.constantFrom('active', 'pause', 'drain'),
    }),
    record({ nodeId: values.id, role, certificateChainPem: some, rootCertPem: some }),
  ],
};

const done = fc.constant(undefined);

const control: Cases<typeof controlMethods> = {
  getCluster: [nothing, model.cluster],
  updateCluster: [
    record({
      version: values.count,
      spec: model.clusterSpec,
      rotateWorkerToken: fc.boolean(),
      rotateManagerToken: fc.boolean(),
      rotateUnlockKey: fc.boolean(),
    }),
    model.cluster,
  ],
  rotateNetworkKeys: [nothing, done],
  getUnlockKey: [nothing, record({ unlockKey: values.text })],
  listNodes: [listRequest, list(model.node)],
  getNode: [reference, model.node],
  updateNode: [record({ ...update, spec: model.nodeSpec }), model.node],
  removeNode: [record({ ref: values.text, force: fc.boolean() }), done],
  listServices: [record({ filters: protocol.filters, status: fc.boolean() }), list(protocol.listedService)],
  getService: [record({ ref: values.text, insertDefaults: fc.boolean() }), model.service],
  createService: [record({ spec: model.serviceSpec }), serviceAnswer],
  updateService: [
    record({ ...update, spec: model.serviceSpec, rollback: fc.constantFrom('none', 'previous') }),
    serviceAnswer,
  ],
  removeService: [reference, done],
  listTasks: [listRequest, list(model.task)],
  getTask: [reference, model.task],
  listNetworks: [listRequest, list(model.network)],
  getNetwork: [reference, model.network],
  createNetwork: [record({ spec: model.networkSpec }), model.network],
  removeNetwork: [reference, done],
  listSecrets: [listRequest, list(model.secret)],
  getSecret: [reference, model.secret],
  createSecret: [record({ spec: model.secretSpec }), model.secret],
  updateSecret: [record({ ...update, spec: model.secretSpec }), model.secret],
  removeSecret: [reference, done],
  listConfigs: [listRequest, list(model.config)],
  getConfig: [reference, model.config],
  createConfig: [record({ spec: model.secretSpec }), model.config],
  updateConfig: [record({ ...update, spec: model.secretSpec }), model.config],
  removeConfig: [reference, done],
  watchEvents: [nothing, protocol.clusterEvent],
};

const dispatcher: Cases<typeof dispatcherMethods> = {
  session: [protocol.agentMessage, protocol.dispatcherMessage],
};

const logs: Cases<typeof logMethods> = {
  subscribe: [protocol.subscribeRequest, protocol.logMessage],
  listen: [nothing, protocol.logSubscription],
  publish: [protocol.logPublish, done],
};

const manager: Cases<typeof managerMethods> = {
  getState: [
    nothing,
    record({
      nodeId: values.id,
      leader: fc.boolean(),
      leaderNodeId: values.text,
      leaderAddress: values.text,
      managers: values.count,
      hasQuorum: fc.boolean(),
    }),
  ],
};

const membership: Cases<typeof raftMembershipMethods> = {
  join: [
    record({ address: some }),
    record({
      raftId: values.count,
      members: list(
        record({ raftId: values.count, nodeId: values.id, address: values.text, learner: fc.boolean() }),
      ),
    }),
  ],
  leave: [record({ nodeId: values.id }), done],
};

function checkRoundTrips(
  table: Readonly<Record<string, Method>>,
  cases: Readonly<Record<string, Case>>,
): void {
  it.each(Object.entries(cases))('%s', (name, [request, response]) => {
    const method = table[name];
    fc.assert(
      fc.property(request, response, (asked, answered) => {
        expect(method?.decodeRequest(method.encodeRequest(asked as never))).toStrictEqual(asked);
        expect(method?.decodeResponse(method.encodeResponse(answered as never))).toStrictEqual(answered);
      }),
      { numRuns: 40 },
    );
  });
}

const untyped = (table: object) => table as Readonly<Record<string, Method>>;

describe('ca', () => checkRoundTrips(untyped(caMethods), ca));
describe('control', () => checkRoundTrips(untyped(controlMethods), control));
describe('dispatcher', () => checkRoundTrips(untyped(dispatcherMethods), dispatcher));
describe('logs', () => checkRoundTrips(untyped(logMethods), logs));
describe('manager', () => checkRoundTrips(untyped(managerMethods), manager));
describe('raft membership', () => checkRoundTrips(untyped(raftMembershipMethods), membership));
