// The store as its users meet it: versions, group commit, failure, loss of leadership, watchers.
import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../test/support/memory_store.ts';
import { jsonCodec } from '../../test/support/json_codec.ts';
import { config, secret, service, task } from '../../test/support/objects.ts';
import { SkeinError } from '../../shared/errors.ts';
import type { StoreEvent } from './api.ts';
import { ReplicatedStore } from './store.ts';

const clock = { now: () => 1_000, monotonic: () => 0, after: never, sleep: never };

function never(): never {
  throw new Error('the store needs no timer');
}

/** A store whose proposals wait until the test commits or refuses them. */
function heldStore() {
  const proposals: { data: Uint8Array; commit: () => void; refuse: (error: unknown) => void }[] = [];
  let index = 0;
  let lost = 0;
  const store: ReplicatedStore = new ReplicatedStore({
    clock,
    codec: jsonCodec,
    proposer: {
      basis: () => lost,
      propose: (data) =>
        new Promise((resolve, reject) => {
          const refuse = (error: unknown) => {
            lost += 1;
            reject(error);
          };
          const commit = () => {
            index += 1;
            store.apply({ index, term: 1, data });
            resolve(index);
          };
          proposals.push({ data, commit, refuse });
        }),
    },
  });
  return { store, proposals };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const notLeader = () => new SkeinError('unavailable', 'not-leader', 'this manager does not lead');

describe('a snapshot', () => {
  test('holds the state of the moment it was taken, whatever changes while it is read', async () => {
    const store = memoryStore({ clock });
    await store.update((tx) => {
      for (let number = 0; number < 40; number += 1) {
        tx.create('service', service({ id: `s${number}`, specVersion: 1 }));
      }
    });
    const chunks = store.snapshot();
    const other = store.snapshot();
    await store.update((tx) => {
      tx.create('service', service({ id: 'after' }));
      tx.remove('service', 's7');
      for (const one of [...tx.all('service')].slice(0, 20)) {
        tx.update('service', { ...one, specVersion: 2 });
      }
    });
    for (const taken of [chunks, other]) {
      const copy = memoryStore({ clock });
      await copy.restore(1, stream([...taken]));
      expect(copy.view.count('service')).toBe(40);
      expect([...copy.view.all('service')].every((one) => one.specVersion === 1)).toBe(true);
    }
    expect(store.view.get('service', 's7')).toBeUndefined();
  });
});

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

describe('a transaction that changes nothing', () => {
  /** A store whose leadership is confirmed or denied by the test. */
  function watchedStore() {
    const barriers: { confirm: () => void; deny: (error: unknown) => void }[] = [];
    const store = new ReplicatedStore({
      clock,
      codec: jsonCodec,
      proposer: {
        basis: () => 0,
        propose: () => Promise.reject(new Error('nothing is to be proposed')),
        readBarrier: () => new Promise<void>((confirm, deny) => barriers.push({ confirm, deny })),
      },
    });
    return { store, barriers };
  }

  test('is answered once a majority has confirmed that this member leads', async () => {
    const { store, barriers } = watchedStore();
    const told: number[] = [];
    const answer = store.update((tx) => tx.count('service')).then((count) => told.push(count));
    await settled();
    expect(told).toEqual([]);
    barriers[0]?.confirm();
    await answer;
    expect(told).toEqual([0]);
  });

  test('fails with the reason when this member does not lead any more', async () => {
    const { store, barriers } = watchedStore();
    const answer = expect(store.update((tx) => tx.count('service'))).rejects.toMatchObject({
      code: 'not-leader',
    });
    await settled();
    barriers[0]?.deny(notLeader());
    await answer;
  });
});

describe('transactions', () => {
  test('stamp version and times of the entry and freeze the object to the bottom', async () => {
    let now = 1_000;
    const store = memoryStore({ clock: { ...clock, now: () => now } });
    await store.update((tx) => tx.create('service', service({ id: 'a' })));
    now = 2_000;
    await store.update((tx) => {
      const found = tx.get('service', 'a');
      if (found !== undefined) {
        tx.update('service', { ...found, specVersion: 2 });
      }
    });
    const stored = store.view.get('service', 'a');
    expect(stored?.meta).toEqual({ version: 2, createdAt: 1_000, updatedAt: 2_000 });
    expect(Object.isFrozen(stored?.spec.task.container.env)).toBe(true);
  });

  test('see their own writes through every index', async () => {
    const store = memoryStore();
    await store.update((tx) => {
      tx.create('task', task({ id: 't1', nodeId: 'n1' }));
      tx.create('task', task({ id: 't0', nodeId: 'n1' }));
      expect(tx.tasksByNode('n1').map((found) => found.id)).toEqual(['t0', 't1']);
      tx.remove('task', 't1');
      expect(tx.tasksBySlot('web', 1).map((found) => found.id)).toEqual(['t0']);
      expect(tx.count('task')).toBe(1);
    });
    expect([...store.view.all('task')].map((found) => found.id)).toEqual(['t0']);
  });

  test('may write an object twice', async () => {
    const store = memoryStore();
    const made = service({ id: 'a' });
    await store.update((tx) => {
      tx.create('service', made);
      tx.update('service', { ...made, specVersion: 7 });
    });
    expect(store.view.get('service', 'a')?.specVersion).toBe(7);
  });

  test('that throw leave no trace', async () => {
    const store = memoryStore();
    const failing = store.update((tx) => {
      tx.create('service', service({ id: 'a' }));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(store.view.count('service')).toBe(0);
    expect(store.version).toBe(0);
  });

  test.each([
    ['creating what exists', 'object-exists', 'a', 'create'],
    ['updating what is missing', 'no-object', 'b', 'update'],
    ['removing what is missing', 'no-object', 'b', 'remove'],
    ['updating with a stale version', 'out-of-sequence', 'a', 'update'],
  ] as const)('refuse %s', async (_what, code, id, action) => {
    const store = memoryStore();
    await store.update((tx) => tx.create('service', service({ id: 'a' })));
    const attempt = store.update((tx) =>
      action === 'remove' ? tx.remove('service', id) : tx[action]('service', service({ id })),
    );
    await expect(attempt).rejects.toMatchObject({ code });
  });

  test('kept beyond their function cannot write', async () => {
    const store = memoryStore();
    const tx = await store.update((inner) => inner);
    expect(() => tx.remove('service', 'a')).toThrow('invariant broken');
  });
});

describe('group commit', () => {
  test('what waits rides in one entry, each succeeding or failing on its own', async () => {
    const { store, proposals } = heldStore();
    const first = store.update((tx) => tx.create('service', service({ id: 'a' })));
    await settled();
    proposals[0]?.commit();
    await first;
    const second = store.update((tx) => tx.create('service', service({ id: 'b' })));
    const third = store.update((tx) => tx.create('service', service({ id: 'b' })));
    const fourth = store.update((tx) => tx.count('service'));
    third.catch(() => undefined);
    await settled();
    expect(proposals).toHaveLength(2);
    proposals[1]?.commit();
    await second;
    await expect(third).rejects.toMatchObject({ code: 'object-exists' });
    expect(await fourth).toBe(2);
    expect(store.version).toBe(2);
  });

  test('a stale copy is refused even when the newer write is not committed yet', async () => {
    const { store, proposals } = heldStore();
    const created = store.update((tx) => tx.create('service', service({ id: 'a' })));
    await settled();
    proposals[0]?.commit();
    await created;
    const seen = store.view.get('service', 'a') ?? service({ id: 'a' });
    const winner = store.update((tx) => tx.update('service', { ...seen, specVersion: 2 }));
    const loser = store.update((tx) => tx.update('service', { ...seen, specVersion: 3 }));
    loser.catch(() => undefined);
    await settled();
    proposals[1]?.commit();
    await winner;
    await expect(loser).rejects.toMatchObject({ code: 'out-of-sequence' });
    expect(store.view.get('service', 'a')?.specVersion).toBe(2);
  });

  test('entries are split at the limit, in order', async () => {
    const store = memoryStore();
    const sizes: number[] = [];
    store.watch((event) => {
      if (event.kind === 'commit') {
        sizes.push(event.commit.changes.length);
      }
    });
    const data = new Uint8Array(450 * 1024);
    const writes = Array.from({ length: 5 }, (_, number) =>
      store.update((tx) =>
        tx.create('config', config({ id: `c${number}`, spec: { name: `c${number}`, labels: {}, data } })),
      ),
    );
    await Promise.all(writes);
    expect(sizes).toEqual([3, 2]);
  });

  test('a transaction too large for any entry is refused and those beside it are not', async () => {
    const store = memoryStore();
    const data = new Uint8Array(2 * 1024 * 1024);
    const large = store.update((tx) =>
      tx.create('config', config({ id: 'large', spec: { name: 'l', labels: {}, data } })),
    );
    const small = store.update((tx) => tx.create('config', config({ id: 'small' })));
    await expect(large).rejects.toMatchObject({ code: 'transaction-too-large' });
    await small;
    expect(store.view.count('config')).toBe(1);
  });

  test('an object without bytes fails its writer; whoever rode with it may retry, and the store goes on', async () => {
    const encodeBatch: typeof jsonCodec.encodeBatch = (batch) => {
      if (batch.changes.some((change) => change.action === 'create' && change.object.id === 'bad')) {
        throw new Error('no bytes for this');
      }
      return jsonCodec.encodeBatch(batch);
    };
    const store = memoryStore({ codec: { ...jsonCodec, encodeBatch } });
    const good = store.update((tx) => tx.create('service', service({ id: 'good' })));
    const bad = store.update((tx) => tx.create('service', service({ id: 'bad' })));
    const outcomes = await Promise.allSettled([good, bad]);
    expect(outcomes).toMatchObject([
      { reason: { code: 'dropped-with-group', retryable: true } },
      { reason: { code: 'not-encodable' } },
    ]);
    await store.update((tx) => tx.create('service', service({ id: 'good' })));
    expect([...store.view.all('service')].map((found) => found.id)).toEqual(['good']);
  });

  test('leadership lost: everything that waits is refused and nothing has changed', async () => {
    const { store, proposals } = heldStore();
    const outcomes = [store.update((tx) => tx.create('service', service({ id: 'a' })))];
    await settled();
    for (const id of ['b', 'c', 'd', 'e']) {
      outcomes.push(store.update((tx) => tx.create('service', service({ id }))));
      await settled();
    }
    expect(proposals).toHaveLength(4);
    for (const proposal of proposals) {
      proposal.refuse(notLeader());
    }
    for (const outcome of await Promise.allSettled(outcomes)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'not-leader' } });
    }
    expect(store.view.count('service')).toBe(0);
  });

  test('a dropped proposal fails its own transactions only', async () => {
    const { store, proposals } = heldStore();
    const dropped = store.update((tx) => tx.create('service', service({ id: 'a' })));
    await settled();
    const later = store.update((tx) => tx.create('service', service({ id: 'b' })));
    proposals[0]?.refuse(new SkeinError('unavailable', 'proposal-dropped', 'dropped'));
    await expect(dropped).rejects.toMatchObject({ code: 'proposal-dropped' });
    await settled();
    proposals[1]?.commit();
    await later;
    expect([...store.view.all('service')].map((found) => found.id)).toEqual(['b']);
  });
});

describe('watchers', () => {
  test('hear of each commit in order, with what was there before', async () => {
    const store = memoryStore();
    const events: StoreEvent[] = [];
    const unwatch = store.watch((event) => events.push(event));
    await store.update((tx) => tx.create('secret', secret({ id: 's' })));
    await store.update((tx) => tx.remove('secret', 's'));
    unwatch();
    await store.update((tx) => tx.create('secret', secret({ id: 's2' })));
    expect(events).toMatchObject([
      { kind: 'commit', commit: { version: 1, changes: [{ action: 'create', object: { id: 's' } }] } },
      { kind: 'commit', commit: { version: 2, changes: [{ action: 'remove', object: { id: 's' } }] } },
    ]);
    expect(events).toHaveLength(2);
  });
});

describe('a log that does not fit the state stops the process', () => {
  const object = service({ id: 'a' });
  test.each([
    ['a removal of nothing', { action: 'remove', table: 'service', id: 'a' }],
    ['an update of nothing', { action: 'update', table: 'service', object }],
  ] as const)('%s', (_what, change) => {
    const { store } = heldStore();
    const data = jsonCodec.encodeBatch({ timestampMs: 1, changes: [change] });
    expect(() => store.apply({ index: 1, term: 1, data })).toThrow('invariant broken');
  });

  test('an entry applied twice', () => {
    const { store } = heldStore();
    store.apply({ index: 1, term: 1, data: new Uint8Array(0) });
    expect(() => store.apply({ index: 1, term: 1, data: new Uint8Array(0) })).toThrow('invariant broken');
  });
});
