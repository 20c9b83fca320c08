// Looks again and again whether the kernel still is as planned: against drift, not the main path. What is compared
// and mended is the check's affair.
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';

/** DESIGN section 10. */
const CHECK_INTERVAL_MS = 30_000;

export interface DriftWatchDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly check: () => Promise<unknown>;
}

export class DriftWatch {
  private readonly on: DriftWatchDependencies;
  private timer: Timer | undefined;
  private isStopped = false;

  constructor(dependencies: DriftWatchDependencies) {
    this.on = dependencies;
  }

  start(): void {
    this.timer = this.on.clock.after(CHECK_INTERVAL_MS, () => {
      this.on
        .check()
        .catch((error: unknown) =>
          this.on.log.error(
            { reason: errorMessage(error) },
            'the comparison of networks with the kernel failed',
          ),
        )
        .finally(() => {
          if (!this.isStopped) {
            this.start();
          }
        });
    });
  }

  stop(): void {
    this.isStopped = true;
    this.timer?.cancel();
  }
}
