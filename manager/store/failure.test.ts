// Whatever the proposer refuses: a transaction that was told to have succeeded is in the state, one that
// was told to have failed is not, and the log alone leads a replica to the same state.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { service } from '../../test/support/objects.ts';
import { SkeinError } from '../../shared/errors.ts';
import { storeCodec } from '../../shared/wire/store.ts';
import type { AppliedEntry } from '../raft/api.ts';
import { ReplicatedStore } from './store.ts';

const clock = {
  now: () => 1_000,
  monotonic: () => 0,
  after: () => ({ cancel: () => undefined }),
  sleep: () => Promise.resolve(),
};

const FATES = ['committed', 'committed', 'committed', 'proposal-dropped', 'not-leader'] as const;

test('told and true agree under random refusals', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.record({ fate: fc.constantFrom(...FATES), pauses: fc.boolean() }), { maxLength: 25 }),
    async (steps) => {
      const fates = steps.map(({ fate }) => fate);
      const log: AppliedEntry[] = [];
      let lost = 0;
      const store: ReplicatedStore = new ReplicatedStore({
        clock,
        codec: storeCodec,
        proposer: {
          basis: () => lost,
          propose: async (data, basis) => {
            await new Promise((resolve) => setImmediate(resolve));
            const fate = basis === lost ? (fates.pop() ?? 'committed') : 'earlier-unconfirmed';
            if (fate !== 'committed') {
              lost += 1;
              throw new SkeinError('unavailable', fate, fate);
            }
            const entry = { index: log.length + 1, term: 1, data };
            log.push({ ...entry, data: Uint8Array.from(data) });
            store.apply(entry);
            return entry.index;
          },
        },
      });
      const outcomes: Promise<boolean>[] = [];
      for (const [number, { pauses }] of steps.entries()) {
        const write = store.update((tx) => {
          tx.create('service', service({ id: `s${number}` }));
          const counter = tx.get('service', 'counter') ?? service({ id: 'counter', specVersion: 0 });
          const next = { ...counter, specVersion: counter.specVersion + 1 };
          tx[tx.get('service', 'counter') === undefined ? 'create' : 'update']('service', next);
        });
        outcomes.push(
          write.then(
            () => true,
            () => false,
          ),
        );
        if (pauses) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      const told = await Promise.all(outcomes);
      const present = steps.map((_step, number) => store.view.get('service', `s${number}`) !== undefined);
      expect(present).toEqual(told);
      const succeeded = told.filter((success) => success).length;
      expect(store.view.get('service', 'counter')?.specVersion ?? 0).toBe(succeeded);

      const replica = new ReplicatedStore({
        clock,
        codec: storeCodec,
        proposer: { basis: () => 0, propose: never },
      });
      for (const entry of log) {
        replica.apply(entry);
      }
      expect([...replica.view.all('service')]).toEqual([...store.view.all('service')]);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

function never(): Promise<number> {
  return Promise.reject(new Error('a replica proposes nothing'));
}
