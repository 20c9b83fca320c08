// Snapshots on their way in: written to a temporary file beside the own ones, then offered to the core, and
// published when the core takes them. One at a time.
import type { MessageOf, SnapshotMeta } from './core/types.ts';
import { SkeinError } from '../../shared/errors.ts';
import type { RaftStorage } from './storage/storage.ts';

export class IncomingSnapshots {
  private readonly storage: RaftStorage;
  private receiving = false;
  /** Stored and offered to the core, not yet taken or refused. */
  private readonly offered = new Map<string, { readonly meta: SnapshotMeta; readonly temporary: string }>();

  constructor(storage: RaftStorage) {
    this.storage = storage;
  }

  /** Stores the chunks; `offer` then steps the message. Rejects `snapshot-busy` while another one comes in. */
  async receive(
    message: MessageOf<'snapshot'>,
    chunks: AsyncIterable<Uint8Array>,
    offer: () => void,
  ): Promise<void> {
    const key = keyOf(message.snapshot);
    if (this.offered.has(key)) {
      // The core let the first offer pass, say because it came from a leader of an earlier term: the file is
      // here all the same.
      offer();
      return;
    }
    if (this.receiving) {
      throw new SkeinError(
        'unavailable',
        'snapshot-busy',
        'another snapshot is being received: try again later',
      );
    }
    this.receiving = true;
    try {
      const { temporary, writer } = await this.storage.beginSnapshot(message.snapshot);
      try {
        for await (const chunk of chunks) {
          await writer.write(chunk);
        }
        await writer.finish();
      } catch (error) {
        await writer.abort();
        throw error;
      }
      this.offered.set(key, { meta: message.snapshot, temporary });
      offer();
    } finally {
      this.receiving = false;
    }
  }

  /** The core takes this snapshot: gives the file its name. */
  async publish(meta: SnapshotMeta): Promise<void> {
    const found = this.offered.get(keyOf(meta));
    if (found === undefined) {
      throw new Error(`the core takes a snapshot at ${meta.index} that was not received`);
    }
    this.offered.delete(keyOf(meta));
    await this.storage.snapshots.publish(found.temporary, meta);
  }

  /** Removes files that the core has no more use for: it has come past them by other means. */
  async discardUpTo(applied: number): Promise<void> {
    for (const [key, { meta, temporary }] of this.offered) {
      if (meta.index <= applied) {
        this.offered.delete(key);
        await this.storage.snapshots.discard(temporary);
      }
    }
  }

  get holds(): boolean {
    return this.offered.size > 0;
  }
}

function keyOf(meta: SnapshotMeta): string {
  return `${meta.index}-${meta.term}`;
}
