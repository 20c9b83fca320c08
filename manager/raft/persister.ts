// Makes the core's writes durable, one after the other (the core has one out at a time), and tells how each ended.
// It knows the order of snapshot and log on the disk, not what follows from a write.
import { SkeinError } from '../../shared/errors.ts';
import type { SnapshotMeta, Write } from './core/types.ts';
import type { RaftStorage } from './storage/storage.ts';

export interface PersisterHooks {
  /** Gives a received snapshot its name; called before the log that follows it is written. */
  publish(snapshot: SnapshotMeta): Promise<void>;
  /** The write is durable. */
  onWritten(write: Write): void;
  /** The disk takes no more of the log; nothing may be written after this. */
  onDiskFailure(error: SkeinError): Promise<void>;
  onFailure(error: unknown): void;
}

export class Persister {
  private readonly storage: RaftStorage;
  private readonly hooks: PersisterHooks;
  private running: Promise<void> = Promise.resolve();

  constructor(storage: RaftStorage, hooks: PersisterHooks) {
    this.storage = storage;
    this.hooks = hooks;
  }

  begin(write: Write): void {
    this.running = this.persist(write);
  }

  /** Resolves when the write in progress has ended, well or not. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async persist(write: Write): Promise<void> {
    try {
      if (write.snapshot !== undefined) {
        await this.hooks.publish(write.snapshot);
      }
      await this.storage.write(write);
      this.hooks.onWritten(write);
    } catch (error) {
      if (error instanceof SkeinError && error.code === 'raft-disk-failed') {
        await this.hooks.onDiskFailure(error);
      } else {
        this.hooks.onFailure(error);
      }
    }
  }
}
