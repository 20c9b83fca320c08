// While a group of transactions is on its way to a majority the next one runs on top of it: what each sees, what is
// told when, and what becomes of those that ran on a group that was lost.
import { describe, expect, test } from 'vitest';
import { jsonCodec } from '../../test/support/json_codec.ts';
import { service } from '../../test/support/objects.ts';
import { SkeinError } from '../../shared/errors.ts';
import type { WriteTransaction } from './api.ts';
import { ReplicatedStore } from './store.ts';

const clock = { now: () => 1_000, monotonic: () => 0, after: never, sleep: never };

function never(): never {
  throw new Error('the store needs no timer');
}

/** A store whose entries go through or are lost as the test says, and what has been told of them so far. */
function station(defer?: (callback: () => void) => void) {
  const log: string[] = [];
  const proposals: { readonly data: Uint8Array; settle: (fate: 'applied' | SkeinError) => void }[] = [];
  let index = 0;
  let lost = 0;
  const store: ReplicatedStore = new ReplicatedStore({
    clock,
    defer,
    codec: jsonCodec,
    proposer: {
      basis: () => lost,
      propose: (data, basis) =>
        new Promise((resolve, reject) => {
          log.push(`proposed on ${basis}`);
          const settle = (fate: 'applied' | SkeinError): void => {
            if (fate === 'applied') {
              index += 1;
              store.apply({ index, term: 1, data });
              resolve(index);
            } else {
              lost += 1;
              reject(fate);
            }
          };
          proposals.push({ data, settle });
        }),
    },
  });
  store.watch((event) => {
    if (event.kind === 'commit') {
      log.push(`commit ${event.commit.version}`);
    }
  });
  const write = async (name: string, change: (tx: WriteTransaction) => unknown): Promise<void> => {
    const ended = store.update((tx) => {
      log.push(`${name} runs`);
      return change(tx);
    });
    void ended.then(
      (result) => log.push(`${name}: ${result ?? 'done'}`),
      (error: SkeinError) => log.push(`${name}: ${error.code}`),
    );
    await settled();
  };
  const settle = async (at: number, fate: 'applied' | SkeinError = 'applied'): Promise<void> => {
    log.push(`-- entry ${at} ${fate === 'applied' ? 'applied' : 'lost'}`);
    proposals[at]?.settle(fate);
    await settled();
  };
  /** An entry whose proposer was told that nobody knows is applied after all. */
  const arrive = (at: number): void => {
    index += 1;
    store.apply({ index, term: 1, data: Uint8Array.from(proposals[at]?.data ?? []) });
  };
  const create = (name: string): Promise<void> =>
    write(name, (tx) => tx.create('service', service({ id: name })));
  return { store, log, write, create, settle, arrive };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const dropped = (): SkeinError => new SkeinError('unavailable', 'proposal-dropped', 'leadership was lost');
const unconfirmed = (): SkeinError => new SkeinError('unavailable', 'earlier-unconfirmed', 'it builds on it');

describe('groups on their way', () => {
  test('the second sees the first, readers neither, and nobody is told before it is applied', async () => {
    const { store, log, write, create, settle } = station();
    await create('a');
    await write('count', (tx) => `${tx.count('service')} services`);
    await write('b', (tx) => {
      tx.create('service', service({ id: 'b' }));
      return `${tx.count('service')} services`;
    });
    expect(store.view.count('service')).toBe(0);
    await settle(0);
    expect(store.view.count('service')).toBe(1);
    await settle(1);
    expect(log).toEqual([
      'a runs',
      'proposed on 0',
      'count runs',
      'b runs',
      'proposed on 0',
      '-- entry 0 applied',
      'commit 1',
      'a: done',
      'count: 1 services',
      '-- entry 1 applied',
      'commit 2',
      'b: 2 services',
    ]);
  });

  test('a fifth waits until one of them is applied', async () => {
    const { log, create, settle } = station();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await create(name);
    }
    expect(log).toContain('d runs');
    expect(log).not.toContain('e runs');
    await settle(0);
    expect(log.slice(-2)).toEqual(['e runs', 'proposed on 0']);
  });

  test('what comes while one is on its way rides together once the event loop has turned', async () => {
    const turns: (() => void)[] = [];
    const { log, create } = station((turn) => turns.push(turn));
    for (const name of ['a', 'b', 'c']) {
      await create(name);
    }
    expect(log).toEqual(['a runs', 'proposed on 0']);
    expect(turns).toHaveLength(1);
    turns[0]?.();
    expect(log.slice(2)).toEqual(['b runs', 'c runs', 'proposed on 0']);
  });

  test('a refusal for what is on its way is told when that is applied', async () => {
    const { log, create, settle } = station();
    await create('a');
    await create('a');
    expect(log.at(-1)).toBe('a runs');
    await settle(0);
    expect(log.slice(-2)).toEqual(['a: done', 'a: object-exists']);
  });

  test('whoever hears of the first may build on it while the second is on its way', async () => {
    const { store, log, write, create, settle } = station();
    await create('a');
    await create('b');
    store.watch((event) => {
      const heard = event.kind === 'commit' ? event.commit.changes[0]?.object : undefined;
      if (heard?.id === 'a') {
        void write('a again', (tx) => tx.update('service', { ...service({ id: 'a' }), meta: heard.meta }));
      }
    });
    await settle(0);
    await settle(1);
    await settle(2);
    expect(log.at(-1)).toBe('a again: done');
  });
});

describe('a group that is lost', () => {
  test('takes what ran on it along; nothing runs before all have ended, and then as if they had never been', async () => {
    const { store, log, write, create, settle } = station();
    await create('a');
    await create('b');
    await settle(0, dropped());
    await create('c');
    expect(log.slice(-2)).toEqual(['-- entry 0 lost', 'a: proposal-dropped']);
    await settle(1, unconfirmed());
    expect(log.slice(-3)).toEqual(['b: earlier-unconfirmed', 'c runs', 'proposed on 2']);
    await write('count', (tx) => `${tx.count('service')} services`);
    await settle(2);
    expect(log.at(-1)).toBe('count: 1 services');
    expect([...store.view.all('service')].map(({ id }) => id)).toEqual(['c']);
  });

  test('that reached a majority after all keeps its place below the second', async () => {
    // Whoever proposed it was told that nobody knows; the second one follows it in the log.
    const { store, log, create, settle, arrive } = station();
    await create('a');
    await create('b');
    await settle(0, dropped());
    await create('c');
    arrive(0);
    expect(log).not.toContain('c runs');
    await settle(1);
    expect(log.slice(-4)).toEqual(['commit 2', 'b: done', 'c runs', 'proposed on 1']);
    expect([...store.view.all('service')].map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('takes the refusals that were seen on it along', async () => {
    const { log, create, settle } = station();
    await create('a');
    await create('a');
    await settle(0, dropped());
    expect(log.slice(-2)).toEqual(['a: proposal-dropped', 'a: proposal-dropped']);
  });
});
