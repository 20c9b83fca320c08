// Those who wait for a container's end or removal. Knows nothing of containers.
import type { WaitCondition, WaitResult } from './api.ts';

export class Waiters {
  private readonly waiting = new Set<{
    readonly condition: WaitCondition;
    readonly resolve: (result: WaitResult) => void;
  }>();

  wait(condition: WaitCondition, signal: AbortSignal): Promise<WaitResult> {
    return new Promise((resolve, reject) => {
      const waiter = {
        condition,
        resolve: (result: WaitResult) => {
          signal.removeEventListener('abort', onAbort);
          resolve(result);
        },
      };
      const onAbort = (): void => {
        this.waiting.delete(waiter);
        reject(signal.reason);
      };
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.waiting.add(waiter);
    });
  }

  /** @param event the container has ended; or it is gone, which ends every wait */
  settle(event: 'ended' | 'removed', result: WaitResult): void {
    for (const waiter of [...this.waiting]) {
      if (event === 'removed' || waiter.condition !== 'removed') {
        this.waiting.delete(waiter);
        waiter.resolve(result);
      }
    }
  }
}
