// What a worker may call, it may call for itself alone: on a real manager over TLS, a worker whose daemon was taken
// over speaks for its neighbour, and nothing of it is believed.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { CurrentIdentity, type Identity } from '../../shared/identity/identity.ts';
import { createKey, createRequest } from '../../shared/identity/keys.ts';
import type { Task } from '../../shared/model/task.ts';
import type { LogMessage, LogPublish } from '../../shared/protocol/logs.ts';
import { systemClock } from '../../shared/clock.ts';
import { client } from '../../shared/rpc/client.ts';
import { RpcConnection } from '../../shared/rpc/connection.ts';
import { caMethods } from '../../shared/wire/methods/ca.ts';
import { dispatcherMethods } from '../../shared/wire/methods/dispatcher.ts';
import { logMethods } from '../../shared/wire/methods/logs.ts';
import { raftMembershipMethods } from '../../shared/wire/methods/raft_membership.ts';
import { raftTransportMethods } from '../../shared/wire/methods/raft.ts';
import { TestAgent } from '../support/dispatcher_agent.ts';
import { serviceSpec } from '../support/objects.ts';
import { localCall, type RunningManager, runManager } from './support/running_manager.ts';

interface Caller {
  readonly identity: Identity;
  readonly connection: RpcConnection;
  readonly agent: TestAgent;
}

let target: RunningManager;
let mallory: Caller;
let victim: Caller;

function connect(identity: Identity): RpcConnection {
  const trust = { kind: 'member', identity: new CurrentIdentity(identity) } as const;
  return new RpcConnection(
    { clock: systemClock },
    { target: { kind: 'tcp', address: target.address, trust } },
  );
}

async function worker(): Promise<Caller> {
  const identity = await target.join('worker');
  const connection = connect(identity);
  const dispatcher = client(dispatcherMethods, connection);
  const agent = new TestAgent(dispatcher, identity.nodeId, identity.clusterId);
  agent.say({
    kind: 'register',
    description: {
      hostname: identity.nodeId,
      platform: { architecture: 'x86_64', os: 'linux' },
      resources: { nanoCpus: 1e9, memoryBytes: 2 ** 30, generic: [] },
      engine: { version: '1', labels: {}, plugins: [{ type: 'Network', name: 'overlay' }] },
      trustRootPem: '',
    },
    vtepAddress: '192.0.2.1',
    address: '',
  });
  return { identity, connection, agent };
}

function taskOf({ identity }: Caller): Task | undefined {
  return target.store.view.tasksByNode(identity.nodeId)[0];
}

function taskIdOf(caller: Caller): string {
  const task = taskOf(caller);
  if (task === undefined) {
    throw new Error('the node has a task');
  }
  return task.id;
}

beforeAll(async () => {
  target = await runManager();
  mallory = await worker();
  victim = await worker();
  const spec = serviceSpec({ name: 'web', mode: { kind: 'global' } });
  await target.control.createService({ spec }, localCall());
  await vi.waitFor(() =>
    expect([taskOf(mallory)?.status.state, taskOf(victim)?.status.state]).toEqual(['assigned', 'assigned']),
  );
}, 60_000);

afterAll(async () => {
  for (const { agent, connection } of [mallory, victim]) {
    agent.cut();
    connection.close();
  }
  await target.stop();
});

it("reports of a neighbour's task are acknowledged and not believed, its own are", async () => {
  const [theirs, own] = [taskIdOf(victim), taskIdOf(mallory)];
  mallory.agent.report(theirs, 'failed').report(own, 'accepted');
  const stateOf = (id: string) => target.store.view.get('task', id)?.status.state;
  await expect.poll(() => stateOf(own)).toBe('accepted');
  expect(stateOf(theirs)).toBe('assigned');
});

it("gets its own tasks, and not its neighbour's", async () => {
  const own = `task ${taskIdOf(mallory)}`;
  await expect.poll(() => mallory.agent.has()).toContain(own);
  expect(mallory.agent.has().filter((key) => key.startsWith('task '))).toEqual([own]);
});

it('publishes lines of its own tasks alone, under its own name', async () => {
  const listening = client(logMethods, mallory.connection).listen(localCall())[Symbol.asyncIterator]();
  const announced = listening.next();
  const selector = { serviceIds: [taskOf(victim)?.serviceId ?? ''], taskIds: [], nodeIds: [] };
  const options = { follow: true, stdout: true, stderr: true, tail: -1, since: 0, until: 0 };
  const local = connect(target.own);
  const lines = client(logMethods, local)
    .subscribe({ selector, options }, localCall())
    [Symbol.asyncIterator]();
  const first = lines.next();
  const { value: subscription } = await announced;
  const line = (taskId: string, text: string): LogMessage => ({
    nodeId: victim.identity.nodeId,
    serviceId: 'another',
    taskId,
    timestamp: 1,
    nanos: 0,
    stream: 'stdout',
    data: Buffer.from(text),
  });
  async function* published(): AsyncGenerator<LogPublish> {
    yield { kind: 'open', subscriptionId: subscription?.id ?? '' };
    yield { kind: 'messages', messages: [line(taskIdOf(victim), 'forged'), line(taskIdOf(mallory), 'mine')] };
  }
  await client(logMethods, mallory.connection).publish(published(), localCall());
  const { value: received } = await first;
  expect(received).toMatchObject({
    nodeId: mallory.identity.nodeId,
    serviceId: taskOf(victim)?.serviceId,
    data: new TextEncoder().encode('mine'),
  });
  await lines.return?.(undefined);
  await listening.return?.(undefined);
  local.close();
});

it('renews its own certificate, whatever the request says', async () => {
  const csrPem = await createRequest(await createKey());
  const renewed = await client(caMethods, mallory.connection).issueCertificate(
    { csrPem, token: '', availability: 'active' },
    localCall(),
  );
  expect(renewed).toMatchObject({ nodeId: mallory.identity.nodeId, role: 'worker' });
});

it("a manager's certificate takes no other manager out of raft, and speaks raft for no other", async () => {
  const connection = connect(await target.join('manager'));
  const leave = client(raftMembershipMethods, connection).leave({ nodeId: target.own.nodeId }, localCall());
  await expect(leave).rejects.toMatchObject({ kind: 'denied', code: 'not-your-node' });
  const [member] = (await target.control.listNodes({ filters: {} }, localCall())).flatMap(
    ({ managerStatus }) => managerStatus ?? [],
  );
  const from = member?.raftId ?? 0;
  async function* batches() {
    yield { from, address: target.address, messages: [] };
  }
  const speak = client(raftTransportMethods, connection).messages(batches(), localCall());
  await expect(speak).rejects.toMatchObject({ kind: 'denied' });
  connection.close();
});
