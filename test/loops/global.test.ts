import { afterEach, beforeEach, expect, it } from 'vitest';
import { taskSpec } from '../support/objects.ts';
import { Loops } from './harness.ts';

let loops: Loops;

beforeEach(() => {
  loops = new Loops();
});

afterEach(() => loops.stop());

const GLOBAL = { mode: { kind: 'global' } } as const;

function hosts(): readonly string[] {
  return loops
    .running('agent')
    .map((task) => task.nodeId)
    .sort();
}

it('runs one task on every node, also on those that come later', async () => {
  await loops.start(3);
  await loops.create('agent', GLOBAL);
  expect(hosts()).toEqual(['n1', 'n2', 'n3']);
  await loops.setNode('n4', {});
  expect(hosts()).toEqual(['n1', 'n2', 'n3', 'n4']);
  const [task] = loops.running('agent');
  expect(task?.name).toBe(`agent.${task?.nodeId}.${task?.id}`);
  expect(task?.slot).toBe(0);
});

it('leaves drained and lost nodes and comes back to them', async () => {
  await loops.start(3);
  await loops.create('agent', GLOBAL);
  await loops.setNode('n1', { availability: 'drain' });
  await loops.setNode('n2', { state: 'down' });
  expect(hosts()).toEqual(['n3']);
  await loops.setNode('n1', { availability: 'active' });
  await loops.setNode('n2', { state: 'ready' });
  expect(hosts()).toEqual(['n1', 'n2', 'n3']);
});

it('comes back to a node also when its policy is never to restart', async () => {
  await loops.start(2);
  const restart = { condition: 'none', delayMs: 0, maxAttempts: 0, windowMs: 0 } as const;
  await loops.create('agent', { ...GLOBAL, task: taskSpec({ restart }) });
  await loops.setNode('n1', { availability: 'drain' });
  await loops.setNode('n1', { availability: 'active' });
  expect(hosts()).toEqual(['n1', 'n2']);
  await loops.end(loops.running('agent')[0]?.id ?? '', 'complete');
  await loops.clock.advance(10_000);
  expect(hosts()).toHaveLength(1);
});

it('keeps its task on a paused node and makes none there', async () => {
  await loops.start(2);
  await loops.create('agent', GLOBAL);
  await loops.setNode('n1', { availability: 'pause' });
  expect(hosts()).toEqual(['n1', 'n2']);
  await loops.create('late', GLOBAL);
  expect(loops.running('late').map((task) => task.nodeId)).toEqual(['n2']);
  await loops.setNode('n1', { availability: 'active' });
  expect(loops.running('late')).toHaveLength(2);
});

it('follows its constraints', async () => {
  await loops.start(3);
  const placement = {
    constraints: ['node.labels.gpu == yes'],
    preferences: [],
    maxReplicas: 0,
    platforms: [],
  };
  await loops.create('agent', { ...GLOBAL, task: taskSpec({ placement }) });
  expect(hosts()).toEqual([]);
  await loops.setNode('n2', { labels: { gpu: 'yes' } });
  expect(hosts()).toEqual(['n2']);
  await loops.setNode('n2', { labels: {} });
  expect(hosts()).toEqual([]);
});

it('forgets a node that was removed', async () => {
  await loops.start(3);
  await loops.create('agent', GLOBAL);
  await loops.removeNode('n3');
  await loops.clock.advance(1_000);
  expect(hosts()).toEqual(['n1', 'n2']);
  expect(loops.tasks('agent')).toHaveLength(2);
});

it('restarts on the same node and updates node by node', async () => {
  await loops.start(3);
  await loops.create('agent', { ...GLOBAL, task: Loops.version(1) });
  const [first] = loops.running('agent');
  await loops.end(first?.id ?? '', 'failed');
  await loops.clock.advance(5_100);
  expect(hosts()).toEqual(['n1', 'n2', 'n3']);
  loops.behaviour = { ...loops.behaviour, startMs: 1_000 };
  await loops.change('agent', { task: Loops.version(2) });
  await loops.clock.advance(500);
  expect(loops.running('agent')).toHaveLength(2);
  await loops.clock.advance(30_000);
  expect(loops.running('agent').map((task) => task.spec.forceUpdate)).toEqual([2, 2, 2]);
  expect(loops.updateState('agent')).toBe('completed');
});
