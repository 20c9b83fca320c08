// What one node may have written on its behalf: a burst, and then so much a second. Who asks for more waits.
import type { Clock } from '../../shared/clock.ts';
import type { Id } from '../../shared/model/meta.ts';

interface Account {
  left: number;
  /** Monotonic ms. */
  at: number;
}

export class WriteBudget {
  private readonly clock: Clock;
  private readonly options: { readonly burst: number; readonly perSecond: number };
  private readonly accounts = new Map<Id, Account>();

  constructor(clock: Clock, options: { readonly burst: number; readonly perSecond: number }) {
    this.clock = clock;
    this.options = options;
  }

  /** Takes what was written; resolves when the account is not overdrawn any more. Rejects when aborted. */
  async spend(nodeId: Id, writes: number, signal: AbortSignal): Promise<void> {
    const { burst, perSecond } = this.options;
    const now = this.clock.monotonic();
    const { left, at } = this.accounts.get(nodeId) ?? { left: burst, at: now };
    const rest = Math.min(burst, left + ((now - at) * perSecond) / 1_000) - writes;
    this.accounts.set(nodeId, { left: rest, at: now });
    if (rest < 0) {
      await this.clock.sleep((-rest * 1_000) / perSecond, signal);
    }
  }
}
