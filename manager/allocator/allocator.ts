// The allocator's loop: wakes at commits, serves what is to be done in transactions of bounded size, one at
// a time, at once when it was idle. All decisions are in `allocation.ts`; when a transaction is lost, what was
// noted in memory is thrown away and derived anew from the store.
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import { MAX_CHANGES_PER_TRANSACTION, type Store, type StoreEvent } from '../store/api.ts';
import { Allocation } from './allocation.ts';
import type { Waiter } from './waiting.ts';

/** After a failed transaction: long enough for a busy quorum, short enough not to be noticed. */
const RETRY_MS = 500;
/** How often what waits is looked at without an event: only a safety net. */
const RECHECK_MS = 30_000;

export interface AllocatorDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs on the leader only. */
export class Allocator implements Startable {
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private allocation: Allocation | undefined;
  private unwatch: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private timer: Timer | undefined;
  /** Objects per transaction: halved when an entry came out too large, doubled after a success. */
  private batchSize = MAX_CHANGES_PER_TRANSACTION;
  /** What the last transaction wrote. */
  private written: readonly Waiter[] = [];
  /** Objects that no entry can hold; few, since their specs were accepted by the same limit. */
  private readonly refused = new Set<Id>();

  constructor(dependencies: AllocatorDependencies) {
    this.store = dependencies.store;
    this.clock = dependencies.clock;
    this.logger = dependencies.logger;
  }

  async start(): Promise<void> {
    if (this.unwatch !== undefined) {
      return;
    }
    this.allocation = new Allocation(this.store.view, this.refused);
    this.unwatch = this.store.watch((event) => this.follow(event));
    this.scheduleCheck(RECHECK_MS);
    this.kick();
  }

  async stop(): Promise<void> {
    this.unwatch?.();
    this.unwatch = undefined;
    this.timer?.cancel();
    this.allocation = undefined;
    await this.running;
  }

  private follow(event: StoreEvent): void {
    if (event.kind === 'restored') {
      this.allocation = new Allocation(this.store.view, this.refused);
    } else {
      this.allocation?.follow(event.commit);
    }
    this.kick();
  }

  private kick(): void {
    if (this.running === undefined && (this.allocation?.pending ?? 0) > 0) {
      this.running = this.serve().finally(() => {
        this.running = undefined;
      });
    }
  }

  /** Until nothing is left to do; never rejects. */
  private async serve(): Promise<void> {
    while (this.allocation !== undefined && this.allocation.pending > 0) {
      const allocation = this.allocation;
      try {
        await this.store.update((tx) => {
          // A restore or stop came between: the new allocation serves.
          if (allocation === this.allocation) {
            this.written = allocation.run(tx, this.batchSize);
          }
        });
        this.batchSize = Math.min(this.batchSize * 2, MAX_CHANGES_PER_TRANSACTION);
      } catch (error) {
        if (!this.recover(error)) {
          return;
        }
      }
    }
  }

  /** True when to go on at once with smaller transactions; else the next event or timer goes on. */
  private recover(error: unknown): boolean {
    if (this.allocation === undefined) {
      return false;
    }
    const tooLarge = error instanceof SkeinError && error.code === 'transaction-too-large';
    if (tooLarge && this.batchSize > 1) {
      this.batchSize = Math.ceil(this.batchSize / 2);
    } else if (tooLarge) {
      for (const { table, id } of this.written) {
        this.logger.error({ table, id }, 'the object is too large to be allocated');
        this.refused.add(id);
      }
    }
    this.allocation = new Allocation(this.store.view, this.refused);
    if (tooLarge) {
      return true;
    }
    this.logger.warn({ error: errorMessage(error) }, 'an allocation was not committed');
    this.scheduleCheck(RETRY_MS);
    return false;
  }

  private scheduleCheck(delayMs: number): void {
    this.timer?.cancel();
    this.timer = this.clock.after(delayMs, () => {
      this.allocation?.retryAll(this.store.view);
      this.kick();
      this.scheduleCheck(RECHECK_MS);
    });
  }
}
