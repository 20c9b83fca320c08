import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceSpec, UpdateConfig } from '../../shared/model/service.ts';
import { serviceSpec } from '../support/objects.ts';
import { Loops } from './harness.ts';

let loops: Loops;

beforeEach(() => {
  loops = new Loops();
});

afterEach(() => loops.stop());

function policy(over: Partial<UpdateConfig>): UpdateConfig {
  return {
    parallelism: 1,
    delayMs: 0,
    failureAction: 'pause',
    monitorMs: 5_000,
    maxFailureRatio: 0,
    order: 'stop-first',
    ...over,
  };
}

async function web(replicas: number, over: Partial<ServiceSpec> = {}): Promise<void> {
  await loops.start(3);
  await loops.create('web', { task: Loops.version(1), mode: { kind: 'replicated', replicas }, ...over });
}

/** How many run of each version: `v1:3 v2:1`. */
function versions(): string {
  const counts = new Map<number, number>();
  for (const task of loops.running('web')) {
    counts.set(task.spec.forceUpdate, (counts.get(task.spec.forceUpdate) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([version, count]) => `v${version}:${count}`)
    .join(' ');
}

describe('a rolling update', () => {
  it('replaces in batches with the delay between them, then watches for the monitor period', async () => {
    await web(6);
    const update = policy({ parallelism: 2, delayMs: 10_000 });
    await loops.change('web', { task: Loops.version(2), update });
    const seen = [versions()];
    for (let round = 0; round < 2; round += 1) {
      await loops.clock.advance(9_000);
      seen.push(versions());
      await loops.clock.advance(1_100);
      seen.push(versions());
    }
    expect(seen).toEqual(['v1:4 v2:2', 'v1:4 v2:2', 'v1:2 v2:4', 'v1:2 v2:4', 'v2:6']);
    expect(loops.store.view.get('service', 'web')?.updateStatus).toMatchObject({
      state: 'updating',
      message: 'update in progress',
    });
    await loops.clock.advance(5_100);
    expect(loops.store.view.get('service', 'web')?.updateStatus).toMatchObject({
      state: 'completed',
      message: 'update completed',
      startedAt: expect.any(Number),
      completedAt: expect.any(Number),
    });
  });

  it('waits for the new task before it goes on', async () => {
    await web(3);
    loops.behaviour = { ...loops.behaviour, startMs: 4_000 };
    await loops.change('web', { task: Loops.version(2), update: policy({ parallelism: 1 }) });
    await loops.clock.advance(3_000);
    expect(versions()).toBe('v1:2');
    await loops.clock.advance(30_000);
    expect(versions()).toBe('v2:3');
  });

  it('replaces all at once when parallelism is 0', async () => {
    await web(5);
    await loops.change('web', { task: Loops.version(2), update: policy({ parallelism: 0 }) });
    expect(versions()).toBe('v2:5');
  });

  it('never lets two tasks of a slot run when it stops first', async () => {
    await web(2);
    loops.behaviour = { ...loops.behaviour, stopMs: 2_000 };
    await loops.change('web', { task: Loops.version(2), update: policy({ parallelism: 0 }) });
    expect(loops.tasks('web').filter((task) => task.desiredState === 'ready')).toHaveLength(2);
    expect(versions()).toBe('');
    await loops.clock.advance(2_100);
    expect(versions()).toBe('v2:2');
  });

  it('keeps the old task until the new one runs when it starts first', async () => {
    await web(2);
    loops.behaviour = { ...loops.behaviour, startMs: 3_000 };
    await loops.change('web', { task: Loops.version(2), update: policy({ order: 'start-first' }) });
    const seen = [versions()];
    for (let second = 0; second < 8; second += 1) {
      await loops.clock.advance(1_000);
      seen.push(versions());
    }
    for (const text of seen) {
      expect(['v1:2', 'v1:1 v2:1', 'v2:2']).toContain(text);
    }
    expect(seen.at(-1)).toBe('v2:2');
  });

  it('goes on under a new leader, with the same parallelism', async () => {
    await web(4);
    loops.behaviour = { ...loops.behaviour, startMs: 3_000 };
    await loops.change('web', { task: Loops.version(2), update: policy({ parallelism: 1 }) });
    await loops.clock.advance(4_000);
    await loops.changeLeader();
    expect(loops.running('web').length).toBeGreaterThanOrEqual(3);
    await loops.clock.advance(40_000);
    expect(versions()).toBe('v2:4');
    expect(loops.updateState('web')).toBe('completed');
  });

  it('is superseded by the next one', async () => {
    await web(4);
    const update = policy({ parallelism: 1, delayMs: 60_000 });
    await loops.change('web', { task: Loops.version(2), update });
    expect(versions()).toBe('v1:3 v2:1');
    await loops.change('web', { task: Loops.version(3), update: policy({ parallelism: 0 }) });
    expect(versions()).toBe('v3:4');
    await loops.clock.advance(6_000);
    expect(loops.updateState('web')).toBe('completed');
  });

  it('replaces tasks whose published ports changed, but not for a change of update policy', async () => {
    await web(1);
    const [before] = loops.running('web');
    await loops.change('web', { update: policy({ delayMs: 1 }) });
    expect(loops.running('web')[0]?.id).toBe(before?.id);
    expect(loops.updateState('web')).toBeUndefined();
    const port = { name: '', protocol: 'tcp', target: 80, published: 8080, mode: 'ingress' } as const;
    await loops.change('web', { endpoint: { mode: 'vip', ports: [port] } });
    expect(loops.running('web').map((task) => task.id)).not.toContain(before?.id);
    expect(loops.updateState('web')).toBe('updating');
  });

  it('does not move a task whose node satisfies the new constraint', async () => {
    await web(3);
    const before = loops.running('web');
    const placement = { constraints: ['node.id != n9'], preferences: [], maxReplicas: 0, platforms: [] };
    await loops.change('web', { task: { ...Loops.version(1), placement } });
    expect(loops.running('web').map((task) => task.id)).toEqual(before.map((task) => task.id));
    const strict = { ...placement, constraints: ['node.id == n2'] };
    await loops.change('web', { task: { ...Loops.version(1), placement: strict } });
    await loops.clock.advance(30_000);
    expect(loops.running('web').map((task) => task.nodeId)).toEqual(['n2', 'n2', 'n2']);
  });
});

describe('an update that fails', () => {
  const failing = (version: number) => ({
    ...loops.behaviour,
    start: (task: { spec: { forceUpdate: number } }) =>
      task.spec.forceUpdate === version ? ('failed' as const) : ('running' as const),
  });

  it('pauses and names the task', async () => {
    await web(4);
    loops.behaviour = failing(2);
    await loops.change('web', { task: Loops.version(2), update: policy({}) });
    await loops.clock.advance(3_000);
    expect(versions()).toBe('v1:3');
    const failed = loops.tasks('web').filter((task) => task.spec.forceUpdate === 2);
    const status = loops.store.view.get('service', 'web')?.updateStatus;
    expect(status?.state).toBe('paused');
    expect(
      failed.map((task) => `update paused due to failure or early termination of task ${task.id}`),
    ).toContain(status?.message);
    await loops.changeLeader();
    await loops.clock.advance(30_000);
    expect(versions()).toBe('v1:3');
  });

  it('goes on after a pause when the spec is changed again', async () => {
    await web(4);
    loops.behaviour = failing(2);
    await loops.change('web', { task: Loops.version(2), update: policy({}) });
    await loops.clock.advance(10_000);
    await loops.change('web', { task: Loops.version(3) });
    await loops.clock.advance(30_000);
    expect(versions()).toBe('v3:4');
    expect(loops.updateState('web')).toBe('completed');
  });

  it('counts a task that ends within the monitor period', async () => {
    await web(2);
    await loops.change('web', { task: Loops.version(2), update: policy({ delayMs: 20_000 }) });
    await loops.clock.advance(4_000);
    const fresh = loops.running('web').find((task) => task.spec.forceUpdate === 2);
    await loops.end(fresh?.id ?? '', 'failed');
    expect(loops.updateState('web')).toBe('paused');
  });

  it('does not count one that ends later', async () => {
    await web(2);
    await loops.change('web', { task: Loops.version(2), update: policy({ delayMs: 20_000 }) });
    await loops.clock.advance(6_000);
    const fresh = loops.running('web').find((task) => task.spec.forceUpdate === 2);
    await loops.end(fresh?.id ?? '', 'failed');
    await loops.clock.advance(60_000);
    expect(versions()).toBe('v2:2');
    expect(loops.updateState('web')).toBe('completed');
  });

  it('goes on when told to continue', async () => {
    await web(3);
    loops.behaviour = failing(2);
    await loops.change('web', { task: Loops.version(2), update: policy({ failureAction: 'continue' }) });
    await loops.clock.advance(30_000);
    expect(versions()).toBe('');
    expect(loops.updateState('web')).toBe('completed');
  });

  it('tolerates the allowed share of failures', async () => {
    await web(4);
    let victim: string | undefined;
    loops.behaviour = {
      ...loops.behaviour,
      start: (task) => {
        victim ??= task.spec.forceUpdate === 2 ? task.id : undefined;
        return task.id === victim ? 'failed' : 'running';
      },
    };
    await loops.change('web', { task: Loops.version(2), update: policy({ maxFailureRatio: 0.25 }) });
    await loops.clock.advance(30_000);
    expect(loops.store.view.get('task', victim ?? '')?.status.state).toBe('failed');
    expect(versions()).toBe('v2:4');
    expect(loops.updateState('web')).toBe('completed');
  });

  it('rolls back to the spec before', async () => {
    await web(4);
    loops.behaviour = failing(2);
    const untouched = loops.running('web').map((task) => task.id);
    await loops.change('web', { task: Loops.version(2), update: policy({ failureAction: 'rollback' }) });
    await loops.clock.advance(1_000);
    expect(loops.updateState('web')).toBe('rollback_started');
    await loops.clock.advance(30_000);
    expect(versions()).toBe('v1:4');
    expect(loops.running('web').filter((task) => untouched.includes(task.id))).toHaveLength(3);
    const service = loops.store.view.get('service', 'web');
    expect(service?.updateStatus).toMatchObject({
      state: 'rollback_completed',
      message: 'rollback completed',
    });
    expect(service?.spec.task).toEqual(serviceSpec({ task: Loops.version(1) }).task);
    expect(service?.previousSpec).toBeUndefined();
  });

  it('carries out a rollback that the operator asked for', async () => {
    await web(3);
    await loops.change('web', { task: Loops.version(2), update: policy({ parallelism: 0 }) });
    await loops.clock.advance(10_000);
    await loops.store.update((tx) => {
      const service = tx.get('service', 'web');
      if (service?.previousSpec === undefined) {
        throw new Error('nothing to roll back to');
      }
      const { previousSpec, previousSpecVersion: _old, ...rest } = service;
      const updateStatus = { state: 'rollback_started', message: 'manually requested rollback' } as const;
      tx.update('service', { ...rest, spec: previousSpec, specVersion: 3, updateStatus });
    });
    await loops.clock.advance(30_000);
    expect(versions()).toBe('v1:3');
    expect(loops.updateState('web')).toBe('rollback_completed');
  });

  it('pauses a rollback that fails itself, and never calls it completed', async () => {
    await web(3);
    await loops.change('web', {
      task: Loops.version(2),
      update: policy({ failureAction: 'rollback', parallelism: 0 }),
    });
    loops.behaviour = { ...loops.behaviour, start: () => 'failed' };
    for (const task of loops.running('web')) {
      await loops.end(task.id, 'failed');
    }
    await loops.clock.advance(60_000);
    expect(loops.updateState('web')).toBe('rollback_paused');
  });
});
