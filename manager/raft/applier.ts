// Applies what is committed, in order, in slices short enough that heartbeats are not held up, and restores
// received snapshots between entries. One loop at a time; it tells the node how far it got.
import type { Clock } from '../../shared/clock.ts';
import type { StateMachine } from './api.ts';
import type { Entry, SnapshotMeta } from './core/types.ts';
import { paced } from './pacing.ts';

/** A slice ends after this long; a heartbeat is due every 100 ms. */
const SLICE_MS = 5;

type Work =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'restore'; readonly snapshot: SnapshotMeta };

export interface ApplierHooks {
  /** Called synchronously after each entry. */
  onEntry(entry: Entry): void;
  /** Called after each slice and each restore with the last index applied. */
  onProgress(index: number): void;
  onFailure(error: unknown): void;
  openSnapshot(snapshot: SnapshotMeta): AsyncIterable<Uint8Array>;
  /** Lets the event loop turn once. */
  breathe(): Promise<void>;
}

export class Applier {
  private readonly clock: Clock;
  private readonly stateMachine: StateMachine;
  private readonly hooks: ApplierHooks;
  private readonly queue: Work[] = [];
  private running: Promise<void> = Promise.resolve();
  private busy = false;
  private stopped = false;

  constructor(
    dependencies: { readonly clock: Clock; readonly stateMachine: StateMachine },
    hooks: ApplierHooks,
  ) {
    this.clock = dependencies.clock;
    this.stateMachine = dependencies.stateMachine;
    this.hooks = hooks;
  }

  /** The queue is bounded by the core: it hands out entries as they are committed, which is bounded by its log. */
  add(work: Work): void {
    this.queue.push(work);
    if (!this.busy) {
      this.running = this.run();
    }
  }

  /** Ends after the slice in progress; what is left is applied again after a restart. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    this.busy = true;
    try {
      for (let work = this.queue.shift(); work !== undefined && !this.stopped; work = this.queue.shift()) {
        if (work.kind === 'restore') {
          await this.restore(work.snapshot);
        } else {
          await this.applyAll(work.entries);
        }
      }
    } catch (error) {
      this.stopped = true;
      this.hooks.onFailure(error);
    }
    this.busy = false;
  }

  private async restore(snapshot: SnapshotMeta): Promise<void> {
    await this.load(snapshot);
    this.hooks.onProgress(snapshot.index);
  }

  /** Restores the state machine from a snapshot on this disk, giving the event loop its turns meanwhile. */
  async load(snapshot: SnapshotMeta): Promise<void> {
    const { clock, hooks } = this;
    const chunks = paced(hooks.openSnapshot(snapshot), { clock, breathe: () => hooks.breathe() });
    await this.stateMachine.restore(snapshot.index, chunks);
  }

  private async applyAll(entries: readonly Entry[]): Promise<void> {
    for (let at = 0; at < entries.length && !this.stopped; ) {
      at = this.applySlice(entries, at);
      if (at < entries.length) {
        await this.hooks.breathe();
      }
    }
  }

  private applySlice(entries: readonly Entry[], from: number): number {
    const end = this.clock.monotonic() + SLICE_MS;
    let at = from;
    for (let entry = entries[at]; entry !== undefined; entry = entries[at]) {
      if (entry.kind === 'data') {
        this.stateMachine.apply(entry);
      }
      this.hooks.onEntry(entry);
      at += 1;
      if (this.clock.monotonic() >= end) {
        break;
      }
    }
    this.hooks.onProgress(entries[at - 1]?.index ?? 0);
    return at;
  }
}
