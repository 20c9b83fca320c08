// Properties of the store against a naive model (plain maps, full scans): whatever the transactions, what
// the indexes say is what a scan says, failed transactions leave no trace, and every replica is equal.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objects } from '../../test/support/arbitraries.ts';
import { jsonCodec } from '../../test/support/json_codec.ts';
import { memoryStore } from '../../test/support/memory_store.ts';
import { containerSpec, service, serviceSpec, task, taskSpec } from '../../test/support/objects.ts';
import type { Service } from '../../shared/model/service.ts';
import type { Task } from '../../shared/model/task.ts';
import { TASK_STATES } from '../../shared/model/task.ts';
import { storeCodec } from '../../shared/wire/store.ts';
import type { ReadView, WriteTransaction } from './api.ts';
import type { SnapshotRecord } from './codec.ts';
import { TABLE_NAMES } from '../../shared/model/objects.ts';
import { ReplicatedStore } from './store.ts';

const IDS = ['a', 'ab', 'abc', 'b', 'ba', 'c', 'd', 'e'] as const;
const KEYS = ['k1', 'k2', 'k3'] as const;

const id = fc.constantFrom(...IDS);
const key = fc.constantFrom(...KEYS);
const keys = fc.uniqueArray(key, { maxLength: 3 });

const anyTask: fc.Arbitrary<Task> = fc
  .record({ id, key, slot: fc.integer({ min: 0, max: 2 }), node: key, networks: keys, secrets: keys })
  .chain((draw) =>
    fc.constantFrom(...TASK_STATES).map((desiredState) =>
      task({
        id: draw.id,
        serviceId: draw.key,
        slot: draw.slot,
        nodeId: draw.node === 'k3' ? '' : draw.node,
        name: `${draw.key}.${draw.slot}`,
        desiredState,
        networks: draw.networks.map((networkId) => ({ networkId, addresses: [], aliases: [] })),
        spec: taskSpec({ container: containerSpec({ secrets: draw.secrets.map(secretReference) }) }),
      }),
    ),
  );

function secretReference(secretId: string) {
  return { secretId, secretName: secretId, file: { name: secretId, uid: '0', gid: '0', mode: 0o444 } };
}

const anyService: fc.Arbitrary<Service> = fc.record({ id, name: key, networks: keys }).map((draw) =>
  service({
    id: draw.id,
    spec: serviceSpec({
      name: draw.name,
      task: taskSpec({
        networks: draw.networks.map((target) => ({ target, aliases: [], driverOptions: {} })),
      }),
    }),
  }),
);

type Step =
  | { readonly kind: 'task'; readonly object: Task }
  | { readonly kind: 'service'; readonly object: Service }
  | { readonly kind: 'remove'; readonly table: 'task' | 'service'; readonly id: string };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  anyTask.map((object): Step => ({ kind: 'task', object })),
  anyService.map((object): Step => ({ kind: 'service', object })),
  fc
    .record({ table: fc.constantFrom('task' as const, 'service' as const), id })
    .map((draw): Step => ({ kind: 'remove', ...draw })),
);

/** A transaction is some steps, and whether it throws at its end. */
const anyTransaction = fc.record({
  steps: fc.array(anyStep, { maxLength: 6 }),
  fails: fc.boolean(),
  /** Whether the next one waits for this one's commit or rides with it. */
  waits: fc.boolean(),
});

interface Model {
  readonly task: Map<string, Task>;
  readonly service: Map<string, Service>;
}

function runOnStore(tx: WriteTransaction, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.kind === 'remove') {
      if (tx.get(step.table, step.id) !== undefined) {
        tx.remove(step.table, step.id);
      }
    } else if (step.kind === 'task') {
      const found = tx.get('task', step.object.id);
      tx[found ? 'update' : 'create']('task', { ...step.object, meta: found?.meta ?? step.object.meta });
    } else {
      const found = tx.get('service', step.object.id);
      tx[found ? 'update' : 'create']('service', { ...step.object, meta: found?.meta ?? step.object.meta });
    }
  }
}

function runOnModel(model: Model, steps: readonly Step[]): Model {
  const next = { task: new Map(model.task), service: new Map(model.service) };
  for (const step of steps) {
    if (step.kind === 'remove') {
      next[step.table].delete(step.id);
    } else if (step.kind === 'task') {
      next.task.set(step.object.id, step.object);
    } else {
      next.service.set(step.object.id, step.object);
    }
  }
  return next;
}

/** What the model says of an object, its metadata aside. */
function bare<V extends { readonly id: string }>(objects: Iterable<V>): readonly unknown[] {
  return [...objects]
    .sort((left, right) => (left.id < right.id ? -1 : 1))
    .map((object) => ({ ...object, meta: undefined }));
}

function expectEqual(view: ReadView, model: Model): void {
  const tasks = [...model.task.values()];
  const services = [...model.service.values()];
  expect(bare(view.all('task'))).toEqual(bare(tasks));
  expect(view.count('task')).toBe(tasks.length);
  expect([...view.all('task')].map((found) => found.id)).toEqual([...model.task.keys()].sort());
  for (const k of KEYS) {
    expect(bare(view.tasksByService(k))).toEqual(bare(tasks.filter((t) => t.serviceId === k)));
    expect(bare(view.tasksByNode(k))).toEqual(bare(tasks.filter((t) => t.nodeId === k)));
    expect(bare(view.tasksBySlot(k, 1))).toEqual(
      bare(tasks.filter((t) => t.serviceId === k && t.slot === 1)),
    );
    expect(bare(view.tasksByNetwork(k))).toEqual(
      bare(tasks.filter((t) => t.networks.some((n) => n.networkId === k))),
    );
    expect(bare(view.tasksBySecret(k))).toEqual(
      bare(tasks.filter((t) => t.spec.container.secrets.some((s) => s.secretId === k))),
    );
    expect(bare(view.byName('service', k))).toEqual(bare(services.filter((s) => s.spec.name === k)));
    expect(bare(view.servicesByNetwork(k))).toEqual(
      bare(services.filter((s) => s.spec.task.networks.some((n) => n.target === k))),
    );
  }
  for (const state of TASK_STATES) {
    expect(bare(view.tasksByDesiredState(state))).toEqual(
      bare(tasks.filter((t) => t.desiredState === state)),
    );
  }
  for (const prefix of ['', 'a', 'ab', 'b', 'x']) {
    expect(bare(view.byIdPrefix('task', prefix))).toEqual(bare(tasks.filter((t) => t.id.startsWith(prefix))));
  }
}

function contents(store: ReplicatedStore): unknown {
  return TABLE_NAMES.map((table) => [...store.view.all(table)]);
}

async function* chunksOf(chunks: Iterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.concat([...chunks]);
  for (let from = 0; from < all.length; from += size) {
    yield all.subarray(from, from + size);
  }
}

test.each([
  ['JSON', jsonCodec],
  ['the wire format', storeCodec],
])(
  'random transactions in %s: store equals model inside and after each, replicas and snapshots equal',
  async (_name, codec) => {
    const property = fc.asyncProperty(
      fc.array(anyTransaction, { maxLength: 12 }),
      fc.integer({ min: 1, max: 97 }),
      async (transactions, chunkSize) => {
        const log: { index: number; data: Uint8Array }[] = [];
        const leader = memoryStore({
          codec,
          observe: (index, data) => log.push({ index, data: Uint8Array.from(data) }),
        });
        let model: Model = { task: new Map(), service: new Map() };
        let riding: Promise<unknown>[] = [];
        for (const { steps, fails, waits } of transactions) {
          const before = model;
          const after = runOnModel(model, steps);
          const done = leader.update((tx) => {
            expectEqual(tx, before);
            runOnStore(tx, steps);
            expectEqual(tx, after);
            if (fails) {
              throw new Error('meant to fail');
            }
          });
          riding.push(fails ? expect(done).rejects.toThrow('meant to fail') : done);
          model = fails ? before : after;
          if (waits) {
            await Promise.all(riding);
            riding = [];
            expectEqual(leader.view, model);
          }
        }
        await Promise.all(riding);
        expectEqual(leader.view, model);

        const follower = memoryStore({ codec });
        for (const { index, data } of log) {
          follower.apply({ index, term: 1, data });
        }
        expect(contents(follower)).toEqual(contents(leader));

        const restored = memoryStore({ codec });
        await restored.restore(leader.version, chunksOf(leader.snapshot(), chunkSize));
        expect(contents(restored)).toEqual(contents(leader));
        expectEqual(restored.view, model);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  },
);

test('objects of every table, however odd: a follower and a restored member hold exactly what the leader holds', async () => {
  const record = fc.oneof(
    ...TABLE_NAMES.map((table) => objects[table].map((object) => ({ table, object }) as SnapshotRecord)),
  );
  const property = fc.asyncProperty(fc.array(record, { maxLength: 8 }), async (records) => {
    const log: { index: number; data: Uint8Array }[] = [];
    const observe = (index: number, data: Uint8Array) => log.push({ index, data: Uint8Array.from(data) });
    const leader = memoryStore({ codec: storeCodec, observe });
    for (const { table, object } of records) {
      await leader.update((tx) => {
        if (tx.get(table, object.id) === undefined) {
          tx.create(table, object);
        }
      });
    }
    const follower = memoryStore({ codec: storeCodec });
    for (const { index, data } of log) {
      follower.apply({ index, term: 1, data });
    }
    expect(contents(follower)).toStrictEqual(contents(leader));
    const restored = memoryStore({ codec: storeCodec });
    await restored.restore(leader.version, chunksOf(leader.snapshot(), 1_000));
    expect(contents(restored)).toStrictEqual(contents(leader));
  });
  await fc.assert(property, { numRuns: 100 });
});

test('a snapshot shows the state of its moment, whatever is written while it is read', async () => {
  const store = memoryStore();
  await store.update((tx) => tx.create('service', service({ id: 'a' })));
  const snapshot = store.snapshot();
  await store.update((tx) => {
    tx.remove('service', 'a');
    tx.create('service', service({ id: 'b' }));
  });
  const restored = memoryStore();
  await restored.restore(1, chunksOf(snapshot, 1_000));
  expect([...restored.view.all('service')].map((found) => found.id)).toEqual(['a']);
});

test('a snapshot comes in chunks of at most 64 KiB', async () => {
  const store = memoryStore();
  const data = new Uint8Array(200_000).fill(7);
  await store.update((tx) =>
    tx.create('config', { id: 'c', meta: service({ id: 'x' }).meta, spec: { name: 'c', labels: {}, data } }),
  );
  const sizes = [...store.snapshot()].map((chunk) => chunk.length);
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
});

test.each([
  ['cut in the middle', (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1)],
  ['cut before its count', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 4)],
  ['followed by more', (bytes: Uint8Array) => Buffer.concat([bytes, new Uint8Array(1)])],
  [
    'with a spoilt record',
    (bytes: Uint8Array) => bytes.map((byte, at) => (at >= 20 && at < 30 ? 0xff : byte)),
  ],
  ['of another kind', (bytes: Uint8Array) => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte))],
  [
    'of a newer version',
    (bytes: Uint8Array) => bytes.map((byte, at) => (at === 'skein-store-'.length ? byte + 1 : byte)),
    'snapshot-newer',
  ],
])('a snapshot %s is refused and the state kept', async (_what, spoil, code = 'bad-snapshot') => {
  const store = memoryStore();
  await store.update((tx) => tx.create('service', service({ id: 'a' })));
  const spoilt = spoil(Buffer.concat([...store.snapshot()]));
  const other = new ReplicatedStore({
    codec: storeCodec,
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after: () => ({ cancel: () => undefined }),
      sleep: async () => undefined,
    },
    proposer: { basis: () => 0, propose: () => Promise.reject(new Error('not asked')) },
  });
  const data = storeCodec.encodeBatch({
    timestampMs: 1,
    changes: [{ action: 'create', table: 'service', object: service({ id: 'kept' }) }],
  });
  other.apply({ index: 1, term: 1, data });
  await expect(other.restore(2, chunksOf([spoilt], 100))).rejects.toMatchObject({ code });
  expect([...other.view.all('service')].map((found) => found.id)).toEqual(['kept']);
});
