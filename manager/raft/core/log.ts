// The replicated log as one member holds it: entries since the last compaction, all in memory, with the
// marks committed, stable (on this member's disk), handed out and applied. It decides nothing.
import {
  assertCore,
  entryBytes,
  type Entry,
  type HardState,
  type InitialState,
  type SnapshotMeta,
} from './types.ts';

export class RaftLog {
  /** The newest snapshot that is on this member's disk, to be sent to followers that need older entries. */
  snapshot: SnapshotMeta;
  committed: number;
  /** Everything up to here is on this member's disk. */
  stable: number;
  /** Everything up to here was handed to the embedder to be applied. */
  handedOut: number;
  applied: number;
  /** A received snapshot that was not yet handed to the embedder. */
  incoming: SnapshotMeta | undefined;
  private entries: Entry[];
  /** Index and term of the entry just before `entries[0]`. */
  private baseIndex: number;
  private baseTerm: number;
  /** Everything up to here was handed to the embedder to be written. */
  private writing: number;

  constructor(initial: InitialState) {
    this.snapshot = initial.snapshot;
    this.entries = [...initial.entries];
    this.baseIndex = (initial.entries[0]?.index ?? initial.snapshot.index + 1) - 1;
    this.baseTerm = initial.entries.length > 0 ? initial.previousTerm : initial.snapshot.term;
    this.committed = Math.max(initial.hardState.commit, initial.snapshot.index);
    this.handedOut = initial.snapshot.index;
    this.applied = initial.snapshot.index;
    this.stable = this.lastIndex;
    this.writing = this.lastIndex;
    assertCore(this.committed <= this.lastIndex, 'the log on disk ends before the commit index');
    assertCore(this.baseIndex <= this.snapshot.index, 'the log on disk begins after the snapshot');
  }

  get firstIndex(): number {
    return this.baseIndex + 1;
  }

  get lastIndex(): number {
    return this.baseIndex + this.entries.length;
  }

  get lastTerm(): number {
    return this.entries[this.entries.length - 1]?.term ?? this.baseTerm;
  }

  /** Undefined for an entry that was compacted away or does not exist. */
  termAt(index: number): number | undefined {
    if (index === this.baseIndex) {
      return this.baseTerm;
    }
    if (index === this.snapshot.index) {
      return this.snapshot.term;
    }
    return this.entries[index - this.baseIndex - 1]?.term;
  }

  matches(index: number, term: number): boolean {
    return index === 0 || this.termAt(index) === term;
  }

  /** Raft section 5.4.1: the later last term wins, then the longer log. */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex);
  }

  /** Adds a leader's own entries at the end. */
  append(entry: Entry): void {
    assertCore(entry.index === this.lastIndex + 1, 'an appended entry leaves a gap');
    this.entries.push(entry);
  }

  /**
   * Takes a leader's entries that follow a matching entry; keeps what already matches, cuts what differs.
   * @returns the index of the last of them.
   */
  merge(prevIndex: number, incoming: readonly Entry[]): number {
    const lastNew = prevIndex + incoming.length;
    let skip = 0;
    while (skip < incoming.length && this.matchesEntry(incoming[skip])) {
      skip += 1;
    }
    if (skip < incoming.length) {
      this.cutFrom(prevIndex + skip + 1);
      for (let i = skip; i < incoming.length; i += 1) {
        const entry = incoming[i];
        if (entry !== undefined) {
          this.append(entry);
        }
      }
    }
    return lastNew;
  }

  commitTo(index: number): boolean {
    if (index <= this.committed) {
      return false;
    }
    assertCore(index <= this.lastIndex, `commit ${index} is beyond the last entry ${this.lastIndex}`);
    this.committed = index;
    return true;
  }

  /** The last index at or below `index` whose term is at most `term`: where a rejected append may match. */
  lastNotAfterTerm(index: number, term: number): { index: number; term: number } {
    let at = Math.min(index, this.lastIndex);
    while (at > this.baseIndex && (this.termAt(at) ?? 0) > term) {
      at -= 1;
    }
    return { index: at, term: this.termAt(at) ?? 0 };
  }

  /** Entries from `from` on, at most `maxBytes` of them but at least one. */
  slice(from: number, to: number, maxBytes: number): readonly Entry[] {
    const low = from - this.baseIndex - 1;
    const limit = to - this.baseIndex;
    assertCore(low >= 0, `entry ${from} was compacted away`);
    let high = low;
    let bytes = 0;
    while (high < limit) {
      const entry = this.entries[high];
      if (entry === undefined) {
        break;
      }
      bytes += entryBytes(entry);
      if (bytes > maxBytes && high > low) {
        break;
      }
      high += 1;
    }
    return this.entries.slice(low, high);
  }

  /** Entries that were never handed out to be written; marks them so. */
  takeUnwritten(): readonly Entry[] {
    if (this.writing >= this.lastIndex) {
      return [];
    }
    const entries = this.entries.slice(this.writing - this.baseIndex);
    this.writing = this.lastIndex;
    return entries;
  }

  hasUnwritten(): boolean {
    return this.writing < this.lastIndex || this.incoming !== undefined;
  }

  /** The last index that the write in progress covers; shrinks when the log is cut below it. */
  get writingIndex(): number {
    return this.writing;
  }

  /** Entries that are committed and on this disk and were not handed out; marks them so. */
  takeCommitted(maxBytes: number): readonly Entry[] {
    if (!this.hasCommitted()) {
      return [];
    }
    const entries = this.slice(this.handedOut + 1, Math.min(this.committed, this.stable), maxBytes);
    this.handedOut += entries.length;
    return entries;
  }

  hasCommitted(): boolean {
    return this.incoming === undefined && Math.min(this.committed, this.stable) > this.handedOut;
  }

  /** Replaces everything by a received snapshot; the entries after it come from the leader anew. */
  restore(snapshot: SnapshotMeta): void {
    this.entries = [];
    this.baseIndex = snapshot.index;
    this.baseTerm = snapshot.term;
    this.committed = snapshot.index;
    this.handedOut = snapshot.index;
    this.writing = snapshot.index;
    this.stable = snapshot.index;
    this.snapshot = snapshot;
    this.incoming = snapshot;
  }

  /** Forgets entries up to `index`, which the newest snapshot must cover. */
  compact(index: number): void {
    assertCore(index <= this.snapshot.index && index <= this.applied, `entry ${index} is not in a snapshot`);
    if (index <= this.baseIndex) {
      return;
    }
    const term = this.termAt(index);
    assertCore(term !== undefined, `entry ${index} does not exist`);
    this.entries = this.entries.slice(index - this.baseIndex);
    this.baseIndex = index;
    this.baseTerm = term;
  }

  /** The lowest index after which at most so many entries and bytes of them lie, up to `to`. */
  tailStart(to: number, maxEntries: number, maxBytes: number): number {
    let at = Math.min(to, this.lastIndex);
    const lowest = Math.max(this.baseIndex, at - maxEntries);
    let bytes = 0;
    while (at > lowest) {
      const entry = this.entryAt(at);
      bytes += entry === undefined ? 0 : entryBytes(entry);
      if (bytes > maxBytes) {
        break;
      }
      at -= 1;
    }
    return at;
  }

  /** Config entries among (from, to]. */
  hasConfigEntry(from: number, to: number): boolean {
    for (let index = from + 1; index <= to; index += 1) {
      if (this.entries[index - this.baseIndex - 1]?.kind === 'config') {
        return true;
      }
    }
    return false;
  }

  entryAt(index: number): Entry | undefined {
    return this.entries[index - this.baseIndex - 1];
  }

  private matchesEntry(entry: Entry | undefined): boolean {
    return entry !== undefined && (entry.index <= this.baseIndex || this.termAt(entry.index) === entry.term);
  }

  private cutFrom(index: number): void {
    assertCore(index > this.committed, `a leader would overwrite the committed entry ${index}`);
    if (index > this.lastIndex) {
      return;
    }
    this.entries.length = index - this.baseIndex - 1;
    this.stable = Math.min(this.stable, index - 1);
    this.writing = Math.min(this.writing, index - 1);
  }
}

export function sameHardState(a: HardState, b: HardState): boolean {
  return a.term === b.term && a.vote === b.vote && a.commit === b.commit;
}
