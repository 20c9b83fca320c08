// A state machine that takes long for each chunk: the event loop must have its turns.
import { expect, it } from 'vitest';
import { paced } from './pacing.ts';

it('lets the event loop turn whenever the reader has used up a slice', async () => {
  let now = 0;
  const clock = { now: () => now, monotonic: () => now, after: unused, sleep: unused };
  const seen: string[] = [];
  const breathe = async (): Promise<void> => {
    seen.push(`turn at ${now}`);
  };
  async function* chunks() {
    for (let number = 1; number <= 6; number += 1) {
      yield Uint8Array.of(number);
    }
  }
  for await (const chunk of paced(chunks(), { clock, breathe })) {
    seen.push(`chunk ${chunk[0]}`);
    now += 2;
  }
  expect(seen).toEqual([
    'chunk 1',
    'chunk 2',
    'chunk 3',
    'turn at 6',
    'chunk 4',
    'chunk 5',
    'chunk 6',
    'turn at 12',
  ]);
});

it('lets it turn within a chunk that takes the reader longer than a slice', async () => {
  let now = 0;
  const clock = { now: () => now, monotonic: () => now, after: unused, sleep: unused };
  let turns = 0;
  const breathe = async (): Promise<void> => {
    turns += 1;
  };
  const sent = Uint8Array.from({ length: 64 * 1024 }, (_, at) => at % 251);
  async function* chunks() {
    yield sent;
  }
  const read: Uint8Array[] = [];
  for await (const piece of paced(chunks(), { clock, breathe })) {
    read.push(piece);
    now += 3;
  }
  expect(turns).toBe(8);
  expect(Buffer.compare(Buffer.concat(read), sent)).toBe(0);
});

function unused(): never {
  throw new Error('pacing needs no timer');
}
