import { expect, it } from 'vitest';
import type { Task } from '../../shared/model/task.ts';
import { silentLogger } from '../../shared/log.ts';
import { SkeinError } from '../../shared/errors.ts';
import { seededRandom } from '../../shared/random.ts';
import { memoryStore } from '../../test/support/memory_store.ts';
import { node, task, taskSpec } from '../../test/support/objects.ts';
import { VirtualClock } from '../../test/support/virtual_clock.ts';
import type { Store } from '../store/api.ts';
import { Scheduler } from './scheduler.ts';

function pending(id: string, over: Partial<Task> = {}): Task {
  const base = task({ id, ...over });
  return { ...base, status: { ...base.status, state: 'pending' } };
}

const one = taskSpec({
  resources: {
    limits: { nanoCpus: 0, memoryBytes: 0, pids: 0 },
    reservations: { nanoCpus: 0, memoryBytes: 2 ** 32, generic: [] },
  },
});

function setUp(wrap: (store: Store) => Store = (store) => store) {
  const clock = new VirtualClock();
  const store = memoryStore({ clock });
  const scheduler = new Scheduler({ store: wrap(store), clock, random: seededRandom(1), log: silentLogger });
  const state = (id: string) => {
    const found = store.view.get('task', id);
    return `${found?.status.state} ${found?.nodeId}${found?.status.error}`;
  };
  return { clock, store, scheduler, state };
}

it('assigns what waits at its start and what comes later', async () => {
  const { clock, store, scheduler, state } = setUp();
  await store.update((tx) => {
    tx.create('node', node({ id: 'n1' }));
    tx.create('task', pending('early'));
    tx.create('task', task({ id: 'new' }));
    tx.create('task', pending('unwanted', { desiredState: 'shutdown' }));
  });
  await scheduler.start();
  await store.update((tx) => tx.create('task', pending('late')));
  await clock.advance(100);
  expect(['early', 'late', 'new', 'unwanted'].map(state)).toEqual([
    'assigned n1',
    'assigned n1',
    'new ',
    'pending ',
  ]);
  expect(store.view.get('task', 'early')?.status.message).toBe('scheduler assigned task to node');
  await scheduler.stop();
});

it('places a waiting task when another lets its memory go, not when it is merely told to', async () => {
  const { clock, store, scheduler, state } = setUp();
  await store.update((tx) => {
    tx.create('node', node({ id: 'n1' }));
    tx.create('task', pending('first', { spec: one }));
  });
  await scheduler.start();
  await clock.advance(10);
  await store.update((tx) => tx.create('task', pending('second', { spec: one })));
  await clock.advance(10);
  expect(state('second')).toBe('pending no suitable node (insufficient resources on 1 node)');
  const set = (change: (task: Task) => Task) =>
    store.update((tx) => tx.update('task', change(tx.get('task', 'first') as Task)));
  await set((old) => ({ ...old, desiredState: 'shutdown' }));
  await clock.advance(10);
  expect(state('second')).toBe('pending no suitable node (insufficient resources on 1 node)');
  await set((old) => ({ ...old, status: { ...old.status, state: 'shutdown' } }));
  await clock.advance(10);
  expect(state('second')).toBe('assigned n1');
  await scheduler.stop();
});

it('explains to a newcomer what its group was already told', async () => {
  const { clock, store, scheduler, state } = setUp();
  await store.update((tx) => tx.create('task', pending('a')));
  await scheduler.start();
  await clock.advance(10);
  await store.update((tx) => tx.create('task', pending('b', { slot: 2 })));
  await clock.advance(10);
  expect([state('a'), state('b')]).toEqual(['pending no suitable node', 'pending no suitable node']);
  await scheduler.stop();
});

it('does not use a node that was drained between plan and commit', async () => {
  let before: (() => void) | undefined;
  const { clock, store, scheduler, state } = setUp((inner) => ({
    view: inner.view,
    now: () => inner.now(),
    watch: (listener) => inner.watch(listener),
    update: (write) => {
      before?.();
      return inner.update(write);
    },
  }));
  await store.update((tx) => {
    tx.create('node', node({ id: 'n1' }));
    tx.create('task', pending('a', { spec: one }));
  });
  before = () => {
    before = undefined;
    void store.update((tx) => {
      const old = node({
        id: 'n1',
        meta: store.view.get('node', 'n1')?.meta ?? { version: 0, createdAt: 0, updatedAt: 0 },
      });
      tx.update('node', { ...old, spec: { ...old.spec, availability: 'drain' } });
      tx.create('node', node({ id: 'n2' }));
    });
  };
  await scheduler.start();
  await clock.advance(100);
  expect(state('a')).toBe('assigned n2');
  await scheduler.stop();
});

it('frees what it had planned when a commit fails, and tries again', async () => {
  let failures = 1;
  const { clock, store, scheduler, state } = setUp((inner) => ({
    view: inner.view,
    now: () => inner.now(),
    watch: (listener) => inner.watch(listener),
    update: (write) => {
      failures -= 1;
      return failures >= 0
        ? Promise.reject(new SkeinError('unavailable', 'proposal-dropped', 'no quorum'))
        : inner.update(write);
    },
  }));
  await store.update((tx) => {
    tx.create('node', node({ id: 'n1' }));
    tx.create('task', pending('a', { spec: one }));
  });
  await scheduler.start();
  await clock.advance(500);
  expect(state('a')).toBe('pending ');
  await clock.advance(1_000);
  expect(state('a')).toBe('assigned n1');
  await scheduler.stop();
});

it('confirms the node of a global task or explains', async () => {
  const { clock, store, scheduler, state } = setUp();
  await store.update((tx) => {
    tx.create('node', node({ id: 'n1' }));
    tx.create('node', node({ id: 'n2', status: { state: 'unknown', message: '', address: '' } }));
    tx.create('task', pending('a', { nodeId: 'n1', slot: 0 }));
    tx.create('task', pending('b', { nodeId: 'n2', slot: 0 }));
  });
  await scheduler.start();
  await clock.advance(10);
  expect(state('a')).toBe('assigned n1');
  expect(state('b')).toBe('pending n2no suitable node (1 node not available for new tasks)');
  await store.update((tx) => {
    const old = tx.get('node', 'n2');
    if (old !== undefined) {
      tx.update('node', { ...old, status: { ...old.status, state: 'ready' } });
    }
  });
  await clock.advance(10);
  expect(state('b')).toBe('assigned n2');
  await scheduler.stop();
});
