// The store's snapshot in the real wire format: however the stream is cut into chunks on its way, the same
// objects come out, and a stream that ends early is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSnapshot, writeSnapshot } from '../../manager/store/snapshot.ts';
import { State } from '../../manager/store/state.ts';
import { storeCodec } from '../../shared/wire/store.ts';
import { node, secret, task } from '../support/arbitraries.ts';
import { bytes as anyBytes } from '../support/value_arbitraries.ts';

const MAX_CHUNK_BYTES = 64 * 1024;
/** Larger than a chunk, so that records cross chunks. */
const LARGE_BYTES = 100_000;

const contents = fc.record({
  tasks: fc.uniqueArray(task, { selector: ({ id }) => id, maxLength: 5 }),
  nodes: fc.uniqueArray(node, { selector: ({ id }) => id, maxLength: 3 }),
  secret,
  data: anyBytes.map((seed) => Uint8Array.from({ length: LARGE_BYTES }, (_, index) => seed[index % 64] ?? 7)),
});

type Contents = typeof contents extends fc.Arbitrary<infer T> ? T : never;

function stateOf({ tasks, nodes, secret: small, data }: Contents): State {
  const state = new State();
  for (const object of tasks) {
    state.put('task', object.id, object);
  }
  for (const object of nodes) {
    state.put('node', object.id, object);
  }
  state.put('secret', small.id, { ...small, spec: { ...small.spec, data } });
  return state;
}

/** The large data as text, which compares a thousand times faster than an array. */
function listOf(state: State): unknown[] {
  const secrets = [...state.all('secret')].map((object) => ({
    ...object,
    spec: { ...object.spec, data: Buffer.from(object.spec.data).toString('base64') },
  }));
  return [...state.all('task'), ...state.all('node'), ...secrets];
}

/** Cuts bytes into pieces whose lengths come round and round; a length of 0 gives an empty piece. */
async function* pieces(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.subarray(from, from + length);
    from += length;
  }
}

const cuts = fc
  .array(fc.nat(50_000), { minLength: 1, maxLength: 5 })
  .filter((lengths) => lengths.reduce((sum, length) => sum + length, 0) > 500);

describe('a snapshot in the wire format', () => {
  it('comes out of chunks cut anywhere as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(contents, cuts, async (objects, lengths) => {
        const state = stateOf(objects);
        const chunks = [...writeSnapshot(state, storeCodec)];
        expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
        const restored = await readSnapshot(pieces(Buffer.concat(chunks), lengths), storeCodec);
        expect(listOf(restored)).toStrictEqual(listOf(state));
      }),
      { numRuns: 40 },
    );
  });

  it('that ends early is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        async (objects, part) => {
          const bytes = Buffer.concat([...writeSnapshot(stateOf(objects), storeCodec)]);
          const cut = bytes.subarray(0, Math.floor(bytes.length * part));
          await expect(readSnapshot(pieces(cut, [MAX_CHUNK_BYTES]), storeCodec)).rejects.toThrow(
            expect.objectContaining({ code: 'bad-snapshot' }),
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
