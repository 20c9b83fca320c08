// When to take a snapshot of the own state, and how: frozen at once, written in slices that leave the event
// loop free, then the log is cut behind it.
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { StateMachine } from './api.ts';
import type { Member, SnapshotMeta } from './core/types.ts';
import type { RaftStorage } from './storage/storage.ts';

/** The event loop turns at least this often while a snapshot is written. */
const SLICE_MS = 5;
/** Entries are kept in memory: large ones make a snapshot due earlier. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;

/** What is kept for slow followers is held in memory by every member: entries of 1.5 MiB would be 750 MiB. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

export interface SnapshotterOptions {
  /** Entries from one snapshot to the next. */
  readonly everyEntries: number;
  /** Entries kept behind a snapshot for slow followers. */
  readonly keepEntries: number;
}

interface Dependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storage: RaftStorage;
  readonly stateMachine: StateMachine;
  readonly breathe: () => Promise<void>;
  /** The index after which at most so many entries and bytes lie up to `index`. */
  readonly tailStart: (index: number, maxEntries: number, maxBytes: number) => number;
  /** Tells the core; called when the snapshot is durable. */
  readonly compact: (snapshot: SnapshotMeta, keepAfter: number) => void;
}

export class Snapshotter {
  private readonly dependencies: Dependencies;
  private readonly options: SnapshotterOptions;
  private lastIndex = 0;
  private bytes = 0;
  private running: Promise<void> | undefined;

  constructor(dependencies: Dependencies, options: SnapshotterOptions) {
    this.dependencies = dependencies;
    this.options = options;
  }

  /** A snapshot at this index exists. */
  begin(index: number): void {
    this.lastIndex = Math.max(this.lastIndex, index);
  }

  /** An entry of that many bytes was applied. */
  count(bytes: number): void {
    this.bytes += bytes;
  }

  /** Everything up to `applied` is applied: takes a snapshot when one is due. @param floor as for `take`. */
  progress(
    core: { termAt(index: number): number | undefined; members(): readonly Member[] },
    applied: number,
    floor: number,
  ): void {
    if (this.due(applied)) {
      const meta = { index: applied, term: core.termAt(applied) ?? 0, members: core.members() };
      this.take(meta, Math.min(applied, floor));
    }
  }

  private due(applied: number): boolean {
    const many = applied - this.lastIndex >= this.options.everyEntries;
    return this.running === undefined && applied > this.lastIndex && (many || this.bytes >= MAX_LOG_BYTES);
  }

  /**
   * Freezes the state now, at `meta.index`, and writes it. A failure is logged and tried again after as many entries.
   * @param floor entries after this index are kept in any case (a follower is being brought up to it).
   */
  take(meta: SnapshotMeta, floor: number): void {
    const chunks = this.dependencies.stateMachine.snapshot();
    this.lastIndex = meta.index;
    this.bytes = 0;
    this.running = this.write(meta, chunks, floor)
      .catch((error) => {
        this.dependencies.logger.error({ error: errorMessage(error), index: meta.index }, 'snapshot failed');
      })
      .finally(() => {
        this.running = undefined;
      });
  }

  async stop(): Promise<void> {
    await this.running;
  }

  private async write(meta: SnapshotMeta, chunks: Iterable<Uint8Array>, floor: number): Promise<void> {
    const { clock, storage, breathe, tailStart } = this.dependencies;
    const started = clock.monotonic();
    const { temporary, writer } = await storage.beginSnapshot(meta);
    try {
      let sliceEnd = clock.monotonic() + SLICE_MS;
      for (const chunk of chunks) {
        await writer.write(chunk);
        if (clock.monotonic() >= sliceEnd) {
          await breathe();
          sliceEnd = clock.monotonic() + SLICE_MS;
        }
      }
      await writer.finish();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    try {
      await storage.snapshots.publish(temporary, meta);
    } catch (error) {
      await storage.snapshots.discard(temporary);
      throw error;
    }
    const keepAfter = Math.min(tailStart(meta.index, this.options.keepEntries, MAX_KEPT_BYTES), floor);
    this.dependencies.compact(meta, keepAfter);
    await storage.compact(meta, keepAfter);
    const tookMs = Math.round(clock.monotonic() - started);
    this.dependencies.logger.info({ index: meta.index, tookMs }, 'snapshot written');
  }
}
