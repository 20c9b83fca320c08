// Calls that arrive at a manager which does not lead: who the leader takes them to come from.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CurrentIdentity, type Identity } from '../identity/identity.ts';
import { type TestCluster, testCluster } from '../identity/test/test_cluster.ts';
import { toLeader } from './forward.ts';
import { callContext, echoMethods, echoService } from './test/echo.ts';
import { Harness } from './test/harness.ts';

const harness = new Harness();
let cluster: TestCluster;
let manager: Identity;
let worker: Identity;

beforeAll(async () => {
  cluster = await testCluster();
  manager = await cluster.identity('manager');
  worker = await cluster.identity('worker');
});
afterEach(() => harness.close());

describe('passing calls on to the leader', () => {
  it('carries the original caller, once, from a manager only', async () => {
    const leader = await harness.server(manager);
    const follower = await cluster.identity('manager');
    const trust = { kind: 'member', identity: new CurrentIdentity(follower) } as const;
    const forwarding = harness.echo(leader.address, trust, { forwardPeer: true });
    const front = await harness.server(
      follower,
      toLeader(echoMethods, echoService(), () => ({
        kind: 'elsewhere',
        address: leader.address,
        service: forwarding,
      })),
    );
    const echo = harness.member(front.address, worker);
    expect(await echo.whoAmI(callContext())).toEqual({ peer: `worker ${worker.nodeId}`, forwarded: true });
    await expect(echo.forManagers({ text: '' }, callContext())).rejects.toMatchObject({
      code: 'caller-not-allowed',
    });
    const said: string[] = [];
    for await (const answer of echo.chat(oneMessage('a'), callContext())) {
      said.push(answer);
    }
    expect(said).toEqual(['you said a']);
  });

  it('a worker that claims to speak for another is refused', async () => {
    const { address } = await harness.server(manager);
    const trust = { kind: 'member', identity: new CurrentIdentity(worker) } as const;
    const echo = harness.echo(address, trust, { forwardPeer: true });
    await expect(echo.whoAmI(callContext())).rejects.toMatchObject({ code: 'forward-untrusted' });
  });

  it('is not repeated by a manager that does not lead either', async () => {
    const route = { kind: 'elsewhere', address: 'h1:2377', service: echoService() } as const;
    const service = toLeader(echoMethods, echoService(), () => route);
    const answer = service.say({ text: '' }, { ...callContext(), forwarded: true });
    await expect(answer).rejects.toMatchObject({ code: 'not-leader', data: { leaderAddress: 'h1:2377' } });
  });

  it('says so when there is no leader', async () => {
    const service = toLeader(echoMethods, echoService(), () => ({ kind: 'none' }));
    await expect(service.say({ text: '' }, callContext())).rejects.toMatchObject({ code: 'no-leader' });
  });
});

async function* oneMessage(message: string): AsyncGenerator<string> {
  yield message;
}
