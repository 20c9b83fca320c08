// Long work in slices: whoever reads a paced stream gives the event loop its turn between two chunks once a slice is
// used up, so that heartbeats are answered all the while.
import type { Clock } from '../../shared/clock.ts';

/** A heartbeat is due every 100 ms; the chunk in hand when the slice ends comes on top. */
const SLICE_MS = 5;

export interface PacingDependencies {
  readonly clock: Clock;
  /** Lets the event loop turn once. */
  readonly breathe: () => Promise<void>;
}

/** The same chunks; the time between two reads counts as the reader's. */
export async function* paced(
  chunks: AsyncIterable<Uint8Array>,
  { clock, breathe }: PacingDependencies,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sliceEnd = clock.monotonic() + SLICE_MS;
  for await (const chunk of chunks) {
    yield chunk;
    if (clock.monotonic() >= sliceEnd) {
      await breathe();
      sliceEnd = clock.monotonic() + SLICE_MS;
    }
  }
}
