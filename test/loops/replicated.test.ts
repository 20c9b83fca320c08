import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RestartPolicy } from '../../shared/model/service.ts';
import { taskSpec } from '../support/objects.ts';
import { Loops } from './harness.ts';

let loops: Loops;

beforeEach(() => {
  loops = new Loops();
});

afterEach(() => loops.stop());

const replicas = (count: number) => ({ mode: { kind: 'replicated', replicas: count } }) as const;

function restart(over: Partial<RestartPolicy>): RestartPolicy {
  return { condition: 'any', delayMs: 5_000, maxAttempts: 0, windowMs: 0, ...over };
}

describe('scale', () => {
  it('creates the replicas and spreads them over the nodes', async () => {
    await loops.start(3);
    await loops.create('web', replicas(3));
    expect(new Set(loops.running('web').map((task) => task.nodeId))).toEqual(new Set(['n1', 'n2', 'n3']));
    const [first] = loops.running('web');
    expect(first?.name).toBe(`web.${first?.slot}.${first?.id}`);
    expect(first?.status.error).toBe('');
  });

  it('scales up into the lowest free slots and down from the fullest node', async () => {
    await loops.start(3);
    await loops.create('web', replicas(3));
    await loops.change('web', replicas(7));
    expect(
      loops
        .running('web')
        .map((task) => task.slot)
        .sort(),
    ).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await loops.change('web', replicas(3));
    expect(new Set(loops.running('web').map((task) => task.nodeId)).size).toBe(3);
    await loops.clock.advance(1_000);
    expect(loops.tasks('web')).toHaveLength(3);
    expect(loops.updateState('web')).toBeUndefined();
  });

  it('replaces nothing when only scale and labels change', async () => {
    await loops.start(2);
    await loops.create('web', replicas(2));
    const before = loops.running('web').map((task) => task.id);
    await loops.change('web', { ...replicas(4), labels: { tier: 'front' } });
    expect(loops.running('web').map((task) => task.id)).toEqual(expect.arrayContaining(before));
    expect(loops.running('web')).toHaveLength(4);
  });

  it('makes a thousand tasks in transactions of bounded size', async () => {
    await loops.start(10);
    let largest = 0;
    const stopWatching = loops.store.watch((event) => {
      const created =
        event.kind === 'commit' ? event.commit.changes.filter((one) => one.action === 'create') : [];
      largest = Math.max(largest, created.length);
    });
    await loops.create('web', replicas(1_000));
    await loops.clock.advance(200);
    stopWatching();
    expect(loops.running('web')).toHaveLength(1_000);
    expect(largest).toBeLessThanOrEqual(200);
    const perNode = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(
      (n) => loops.running('web').filter((task) => task.nodeId === `n${n}`).length,
    );
    expect(perNode).toEqual(Array(10).fill(100));
  });

  it('removes all tasks of a removed service', async () => {
    await loops.start(2);
    await loops.create('web', replicas(3));
    await loops.remove('web');
    await loops.clock.advance(1_000);
    expect(loops.tasks('web')).toEqual([]);
  });
});

describe('a new leader', () => {
  it('finds what nobody did: tasks of removed services, missing slots, tasks of lost nodes', async () => {
    await loops.start(3);
    await loops.create('web', replicas(2));
    await loops.create('old', replicas(2));
    await loops.stop();
    await loops.change('web', replicas(4));
    await loops.remove('old');
    await loops.setNode('n1', { state: 'down' });
    expect(loops.running('old')).toHaveLength(2);
    await loops.changeLeader();
    await loops.clock.advance(1_000);
    expect(loops.running('web')).toHaveLength(4);
    expect(loops.running('web').map((task) => task.nodeId)).not.toContain('n1');
    expect(loops.running('old')).toEqual([]);
    await loops.setNode('n1', { state: 'ready' });
    await loops.clock.advance(1_000);
    expect(loops.tasks('old')).toEqual([]);
  });
});

describe('restart', () => {
  it('starts the next task after the delay, not before', async () => {
    await loops.start(1);
    await loops.create('web', { ...replicas(1), task: taskSpec({ restart: restart({ delayMs: 5_000 }) }) });
    const [old] = loops.running('web');
    await loops.end(old?.id ?? '', 'failed');
    expect(
      loops
        .tasks('web')
        .map((task) => `${task.desiredState} ${task.status.state}`)
        .sort(),
    ).toEqual(['ready ready', 'shutdown failed']);
    await loops.clock.advance(4_800);
    expect(loops.running('web')).toEqual([]);
    await loops.clock.advance(300);
    expect(loops.running('web')).toHaveLength(1);
  });

  it('a replacement that is rejected while it waits is followed only after its delay', async () => {
    await loops.start(1);
    await loops.create('web', { ...replicas(1), task: taskSpec({ restart: restart({ delayMs: 5_000 }) }) });
    await loops.end(loops.running('web')[0]?.id ?? '', 'failed');
    const waiting = loops.tasks('web').find((task) => task.desiredState === 'ready');
    await loops.end(waiting?.id ?? '', 'rejected');
    await loops.clock.advance(4_500);
    expect(loops.tasks('web')).toHaveLength(2);
    await loops.clock.advance(600);
    expect(loops.tasks('web')).toHaveLength(3);
    await loops.clock.advance(5_000);
    expect(loops.running('web')).toHaveLength(1);
  });

  it('keeps the delay over a change of leader', async () => {
    await loops.start(1);
    await loops.create('web', { ...replicas(1), task: taskSpec({ restart: restart({ delayMs: 5_000 }) }) });
    await loops.end(loops.running('web')[0]?.id ?? '', 'failed');
    await loops.clock.advance(2_000);
    await loops.changeLeader();
    await loops.clock.advance(2_500);
    expect(loops.running('web')).toEqual([]);
    await loops.clock.advance(600);
    expect(loops.running('web')).toHaveLength(1);
  });

  it.each([
    ['none', 'failed', 0],
    ['none', 'complete', 0],
    ['on-failure', 'failed', 1],
    ['on-failure', 'complete', 0],
    ['any', 'complete', 1],
  ] as const)('condition %s after a task %s: %i running', async (condition, end, expected) => {
    await loops.start(1);
    await loops.create('job', { ...replicas(1), task: taskSpec({ restart: restart({ condition }) }) });
    await loops.end(loops.running('job')[0]?.id ?? '', end);
    await loops.clock.advance(20_000);
    expect(loops.running('job')).toHaveLength(expected);
    await loops.changeLeader();
    await loops.clock.advance(20_000);
    expect(loops.running('job')).toHaveLength(expected);
  });

  it('gives up after max attempts, also under a new leader', async () => {
    await loops.start(3);
    loops.behaviour = { ...loops.behaviour, start: () => 'failed' };
    await loops.create('bad', {
      ...replicas(1),
      task: taskSpec({ restart: restart({ maxAttempts: 3, delayMs: 100 }) }),
    });
    await loops.clock.advance(60_000);
    expect(loops.tasks('bad').map((task) => task.status.state)).toEqual(Array(4).fill('failed'));
    await loops.changeLeader();
    await loops.clock.advance(60_000);
    expect(loops.tasks('bad')).toHaveLength(4);
  });

  it('counts only attempts within the window', async () => {
    await loops.start(1);
    const policy = restart({ maxAttempts: 2, delayMs: 1_000, windowMs: 30_000 });
    await loops.create('web', { ...replicas(1), task: taskSpec({ restart: policy }) });
    for (let round = 0; round < 6; round += 1) {
      await loops.clock.advance(40_000);
      expect(loops.running('web')).toHaveLength(1);
      await loops.end(loops.running('web')[0]?.id ?? '', 'failed');
    }
    for (let round = 0; round < 2; round += 1) {
      await loops.clock.advance(2_000);
      await loops.end(loops.running('web')[0]?.id ?? '', 'failed');
    }
    await loops.clock.advance(100_000);
    expect(loops.running('web')).toHaveLength(0);
  });

  it('keeps as many old tasks as the history limit says', async () => {
    await loops.start(1, 3);
    await loops.create('web', { ...replicas(1), task: taskSpec({ restart: restart({ delayMs: 0 }) }) });
    for (let round = 0; round < 6; round += 1) {
      await loops.end(loops.running('web')[0]?.id ?? '', 'failed');
      await loops.clock.advance(500);
    }
    expect(loops.tasks('web')).toHaveLength(3);
    expect(loops.running('web')).toHaveLength(1);
  });
});

describe('nodes', () => {
  it('replaces the tasks of a node that goes down, and stops the old ones when it returns', async () => {
    await loops.start(3);
    await loops.create('web', replicas(3));
    await loops.setNode('n2', { state: 'down' });
    expect(loops.running('web')).toHaveLength(3);
    expect(loops.running('web').filter((task) => task.nodeId === 'n2')).toEqual([]);
    const old = loops.tasks('web').filter((task) => task.nodeId === 'n2');
    expect(old.map((task) => `${task.desiredState} ${task.status.state}`)).toEqual(['shutdown running']);
    await loops.setNode('n2', { state: 'ready' });
    expect(loops.store.view.get('task', old[0]?.id ?? '')?.status.state).toBe('shutdown');
    expect(loops.running('web')).toHaveLength(3);
  });

  it('moves the tasks off a drained node once each has stopped', async () => {
    await loops.start(3);
    await loops.create('web', replicas(3));
    loops.behaviour = { ...loops.behaviour, stopMs: 3_000 };
    await loops.setNode('n1', { availability: 'drain' });
    expect(loops.running('web')).toHaveLength(2);
    await loops.clock.advance(3_100);
    expect(loops.running('web')).toHaveLength(3);
    expect(loops.running('web').map((task) => task.nodeId)).not.toContain('n1');
  });

  it('waits at most a minute for a task that does not stop', async () => {
    await loops.start(2);
    await loops.create('web', replicas(1));
    loops.behaviour = { ...loops.behaviour, stopMs: 1_000_000 };
    const host = loops.running('web')[0]?.nodeId ?? '';
    await loops.setNode(host, { availability: 'drain' });
    await loops.clock.advance(59_000);
    expect(loops.running('web')).toHaveLength(0);
    await loops.clock.advance(2_000);
    expect(loops.running('web')).toHaveLength(1);
  });

  it('leaves the tasks of a paused node alone but adds none', async () => {
    await loops.start(2);
    await loops.create('web', replicas(2));
    await loops.setNode('n1', { availability: 'pause' });
    await loops.change('web', replicas(5));
    expect(loops.placed('web').filter((text) => text.includes('@n1'))).toHaveLength(1);
    expect(loops.running('web')).toHaveLength(5);
  });

  it('replaces and orphans the tasks of a removed node', async () => {
    await loops.start(2);
    await loops.create('web', replicas(2));
    const lost = loops.running('web').find((task) => task.nodeId === 'n1');
    await loops.removeNode('n1');
    expect(loops.running('web').map((task) => task.nodeId)).toEqual(['n2', 'n2']);
    expect(loops.store.view.get('task', lost?.id ?? '')?.status.state).toBe('orphaned');
  });

  it('moves tasks when a label no longer satisfies their constraint', async () => {
    await loops.start(2);
    await loops.setNode('n1', { labels: { zone: 'east' } });
    const placement = {
      constraints: ['node.labels.zone == east'],
      preferences: [],
      maxReplicas: 0,
      platforms: [],
    };
    await loops.create('web', { ...replicas(2), task: taskSpec({ placement }) });
    expect(loops.running('web').map((task) => task.nodeId)).toEqual(['n1', 'n1']);
    await loops.setNode('n2', { labels: { zone: 'east' } });
    await loops.setNode('n1', { labels: { zone: 'west' } });
    await loops.clock.advance(1_000);
    expect(loops.running('web').map((task) => task.nodeId)).toEqual(['n2', 'n2']);
  });

  it('explains why a task waits, once, and places it when a node appears', async () => {
    await loops.start(2);
    await loops.setNode('n1', { availability: 'drain' });
    await loops.setNode('n2', { state: 'down' });
    await loops.create('web', replicas(1));
    const [waiting] = loops.tasks('web');
    expect(waiting?.status).toMatchObject({
      state: 'pending',
      error: 'no suitable node (2 nodes not available for new tasks)',
    });
    await loops.setNode('n2', { availability: 'drain' });
    await loops.clock.advance(5_000);
    expect(loops.tasks('web')[0]?.meta.version).toBe(waiting?.meta.version);
    await loops.setNode('n3', {});
    expect(loops.placed('web')).toEqual(['1@n3 v0']);
  });

  it('updates a host-mode port in place: the new task waits for the old one to let go', async () => {
    await loops.start(1);
    const port = { name: '', protocol: 'tcp', target: 80, published: 8080, mode: 'host' } as const;
    const endpoint = { mode: 'vip', ports: [port] } as const;
    await loops.create('web', { ...replicas(2), endpoint, task: Loops.version(1) });
    expect(loops.running('web')).toHaveLength(1);
    expect(loops.tasks('web').map((task) => task.status.error)).toContain(
      'no suitable node (host-mode port already in use on 1 node)',
    );
    await loops.change('web', { ...replicas(1), task: Loops.version(2) });
    await loops.clock.advance(10_000);
    expect(loops.placed('web')).toHaveLength(1);
    expect(loops.placed('web')[0]).toContain('v2');
  });
});
