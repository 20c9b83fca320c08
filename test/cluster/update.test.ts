// Rolling updates and what goes wrong with them: order, parallelism and delay, a pause at failure, rollback;
// images that are missing, restart policies, the history that is kept.
import { describe, expect, test } from 'vitest';
import { useCluster, WEB_IMAGE } from './support/cluster.ts';
import type { TaskJson } from './support/engine.ts';
import { always, eventually } from './support/eventually.ts';
import { SECOND, scaled, service, withContainer } from './support/services.ts';

const cluster = useCluster({ managers: 1, workers: 1 });

/** Watches a service while work goes on: the fewest and the most tasks that ran at once. */
class Watch {
  fewest = Number.POSITIVE_INFINITY;
  most = 0;
  private ended = false;
  private readonly done: Promise<void>;

  constructor(name: string) {
    this.done = this.loop(name);
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.done;
  }

  private async loop(name: string): Promise<void> {
    while (!this.ended) {
      const tasks = await cluster.on('h1').tasks(name);
      const running = tasks.filter((task) => task.Status.State === 'running');
      // Those told to stop may still run for their grace period: they are not counted as too many.
      const wanted = running.filter((task) => task.DesiredState === 'running');
      this.fewest = Math.min(this.fewest, running.length);
      this.most = Math.max(this.most, wanted.length);
    }
  }
}

async function updated(name: string, state: string, timeoutMs = 30_000): Promise<void> {
  await eventually(`update of ${name}: ${state}`, timeoutMs, async () => {
    const status = (await cluster.on('h1').service(name)).UpdateStatus;
    if (status?.State !== state) {
      throw new Error(`update status: ${JSON.stringify(status)}`);
    }
    return true;
  });
}

function createdAt(tasks: readonly TaskJson[]): number[] {
  return tasks.map((task) => Date.parse(task.CreatedAt)).toSorted((a, b) => a - b);
}

describe('rolling update', () => {
  test('one at a time, stop first, with a delay: never two away, never one too many', async () => {
    const update = {
      Parallelism: 1,
      Delay: SECOND,
      Order: 'stop-first',
      FailureAction: 'pause',
      Monitor: SECOND / 2,
    };
    await cluster.on('h1').createService(service('slow', { replicas: 3, update }));
    await cluster.whole('slow', 3);
    const watch = new Watch('slow');
    await cluster.on('h1').updateService('slow', withContainer({ Env: ['V=2'] }));
    await updated('slow', 'completed');
    await watch.end();
    const tasks = await cluster.whole('slow', 3);
    expect(tasks.every((task) => task.Spec.ContainerSpec.Env?.includes('V=2'))).toBe(true);
    expect(watch.fewest).toBe(2);
    expect(watch.most).toBe(3);
    const starts = createdAt(tasks);
    for (const [index, at] of starts.slice(1).entries()) {
      expect(at - (starts[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
    }
    const status = (await cluster.on('h1').service('slow')).UpdateStatus;
    expect(status?.Message).toBe('update completed');
    expect(status?.CompletedAt).toBeDefined();
    await cluster.remove('slow');
  });

  test('two at a time, start first: never fewer than wanted', async () => {
    const update = { Parallelism: 2, Order: 'start-first', Monitor: SECOND / 2 };
    await cluster.on('h1').createService(service('eager', { replicas: 4, update }));
    await cluster.whole('eager', 4);
    const watch = new Watch('eager');
    await cluster.on('h1').updateService('eager', withContainer({ Env: ['V=2'] }));
    await updated('eager', 'completed');
    await watch.end();
    expect(watch.fewest).toBeGreaterThanOrEqual(4);
    expect(watch.most).toBeGreaterThan(4);
    expect(watch.most).toBeLessThanOrEqual(6);
    await cluster.remove('eager');
  });

  test('a command that fails pauses the update: the others serve on; rollback brings the old one back', async () => {
    // The delay gives the failure time to be seen: a task that fails a moment after its start has started.
    const update = { Parallelism: 1, Delay: 2 * SECOND, FailureAction: 'pause', Monitor: 2 * SECOND };
    const restart = { Condition: 'any', Delay: SECOND / 5 };
    await cluster
      .on('h1')
      .createService(service('fragile', { replicas: 3, update, rollback: { Monitor: SECOND / 2 }, restart }));
    await cluster.whole('fragile', 3);
    await cluster.on('h1').updateService('fragile', withContainer({ Command: ['/bin/false'] }));
    await updated('fragile', 'paused');
    const old = (await cluster.running('fragile')).filter(
      (task) => (task.Spec.ContainerSpec as { readonly Command?: readonly string[] }).Command === undefined,
    );
    expect(old).toHaveLength(2);
    await cluster.on('h1').updateService('fragile', (spec) => spec, '&rollback=previous');
    await updated('fragile', 'rollback_completed');
    await cluster.whole('fragile', 3);
    await cluster.remove('fragile');
  });

  test('an image that is missing pauses the update with the reason', async () => {
    const update = { Parallelism: 1, FailureAction: 'pause', Monitor: 2 * SECOND };
    await cluster.on('h1').createService(service('typo', { replicas: 2, update }));
    await cluster.whole('typo', 2);
    await cluster.on('h1').updateService('typo', withContainer({ Image: 'wbe:1' }));
    await updated('typo', 'paused');
    expect((await cluster.on('h1').service('typo')).UpdateStatus?.Message).toMatch(
      /update paused due to failure/,
    );
    expect((await cluster.running('typo')).length).toBe(1);
    await cluster.remove('typo');
  });

  test('failure action rollback goes back by itself', async () => {
    const update = { Parallelism: 1, FailureAction: 'rollback', Monitor: 2 * SECOND };
    await cluster
      .on('h1')
      .createService(service('undo', { replicas: 2, update, rollback: { Monitor: SECOND / 2 } }));
    await cluster.whole('undo', 2);
    await cluster.on('h1').updateService('undo', withContainer({ Command: ['/bin/false'] }));
    await updated('undo', 'rollback_completed');
    await cluster.whole('undo', 2);
    await cluster.remove('undo');
  });
});

describe('tasks that fail', () => {
  test('a service with a missing image stays, shows the reason, and runs when the image is named right', async () => {
    await cluster
      .on('h1')
      .createService(
        service('missing', { container: { Image: 'nowhere:1' }, restart: { Delay: SECOND / 2 } }),
      );
    const task = await eventually('a task with the reason', 10_000, async () =>
      (await cluster.on('h1').tasks('missing')).find((candidate) => candidate.Status.State === 'rejected'),
    );
    expect(task.Status.Err).toMatch(/nowhere:1/);
    await cluster.on('h1').updateService('missing', withContainer({ Image: WEB_IMAGE }));
    await cluster.whole('missing', 1);
    await cluster.remove('missing');
  });

  test('on-failure with two attempts: three tasks in all, then no more', async () => {
    const restart = { Condition: 'on-failure', MaxAttempts: 2, Delay: SECOND / 5 };
    await cluster.on('h1').createService(service('giveup', { shell: 'exit 3', restart }));
    const failed = async () =>
      (await cluster.on('h1').tasks('giveup')).filter((task) => task.Status.State === 'failed');
    await eventually('three failed tasks', 15_000, async () => (await failed()).length === 3);
    await always('no fourth task', 2_000, async () => (await cluster.on('h1').tasks('giveup')).length === 3);
    for (const task of await failed()) {
      expect(task.Status.ContainerStatus?.ExitCode).toBe(3);
      expect(task.Status.Err).toBe('task: non-zero exit (3)');
    }
    await cluster.remove('giveup');
  });

  test('a task that completes is not restarted on-failure', async () => {
    await cluster
      .on('h1')
      .createService(service('once', { shell: 'exit 0', restart: { Condition: 'on-failure' } }));
    const task = await eventually('a complete task', 10_000, async () =>
      (await cluster.on('h1').tasks('once')).find((candidate) => candidate.Status.State === 'complete'),
    );
    expect(task.Status.ContainerStatus?.ExitCode).toBe(0);
    await always('no other task', 1_500, async () => (await cluster.on('h1').tasks('once')).length === 1);
    await cluster.remove('once');
  });

  test("of a slot's past tasks the history limit is kept", async () => {
    const restart = { Condition: 'any', Delay: SECOND / 10 };
    await cluster.on('h1').createService(service('again', { shell: 'exit 1', restart }));
    const seen = new Set<string>();
    await eventually('nine tasks have been', 30_000, async () => {
      for (const task of await cluster.on('h1').tasks('again')) {
        seen.add(task.ID);
      }
      return seen.size >= 9;
    });
    // Five of the past and the one that is to run; the reaper may be a moment behind.
    await eventually(
      'the history cut',
      5_000,
      async () => (await cluster.on('h1').tasks('again')).length <= 6,
    );
    await cluster.remove('again');
  });

  test('scaled to nothing and back', async () => {
    await cluster.on('h1').createService(service('zero', { replicas: 2 }));
    await cluster.whole('zero', 2);
    await cluster.on('h1').updateService('zero', scaled(0));
    await eventually('no task', 15_000, async () => (await cluster.running('zero')).length === 0);
    await cluster.on('h1').updateService('zero', scaled(2));
    await cluster.whole('zero', 2);
    await cluster.remove('zero');
  });
});
