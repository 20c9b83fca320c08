// A set of ids kept in order: the base of ordered iteration, prefix search and every index. It knows
// nothing of the objects. Sorted chunks bound the cost of a write by the chunk, not by the set.
import type { Id } from '../../shared/model/meta.ts';

/** Ids in a chunk before it is split in two: moving that many pointers costs well under a microsecond. */
const MAX_CHUNK_IDS = 512;

export class SortedIds {
  /** Never empty chunks, each sorted, in order. */
  private readonly chunks: Id[][] = [];
  private length = 0;

  get size(): number {
    return this.length;
  }

  /** Adds an id; returns false when it was there. */
  add(id: Id): boolean {
    const at = this.chunkFor(id);
    const chunk = this.chunks[at];
    if (chunk === undefined) {
      this.chunks.push([id]);
      this.length += 1;
      return true;
    }
    const position = lowerBound(chunk, id);
    if (chunk[position] === id) {
      return false;
    }
    chunk.splice(position, 0, id);
    this.length += 1;
    if (chunk.length > MAX_CHUNK_IDS) {
      this.chunks.splice(at + 1, 0, chunk.splice(chunk.length >> 1));
    }
    return true;
  }

  /** Removes an id; returns false when it was not there. */
  remove(id: Id): boolean {
    const at = this.chunkFor(id);
    const chunk = this.chunks[at];
    if (chunk === undefined) {
      return false;
    }
    const position = lowerBound(chunk, id);
    if (chunk[position] !== id) {
      return false;
    }
    chunk.splice(position, 1);
    this.length -= 1;
    if (chunk.length === 0) {
      this.chunks.splice(at, 1);
    }
    return true;
  }

  /** All ids as they are now; costs a copy of pointers. */
  copy(): readonly (readonly Id[])[] {
    return this.chunks.map((chunk) => chunk.slice());
  }

  /** Calls with each id in order: the fast path where no iterator is needed. */
  forEach(visit: (id: Id) => void): void {
    for (const chunk of this.chunks) {
      for (const id of chunk) {
        visit(id);
      }
    }
  }

  *[Symbol.iterator](): Generator<Id, void, undefined> {
    for (const chunk of this.chunks) {
      yield* chunk;
    }
  }

  /** All ids that begin with the prefix, in order. */
  *withPrefix(prefix: string): Generator<Id, void, undefined> {
    for (let at = this.chunkFor(prefix); at < this.chunks.length; at += 1) {
      const chunk = this.chunks[at] ?? [];
      for (let position = lowerBound(chunk, prefix); position < chunk.length; position += 1) {
        const id = chunk[position] ?? '';
        if (!id.startsWith(prefix)) {
          return;
        }
        yield id;
      }
    }
  }

  /** Index of the last chunk whose first id is not after `id`; 0 when there is none. */
  private chunkFor(id: Id): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const first = this.chunks[middle]?.[0] ?? '';
      if (first <= id) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return Math.max(0, low - 1);
  }
}

/** First position whose id is not before `id`. */
function lowerBound(ids: readonly Id[], id: Id): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? '') < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
