// Long work in slices: whoever reads a paced stream gives the event loop its turn between two pieces once a slice is
// used up, so that heartbeats are answered all the while.
import type { Clock } from '../../shared/clock.ts';

/** A heartbeat is due every 100 ms; the piece in hand when the slice ends comes on top. */
const SLICE_MS = 5;
/** A chunk of a snapshot (64 KiB) holds some 250 tasks, whose reading takes several slices; a piece holds 16. */
const PIECE_BYTES = 4 * 1024;

export interface PacingDependencies {
  readonly clock: Clock;
  /** Lets the event loop turn once. */
  readonly breathe: () => Promise<void>;
}

/** The same bytes in smaller pieces; the time between two reads counts as the reader's. */
export async function* paced(
  chunks: AsyncIterable<Uint8Array>,
  { clock, breathe }: PacingDependencies,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sliceEnd = clock.monotonic() + SLICE_MS;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      yield chunk.subarray(at, at + PIECE_BYTES);
      if (clock.monotonic() >= sliceEnd) {
        await breathe();
        sliceEnd = clock.monotonic() + SLICE_MS;
      }
    }
  }
}
