// Random histories of one service on a few nodes. At every commit a slot has no more wanted tasks than the
// update order allows; when the disturbances end, exactly the replicas run, all of the newest spec.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { UpdateOrder } from '../../shared/model/service.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import { Loops } from './harness.ts';

type Step =
  | { readonly kind: 'scale'; readonly replicas: number }
  | { readonly kind: 'update'; readonly parallelism: number }
  | { readonly kind: 'node'; readonly node: number; readonly to: 'down' | 'drain' | 'pause' | 'well' }
  | { readonly kind: 'end'; readonly nth: number; readonly state: 'failed' | 'complete' }
  | { readonly kind: 'leader' }
  | { readonly kind: 'wait'; readonly ms: number };

const NODES = 3;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('scale' as const), replicas: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ kind: fc.constant('update' as const), parallelism: fc.integer({ min: 0, max: 3 }) }),
  fc.record({
    kind: fc.constant('node' as const),
    node: fc.integer({ min: 1, max: NODES }),
    to: fc.constantFrom('down' as const, 'drain' as const, 'pause' as const, 'well' as const),
  }),
  fc.record({
    kind: fc.constant('end' as const),
    nth: fc.nat({ max: 5 }),
    state: fc.constantFrom('failed' as const, 'complete' as const),
  }),
  fc.record({ kind: fc.constant('leader' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 7_000 }) }),
);

async function perform(loops: Loops, order: UpdateOrder, version: () => number, one: Step): Promise<void> {
  switch (one.kind) {
    case 'scale':
      return loops.change('web', { mode: { kind: 'replicated', replicas: one.replicas } });
    case 'update': {
      const policy = {
        delayMs: 500,
        monitorMs: 1_000,
        failureAction: 'continue',
        maxFailureRatio: 0,
        order,
      } as const;
      return loops.change('web', {
        task: Loops.version(version()),
        update: { ...policy, parallelism: one.parallelism },
      });
    }
    case 'node': {
      const state = one.to === 'down' ? 'down' : 'ready';
      const availability = one.to === 'drain' || one.to === 'pause' ? one.to : 'active';
      return loops.setNode(`n${one.node}`, { state, availability });
    }
    case 'end': {
      const victim = loops.running('web')[one.nth];
      return victim === undefined ? undefined : loops.end(victim.id, one.state);
    }
    case 'leader':
      return loops.changeLeader();
    case 'wait':
      return loops.clock.advance(one.ms);
  }
}

/** Most tasks of one slot for which the condition holds. */
function mostPerSlot(tasks: readonly Task[], condition: (task: Task) => boolean): number {
  const perSlot = new Map<number, number>();
  for (const task of tasks.filter(condition)) {
    perSlot.set(task.slot, (perSlot.get(task.slot) ?? 0) + 1);
  }
  return Math.max(0, ...perSlot.values());
}

async function history(
  order: UpdateOrder,
  stopMs: number,
  startMs: number,
  steps: readonly Step[],
): Promise<void> {
  const loops = new Loops();
  loops.behaviour = { ...loops.behaviour, stopMs, startMs };
  let version = 1;
  let mostWanted = 0;
  let mostAtWork = 0;
  loops.store.watch(() => {
    const { view } = loops.store;
    const alive = (task: Task) =>
      !isTerminal(task.status.state) && view.get('node', task.nodeId)?.status.state !== 'down';
    const wanted = (task: Task) => alive(task) && task.desiredState === 'running';
    const atWork = (task: Task) =>
      alive(task) && task.status.state === 'running' && task.desiredState !== 'remove';
    mostWanted = Math.max(mostWanted, mostPerSlot(loops.tasks('web'), wanted));
    mostAtWork = Math.max(mostAtWork, mostPerSlot(loops.tasks('web'), atWork));
  });
  try {
    await loops.start(NODES);
    await loops.create('web', { task: Loops.version(1), mode: { kind: 'replicated', replicas: 3 } });
    for (const one of steps) {
      await perform(loops, order, () => (version += 1), one);
    }
    for (let index = 1; index <= NODES; index += 1) {
      await loops.setNode(`n${index}`, { state: 'ready', availability: 'active' });
    }
    await loops.clock.advance(180_000);
    const service = loops.store.view.get('service', 'web');
    const replicas = service?.spec.mode.kind === 'replicated' ? service.spec.mode.replicas : -1;
    expect(loops.running('web')).toHaveLength(replicas);
    expect(new Set(loops.running('web').map((task) => task.slot)).size).toBe(replicas);
    expect(loops.running('web').every((task) => task.spec.forceUpdate === version)).toBe(true);
    expect(loops.tasks('web').filter((task) => task.desiredState === 'remove')).toEqual([]);
    expect(['completed', undefined]).toContain(loops.updateState('web'));
    expect(mostWanted).toBeLessThanOrEqual(order === 'stop-first' ? 1 : 2);
    if (order === 'stop-first') {
      // A node that returns still runs its old task until it is told to stop.
      const returned = steps.some((one) => one.kind === 'node' && one.to === 'down');
      expect(mostAtWork).toBeLessThanOrEqual(returned ? 4 : 1);
    }
  } finally {
    await loops.stop();
  }
}

it.each(['stop-first', 'start-first'] as const)(
  '%s: any history converges and respects the order',
  async (order) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 300, 4_000),
        fc.constantFrom(0, 200, 2_000),
        fc.array(step, { minLength: 1, maxLength: 12 }),
        (stopMs, startMs, steps) => history(order, stopMs, startMs, steps),
      ),
      { numRuns: 60 },
    );
  },
);
