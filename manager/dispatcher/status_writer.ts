// Writes what agents report in group transactions: at once when idle, then gathered. Tells each session when
// its reports are committed, or that they were lost.
import type { Clock } from '../../shared/clock.ts';
import { SkeinError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { TaskStatus } from '../../shared/model/task.ts';
import { PassLoop } from '../../shared/pass_loop.ts';
import type { StatusUpdate } from '../../shared/protocol/dispatcher.ts';
import { MAX_CHANGES_PER_TRANSACTION, type Store } from '../store/api.ts';
import { acceptStatus } from './task_status.ts';

/** Reports gather for so long after a write: below what anyone notices, above what a disk needs. */
const GAP_MS = 25;
const RETRY_MS = 200;
/** Reports waiting from all nodes together: a rollout of 10,000 tasks with all their states. */
const MAX_WAITING = 100_000;

interface Report {
  readonly nodeId: Id;
  readonly taskId: Id;
  readonly status: TaskStatus;
  /** Called with nothing after commit, else with why it was lost. On the last report of a message. */
  readonly done?: (error?: unknown) => void;
}

export class StatusWriter {
  private readonly store: Store;
  private readonly loop: PassLoop;
  private waiting: Report[] = [];

  constructor(dependencies: { readonly store: Store; readonly clock: Clock; readonly logger: Logger }) {
    this.store = dependencies.store;
    this.loop = new PassLoop(
      { clock: dependencies.clock, log: dependencies.logger, pass: () => this.writeAll() },
      { gapMs: GAP_MS, retryMs: RETRY_MS },
    );
  }

  /** False when too much waits already. */
  add(nodeId: Id, updates: readonly StatusUpdate[], done: (error?: unknown) => void): boolean {
    if (this.waiting.length + updates.length > MAX_WAITING) {
      return false;
    }
    for (const [index, { taskId, status }] of updates.entries()) {
      const report = { nodeId, taskId, status };
      this.waiting.push(index === updates.length - 1 ? { ...report, done } : report);
    }
    if (updates.length === 0) {
      done();
    }
    this.loop.wake();
    return true;
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    this.waiting = [];
  }

  /** Writes what waits now; what comes meanwhile gathers for the next pass. */
  private async writeAll(): Promise<void> {
    const reports = this.waiting;
    this.waiting = [];
    for (let start = 0; start < reports.length && !this.loop.stopped; start += MAX_CHANGES_PER_TRANSACTION) {
      await this.write(reports.slice(start, start + MAX_CHANGES_PER_TRANSACTION));
    }
  }

  private async write(batch: readonly Report[]): Promise<void> {
    try {
      await this.store.update((tx) => {
        for (const { taskId, nodeId, status } of batch) {
          const task = tx.get('task', taskId);
          const accepted = acceptStatus(task, nodeId, status);
          if (task !== undefined && accepted !== undefined) {
            tx.update('task', { ...task, status: accepted });
          }
        }
      });
    } catch (error) {
      if (error instanceof SkeinError && error.code === 'transaction-too-large' && batch.length > 1) {
        await this.write(batch.slice(0, batch.length >> 1));
        await this.write(batch.slice(batch.length >> 1));
        return;
      }
      for (const { done } of batch) {
        done?.(error);
      }
      return;
    }
    for (const { done } of batch) {
      done?.();
    }
  }
}
