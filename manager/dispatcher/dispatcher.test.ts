import { describe, expect, it } from 'vitest';
import type { AgentMessage, DispatcherMessage } from '../../shared/protocol/dispatcher.ts';
import { AsyncQueue } from '../../shared/queue.ts';
import { description, placed, setUpCluster, status, TestAgent } from '../../test/support/dispatcher_agent.ts';
import { containerSpec, network, node, secret, taskSpec } from '../../test/support/objects.ts';
import { settle } from '../../test/support/virtual_clock.ts';

const withSecret = (...ids: string[]) => {
  const file = { name: 'x', uid: '0', gid: '0', mode: 0o400 };
  const secrets = ids.map((secretId) => ({ secretId, secretName: secretId, file }));
  return taskSpec({ container: containerSpec({ secrets }) });
};

describe('a session', () => {
  it('begins with a full set, goes on with increments, and a resync gives a full set again', async () => {
    const { connect, write, change, clock } = await setUpCluster(1);
    await write((tx) => {
      tx.create('secret', secret({ id: 's1' }));
      tx.create('task', placed('t1', 'n1', { spec: withSecret('s1') }));
    });
    const agent = await connect('n1');
    expect(agent.transcript()).toEqual([
      'registered',
      'session: active, index 1, 0 managers',
      'full: +task t1, +secret s1, +view net',
    ]);
    await write((tx) => tx.create('task', placed('t2', 'n1')));
    await clock.advance(50);
    expect(agent.transcript()).toEqual(['increment: +view net, +task t2']);
    await change('t1', { desiredState: 'shutdown' });
    await clock.advance(50);
    expect(agent.transcript()).toEqual(['increment: +view net, +task t1']);
    await change('t1', { status: status('shutdown') });
    await clock.advance(50);
    expect(agent.transcript()).toEqual(['increment: +view net, -task t1, -secret s1']);
    agent.say({ kind: 'resync' });
    await clock.advance(50);
    expect(agent.transcript()).toEqual(['full: +task t2, +view net']);
  });

  it('is refused without leader, certificate, membership, or a proper first message', async () => {
    const { dispatcher, newDispatcher, write, clock } = await setUpCluster(2);
    const idle = new TestAgent(newDispatcher(), 'n1').register();
    const foreign = new TestAgent(dispatcher, 'n1', 'other cluster').register();
    const unknown = new TestAgent(dispatcher, 'nobody').register();
    const rude = new TestAgent(dispatcher, 'n1').say({ kind: 'heartbeat' });
    const silent = new TestAgent(dispatcher, 'n2');
    await clock.advance(6_000);
    expect(idle.ended).toContain('the leader is at 10.99.0.7:2377');
    expect(foreign.ended).toContain('only a node with a certificate of this cluster');
    expect(unknown.ended).toContain('was removed');
    expect(rude.ended).toContain('`register`');
    expect(silent.ended).toContain('did not register in time');
    await write((tx) => {
      const [cluster] = tx.all('cluster');
      if (cluster !== undefined) {
        tx.update('cluster', { ...cluster, revoked: [{ nodeId: 'n1', expiresAt: 1 }] });
      }
    });
    const revoked = new TestAgent(dispatcher, 'n1').register();
    await settle();
    expect(revoked.ended).toContain('was removed');
  });

  it('ends when the node opens another, is removed, or registers for the fourth time in eight seconds', async () => {
    const { connect, write, clock } = await setUpCluster(1);
    const first = await connect('n1');
    const second = await connect('n1');
    expect(first.ended).toContain('a newer session');
    const third = await connect('n1');
    const fourth = await connect('n1');
    expect([second.ended, third.ended, fourth.ended]).toEqual([
      expect.stringContaining('newer'),
      undefined,
      expect.stringContaining('too many registrations'),
    ]);
    await write((tx) => tx.remove('node', 'n1'));
    expect(third.ended).toContain('was removed');
    await clock.advance(10_000);
  });

  it('tells its agent again when a fact of the node or the managers changes', async () => {
    const { connect, write, clock } = await setUpCluster(2);
    const agent = await connect('n1');
    agent.transcript();
    await write((tx) => {
      const n1 = tx.get('node', 'n1');
      const n2 = tx.get('node', 'n2');
      if (n1 !== undefined && n2 !== undefined) {
        tx.update('node', { ...n1, spec: { ...n1.spec, availability: 'drain' } });
        const managerStatus = {
          raftId: 1,
          address: 'h2:2377',
          leader: false,
          reachability: 'reachable' as const,
        };
        tx.update('node', { ...n2, managerStatus });
      }
    });
    await clock.advance(50);
    expect(agent.transcript()).toEqual(['session: drain, index 1, 1 managers']);
  });
});

describe('the routing mesh', () => {
  it('is told to every ready node, a new one as soon as it has its index', async () => {
    const { connect, write, clock } = await setUpCluster(1);
    await write((tx) => {
      const plain = network({
        id: 'mesh',
        vni: 4096,
        subnets: [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }],
      });
      tx.create('network', { ...plain, spec: { ...plain.spec, ingress: true } });
      tx.create('node', node({ id: 'n2', status: { state: 'unknown', message: '', address: '' } }));
    });
    const [one, two] = [await connect('n1'), await connect('n2')];
    expect(one.has()).toEqual(['view mesh']);
    expect(two.transcript()).toContain('session: active, index 0, 0 managers');
    expect(one.views()[0]?.nodes.map(({ nodeId }) => nodeId)).toEqual(['n1']);
    await write((tx) => {
      const n2 = tx.get('node', 'n2');
      if (n2 !== undefined) {
        tx.update('node', { ...n2, overlayIndex: 2 });
      }
    });
    await clock.advance(50);
    expect(two.transcript()).toEqual(['session: active, index 2, 0 managers', 'increment: +view mesh']);
    expect(one.views()[0]?.nodes).toEqual([
      { nodeId: 'n1', overlayIndex: 1, vtepAddress: '10.99.0.1' },
      { nodeId: 'n2', overlayIndex: 2, vtepAddress: '10.99.0.2' },
    ]);
    await clock.advance(4_000);
    expect(one.ended).toContain('no heartbeat');
  });
});

describe('an agent that reads slowly', () => {
  it('gets the newest of what changed meanwhile, not every step', async () => {
    const { dispatcher, write, change, clock } = await setUpCluster(1);
    await write((tx) => tx.create('task', placed('t1', 'n1')));
    const said = new AsyncQueue<AgentMessage>(10);
    said.push({ kind: 'register', description, vtepAddress: '10.99.0.1', address: '' });
    const peer = {
      kind: 'node' as const,
      nodeId: 'n1',
      role: 'worker' as const,
      clusterId: 'cluster',
      address: '',
    };
    const signal = new AbortController().signal;
    const stream = dispatcher.session(said, { peer, signal });
    expect((await stream.next()).value).toMatchObject({ kind: 'registered' });
    const step = (n: number) => change('t1', { specVersion: n });
    for (let n = 2; n < 60; n += 1) {
      said.push({ kind: 'heartbeat' });
      await step(n);
      await clock.advance(500);
    }
    const heard: DispatcherMessage[] = [];
    const reading = (async () => {
      for await (const message of stream) {
        heard.push(message);
      }
    })();
    await clock.advance(200);
    said.close();
    await clock.advance(200);
    await reading;
    const sets = heard.filter((message) => message.kind === 'assignments');
    expect(sets.length).toBeLessThan(20);
    expect(sets.map(({ base }) => base)).toEqual(sets.map((_, index) => index));
    expect(sets.at(-1)?.changes).toMatchObject([{ item: { task: { specVersion: 59 } } }]);
  });

  it('that floods the leader is cut off', async () => {
    const { connect, clock } = await setUpCluster(1);
    const agent = await connect('n1');
    for (let index = 0; index < 1_500; index += 1) {
      agent.say({ kind: 'heartbeat' });
    }
    await clock.advance(100);
    expect(agent.ended).toContain('sends too much');
  });
});

describe('secrets', () => {
  it('go to the nodes whose live tasks name them, and leave with the last', async () => {
    const { connect, write, change, clock } = await setUpCluster(2);
    await write((tx) => {
      for (const id of ['s1', 's2', 's3']) {
        tx.create('secret', secret({ id }));
      }
      tx.create('task', placed('t1', 'n1', { networks: [], spec: withSecret('s1', 's2') }));
      tx.create('task', placed('t2', 'n2', { networks: [], spec: withSecret('s2') }));
      tx.create(
        'task',
        placed('t3', 'n1', { networks: [], spec: withSecret('s2'), status: status('failed') }),
      );
    });
    const [one, two] = [await connect('n1'), await connect('n2')];
    expect(one.has()).toEqual(['secret s1', 'secret s2', 'task t1', 'task t3']);
    expect(two.has()).toEqual(['secret s2', 'task t2']);
    await change('t1', { status: status('failed') });
    await clock.advance(50);
    expect(one.has()).toEqual(['task t1', 'task t3']);
    expect(two.has()).toEqual(['secret s2', 'task t2']);
  });
});

describe('task reports', () => {
  it('are taken in order, forward only, of own tasks only, and acknowledged after commit', async () => {
    const { connect, write, view, clock } = await setUpCluster(2);
    await write((tx) => {
      tx.create('task', placed('t1', 'n1'));
      tx.create('task', placed('t2', 'n2'));
    });
    const agent = await connect('n1');
    agent.transcript();
    agent.report('t1', 'accepted').report('t1', 'running').report('t1', 'preparing');
    agent.report('t2', 'failed').report('t1', 'orphaned').report('gone', 'running');
    await clock.advance(100);
    expect(view.get('task', 't1')?.status.state).toBe('running');
    expect(view.get('task', 't2')?.status.state).toBe('assigned');
    expect(agent.transcript().filter((line) => line.startsWith('ack'))).toHaveLength(6);
    agent.report('t1', 'failed', { error: 'x'.repeat(10_000) }).report('t1', 'shutdown');
    await clock.advance(100);
    expect(view.get('task', 't1')?.status.state).toBe('failed');
    expect(view.get('task', 't1')?.status.error).toHaveLength(4096);
  });

  it('of many agents ride in few commits', async () => {
    const { connect, write, store, clock } = await setUpCluster(1);
    await write((tx) => {
      for (let index = 1; index <= 150; index += 1) {
        tx.create('task', placed(`t${index}`, 'n1', { networks: [] }));
      }
    });
    const agent = await connect('n1');
    const before = store.version;
    for (let index = 1; index <= 150; index += 1) {
      agent.report(`t${index}`, 'accepted').report(`t${index}`, 'running');
    }
    await clock.advance(200);
    expect(store.version - before).toBeLessThan(8);
    expect([...store.view.all('task')].every((task) => task.status.state === 'running')).toBe(true);
  });
});

describe('draining', () => {
  it('a task is drained when every connected node of its networks has applied the view', async () => {
    const { connect, write, change, clock } = await setUpCluster(3);
    await write((tx) => {
      tx.create('task', placed('t1', 'n1', { status: status('running') }));
      tx.create('task', placed('t2', 'n2', { status: status('running') }));
      tx.create('task', placed('t3', 'n3', { status: status('running') }));
      tx.create('task', placed('t4', 'n1', { status: status('running'), networks: [] }));
    });
    const [one, two] = [await connect('n1'), await connect('n2')];
    one.applyViews();
    two.applyViews();
    await clock.advance(50);
    one.transcript();
    await change('t1', { desiredState: 'shutdown' });
    await change('t4', { desiredState: 'shutdown' });
    await clock.advance(50);
    expect(one.transcript()).toContain('drained: t4');
    expect(two.views()[0]?.services[0]?.endpoints.map(({ taskId, state }) => `${taskId} ${state}`)).toEqual([
      't1 draining',
      't2 serving',
    ]);
    one.applyViews();
    await clock.advance(50);
    expect(one.transcript()).toEqual([]);
    two.applyViews();
    await clock.advance(50);
    expect(one.transcript()).toEqual(['drained: t1']);
    const again = await connect('n1');
    expect(again.transcript()).toContain('drained: t4, t1');
  });

  it('does not wait for a node whose connection is gone', async () => {
    const { connect, write, change, clock } = await setUpCluster(2);
    await write((tx) => {
      tx.create('task', placed('t1', 'n1', { status: status('running') }));
      tx.create('task', placed('t2', 'n2', { status: status('running') }));
    });
    const [one, two] = [await connect('n1'), await connect('n2')];
    await change('t1', { desiredState: 'shutdown' });
    await clock.advance(50);
    one.applyViews();
    await clock.advance(50);
    expect(one.transcript()).not.toContain('drained: t1');
    two.cut();
    await clock.advance(50);
    expect(one.transcript()).toContain('drained: t1');
  });
});

describe('views', () => {
  it('versions grow over leader changes, and an unchanged view is not sent again', async () => {
    const { connect, write, change, dispatcher, newDispatcher, clock, store } = await setUpCluster(1);
    await write((tx) => tx.create('task', placed('t1', 'n1')));
    const agent = await connect('n1');
    const version = agent.views()[0]?.version ?? 0;
    expect(version).toBeGreaterThan(0);
    agent.report('t1', 'preparing');
    await clock.advance(50);
    expect(agent.transcript().filter((line) => line.startsWith('increment'))).toEqual([]);
    await change('t1', { status: status('running') });
    await clock.advance(50);
    const later = agent.views()[0]?.version ?? 0;
    expect(later).toBeGreaterThan(version);
    await dispatcher.stop();
    const next = newDispatcher();
    await next.start();
    const again = await connect('n1', next);
    expect(again.views()[0]?.version).toBeGreaterThan(later);
    expect(again.views()[0]?.version).toBeLessThanOrEqual(store.version);
    await next.stop();
  });
});
