// What one member keeps on disk: the log and its snapshots below one directory. It turns the core's writes
// into log items and files, and what is on disk back into the core's initial state.
//
//   <directory>/wal/<segment>.wal     <directory>/snap/<index>-<term>.snap
import { join } from 'node:path';
import type { Random } from '../../../shared/random.ts';
import type { Entry, HardState, InitialState, SnapshotMeta, Write } from '../core/types.ts';
import type { Disk } from './disk.ts';
import { corrupt, diskFailed } from './errors.ts';
import type { LogItem } from './record.ts';
import { SnapshotFiles, type SnapshotWriter } from './snapshots.ts';
import { type TornTail, Wal } from './wal.ts';

/** Large enough that making a segment is rare, small enough that reading one whole is cheap. */
const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024;

export interface RaftStorageOptions {
  readonly directory: string;
  /** 32 bytes; see `openDataKey`. */
  readonly dataKey: Uint8Array;
  readonly segmentBytes?: number;
  /** Bytes of entries gathered into one record of the log. */
  readonly recordBytes?: number;
}

export interface StoredState {
  readonly raftId: number;
  readonly initial: InitialState;
  /** What a crash left behind and was cut. */
  readonly torn: TornTail | undefined;
}

export class RaftStorage {
  readonly snapshots: SnapshotFiles;
  private readonly disk: Disk;
  private readonly directory: string;
  private readonly wal: Wal;
  private raftId = 0;
  private hardState: HardState = { term: 0, vote: 0, commit: 0 };
  private failure: unknown;

  constructor(dependencies: { readonly disk: Disk; readonly random: Random }, options: RaftStorageOptions) {
    const { directory, dataKey, segmentBytes = DEFAULT_SEGMENT_BYTES, recordBytes } = options;
    this.disk = dependencies.disk;
    this.directory = directory;
    this.wal = new Wal(dependencies, {
      directory: join(directory, 'wal'),
      dataKey,
      segmentBytes,
      ...(recordBytes !== undefined && { recordBytes }),
    });
    this.snapshots = new SnapshotFiles(dependencies, { directory: join(directory, 'snap'), dataKey });
  }

  /** Reads what is on disk; undefined when this member has never started. Call once, before anything else. */
  async load(): Promise<StoredState | undefined> {
    const snapshot = await this.snapshots.newest();
    const replay = new Replay();
    const torn = await this.wal.replay((item, file) => replay.visit(item, file));
    if (replay.raftId === 0 || snapshot === undefined) {
      if (replay.raftId !== 0) {
        throw corrupt(join(this.directory, 'snap'), 0, 'the log is there but its snapshot is missing');
      }
      if (snapshot !== undefined && snapshot.index > 0) {
        throw corrupt(join(this.directory, 'wal'), 0, 'a snapshot is there but its log is missing');
      }
      return undefined;
    }
    this.raftId = replay.raftId;
    const { initial, dropped } = replay.finish(snapshot);
    this.hardState = initial.hardState;
    await this.writing(() =>
      this.wal.beginSegment([
        ...this.opening(),
        ...(dropped ? [{ kind: 'reset', index: snapshot.index, term: snapshot.term } as const] : []),
      ]),
    );
    return { raftId: this.raftId, initial, torn };
  }

  /** The first start of a member, after `load` found nothing: what it knows before any log entry is its group's members. */
  create(raftId: number, members: SnapshotMeta['members']): Promise<InitialState> {
    return this.createFrom(raftId, { index: 0, term: 0, members }, []);
  }

  /** As `create`, beginning with a state: a cluster restored from a backup. Must be opened anew after it. */
  async createFrom(
    raftId: number,
    snapshot: SnapshotMeta,
    chunks: Iterable<Uint8Array>,
  ): Promise<InitialState> {
    await this.writing(async () => {
      const { temporary, writer } = await this.snapshots.begin(snapshot);
      for (const chunk of chunks) {
        await writer.write(chunk);
      }
      await writer.finish();
      await this.snapshots.publish(temporary, snapshot);
      this.raftId = raftId;
      this.hardState = { term: snapshot.term, vote: 0, commit: snapshot.index };
      await this.wal.beginSegment(this.opening());
      // The directories of log and snapshots are new as well.
      await this.disk.syncDirectory(this.directory);
    });
    return { hardState: this.hardState, snapshot, entries: [], previousTerm: snapshot.term };
  }

  /** Makes a write of the core durable. A received snapshot must have been published before. */
  async write(write: Pick<Write, 'entries' | 'hardState' | 'snapshot'>): Promise<void> {
    if (this.failure !== undefined) {
      throw diskFailed(this.directory, this.failure);
    }
    const items: LogItem[] = [];
    if (write.snapshot !== undefined) {
      items.push({ kind: 'reset', index: write.snapshot.index, term: write.snapshot.term });
    }
    for (const entry of write.entries) {
      items.push({ kind: 'entry', entry });
    }
    // Last, so that its commit index never points beyond entries that a crash tore off.
    items.push({ kind: 'hard-state', hardState: write.hardState });
    await this.writing(async () => {
      await this.wal.append(items);
      this.hardState = write.hardState;
      if (this.wal.segmentFull) {
        await this.wal.beginSegment(this.opening());
      }
    });
  }

  /** Begins a snapshot of the own state or a received one. */
  beginSnapshot(
    meta: SnapshotMeta,
  ): Promise<{ readonly temporary: string; readonly writer: SnapshotWriter }> {
    return this.snapshots.begin(meta);
  }

  /** A newer snapshot is published: removes what nobody needs any more, keeping entries after `keepAfter`. */
  async compact(snapshot: SnapshotMeta, keepAfter: number): Promise<void> {
    await this.snapshots.removeBefore(snapshot);
    await this.wal.removeUpTo(Math.min(keepAfter, snapshot.index));
  }

  close(): Promise<void> {
    return this.wal.close();
  }

  /** After a write that failed, none is tried any more: nobody knows what of it is on disk. */
  private async writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failure = error;
      throw diskFailed(this.directory, error);
    }
  }

  private opening(): readonly LogItem[] {
    return [
      { kind: 'member', raftId: this.raftId },
      { kind: 'hard-state', hardState: this.hardState },
    ];
  }
}

/** Follows the items of a log in order to what they leave at the end. */
class Replay {
  raftId = 0;
  private hardState: HardState = { term: 0, vote: 0, commit: 0 };
  private entries: Entry[] = [];

  visit(item: LogItem, file: string): void {
    switch (item.kind) {
      case 'member':
        this.raftId = item.raftId;
        return;
      case 'hard-state':
        this.hardState = item.hardState;
        return;
      case 'reset':
        this.entries = [];
        return;
      case 'entry':
        this.place(item.entry, file);
    }
  }

  private place(entry: Entry, file: string): void {
    const first = this.entries[0]?.index ?? entry.index;
    const at = entry.index - first;
    if (at > this.entries.length) {
      throw corrupt(file, 0, `entry ${entry.index} follows entry ${first + this.entries.length - 1}`);
    }
    if (at < 0) {
      this.entries = [entry];
      return;
    }
    this.entries.length = at;
    this.entries.push(entry);
  }

  /** @returns `dropped` when the snapshot replaces the log: a crash came between installing it and noting so. */
  finish(snapshot: SnapshotMeta): { readonly initial: InitialState; readonly dropped: boolean } {
    const first = this.entries[0];
    const commit = Math.max(this.hardState.commit, snapshot.index);
    // The term of the snapshot's entry is voted for by a majority: this member is at least there.
    const term = Math.max(this.hardState.term, snapshot.term, this.entries.at(-1)?.term ?? 0);
    const vote = term === this.hardState.term ? this.hardState.vote : 0;
    const base = { hardState: { term, vote, commit }, snapshot };
    const last = Math.max(this.entries.at(-1)?.index ?? 0, snapshot.index);
    if (commit > last) {
      throw corrupt('the log', 0, `it ends at entry ${last}, but entry ${commit} was committed`);
    }
    if (first === undefined) {
      return { initial: { ...base, entries: [], previousTerm: snapshot.term }, dropped: false };
    }
    const atSnapshot = this.entries[snapshot.index - first.index];
    if (first.index === snapshot.index + 1) {
      return { initial: { ...base, entries: this.entries, previousTerm: snapshot.term }, dropped: false };
    }
    if (atSnapshot?.term === snapshot.term) {
      // The first entry kept stands for the one before the log: its term is known, its predecessor's is not.
      const entries = first.index === 1 ? this.entries : this.entries.slice(1);
      const previousTerm = first.index === 1 ? 0 : first.term;
      return { initial: { ...base, entries, previousTerm }, dropped: false };
    }
    if (first.index > snapshot.index) {
      throw corrupt(
        'the log',
        0,
        `it begins at entry ${first.index}, the newest snapshot ends at ${snapshot.index}`,
      );
    }
    return { initial: { ...base, entries: [], previousTerm: snapshot.term }, dropped: true };
  }
}
