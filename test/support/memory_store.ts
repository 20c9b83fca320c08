// The real store over a proposer that commits at once, for tests of everything that stands on a store.
// Nothing here is product: entries are applied a microtask later instead of by a majority.
import { SkeinError } from '../../shared/errors.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { StoreCodec } from '../../manager/store/codec.ts';
import { ReplicatedStore } from '../../manager/store/store.ts';
import { storeCodec } from '../../shared/wire/store.ts';

export interface MemoryStoreOptions {
  readonly clock?: Clock;
  readonly codec?: StoreCodec;
  /** Sees each entry before it is applied. */
  readonly observe?: (index: number, data: Uint8Array) => void;
}

/** A store of one member; the version of the first transaction is 1. */
export function memoryStore(options: MemoryStoreOptions = {}): ReplicatedStore {
  let index = 0;
  let lost = 0;
  const store: ReplicatedStore = new ReplicatedStore({
    clock: options.clock ?? systemClock,
    codec: options.codec ?? storeCodec,
    proposer: {
      basis: () => lost,
      propose: async (data, basis) => {
        await Promise.resolve();
        if (basis !== lost) {
          throw new SkeinError('unavailable', 'earlier-unconfirmed', 'it builds on what was lost');
        }
        index += 1;
        try {
          options.observe?.(index, data);
        } catch (error) {
          lost += 1;
          throw error;
        }
        store.apply({ index, term: 1, data });
        return index;
      },
    },
  });
  return store;
}
