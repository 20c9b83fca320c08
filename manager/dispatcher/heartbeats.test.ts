// How the dispatcher knows which nodes live: heartbeats, streams that end, farewells, and what a new leader may assume.
import { describe, expect, it } from 'vitest';
import { placed, setUpCluster, status } from '../../test/support/dispatcher_agent.ts';
import { settle } from '../../test/support/virtual_clock.ts';

describe('heartbeats', () => {
  it('keep a node ready; three missed and it is down, and its replicas lose their traffic', async () => {
    const { connect, write, view, clock } = await setUpCluster(2);
    await write((tx) => {
      tx.create('task', placed('t1', 'n1', { status: status('running') }));
      tx.create('task', placed('t2', 'n2', { status: status('running') }));
    });
    const [one, two] = [await connect('n1'), await connect('n2')];
    for (let second = 0; second < 6; second += 1) {
      one.say({ kind: 'heartbeat' });
      if (second < 1) {
        two.say({ kind: 'heartbeat' });
      }
      await clock.advance(1_000);
    }
    expect(view.get('node', 'n1')?.status.state).toBe('ready');
    expect(view.get('node', 'n2')?.status).toMatchObject({ state: 'down', message: 'heartbeat failure' });
    expect(two.ended).toContain('no heartbeat');
    expect(one.views()[0]?.services[0]?.endpoints.map(({ taskId }) => taskId)).toEqual(['t1']);
    expect(one.views()[0]?.nodes.map(({ nodeId }) => nodeId)).toEqual(['n1']);
    await clock.advance(8_000);
    const back = await connect('n2');
    expect(view.get('node', 'n2')?.status.state).toBe('ready');
    expect(back.has()).toEqual(['task t2', 'view net']);
  });

  it('a closed stream is a daemon that restarts, not a dead host: ten seconds to come back', async () => {
    const { connect, view, clock } = await setUpCluster(1);
    const agent = await connect('n1');
    agent.cut();
    await clock.advance(9_000);
    expect(view.get('node', 'n1')?.status.state).toBe('ready');
    await connect('n1');
    await clock.advance(2_000);
    expect(view.get('node', 'n1')?.status.state).toBe('ready');
    await clock.advance(2_000);
    expect(view.get('node', 'n1')?.status.state).toBe('down');
  });

  it('a closed stream and nothing more for ten seconds: down', async () => {
    const { connect, view, clock } = await setUpCluster(1);
    const agent = await connect('n1');
    agent.cut();
    await clock.advance(10_500);
    expect(view.get('node', 'n1')?.status.state).toBe('down');
  });

  it('a stream cut after a silence is a dead host: three periods and no more', async () => {
    const { connect, view, clock } = await setUpCluster(1);
    const agent = await connect('n1');
    await clock.advance(2_100);
    agent.cut();
    await clock.advance(1_500);
    expect(view.get('node', 'n1')?.status.state).toBe('down');
  });

  it('a stream that ends without a farewell is a daemon that restarts, however it ends', async () => {
    const { connect, view, clock } = await setUpCluster(1);
    const agent = await connect('n1');
    agent.finish();
    await clock.advance(50);
    agent.cut();
    await clock.advance(9_000);
    expect(view.get('node', 'n1')?.status.state).toBe('ready');
  });

  it('a farewell is a node that leaves: down at once, though its stream is cut the moment after', async () => {
    const { connect, view, clock } = await setUpCluster(1);
    const agent = await connect('n1');
    agent.leave();
    await clock.advance(0);
    agent.cut();
    await clock.advance(1);
    expect(view.get('node', 'n1')?.status.state).toBe('down');
  });

  it('a node that says it will leave is drained first', async () => {
    const { connect, view, clock } = await setUpCluster(1);
    const agent = await connect('n1');
    agent.transcript();
    agent.say({ kind: 'leaving' });
    await clock.advance(50);
    expect(view.get('node', 'n1')?.spec.availability).toBe('drain');
    expect(agent.transcript()).toEqual(['session: drain, index 1, 0 managers']);
  });

  it('a new leader waits for the nodes for three periods, and orphans tasks of one lost for a day', async () => {
    const { connect, view, dispatcher, newDispatcher, write, clock } = await setUpCluster(2);
    await write((tx) => tx.create('task', placed('t2', 'n2', { status: status('running') })));
    await connect('n1');
    await connect('n2');
    await dispatcher.stop();
    const next = newDispatcher();
    await next.start();
    await settle();
    expect([...view.all('node')].map((node) => node.status.state)).toEqual(['unknown', 'unknown']);
    await clock.advance(1_000);
    const one = await connect('n1', next);
    expect(one.has()).toEqual([]);
    await clock.advance(2_500);
    expect(view.get('node', 'n1')?.status.state).toBe('ready');
    expect(view.get('node', 'n2')?.status.state).toBe('down');
    await clock.advance(24 * 3_600_000);
    expect(view.get('task', 't2')?.status.state).toBe('orphaned');
    await next.stop();
  });

  it('a new leader asks the host of a node it never heard: one that lives has ten seconds more', async () => {
    const { connect, view, dispatcher, newDispatcher, write, clock } = await setUpCluster(3);
    await connect('n1');
    await connect('n2');
    await connect('n3');
    await write((tx) => {
      for (const found of tx.all('node')) {
        tx.update('node', { ...found, status: { ...found.status, address: `address of ${found.id}` } });
      }
    });
    await dispatcher.stop();
    const asked: string[] = [];
    const next = newDispatcher((address) => {
      asked.push(address);
      return Promise.resolve(address !== 'address of n2');
    });
    await next.start();
    await connect('n1', next);
    await clock.advance(3_500);
    expect(asked).toEqual(['address of n2', 'address of n3']);
    expect(view.get('node', 'n2')?.status.state).toBe('down');
    expect(view.get('node', 'n3')?.status.state).toBe('unknown');
    await clock.advance(10_000);
    expect(asked).toHaveLength(2);
    expect(view.get('node', 'n3')?.status.state).toBe('down');
    await next.stop();
  });
});
