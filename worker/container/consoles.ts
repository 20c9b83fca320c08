// The clients that are attached to one container's streams, and those that wait for it to start. Knows nothing of
// what they do with them.
import type { ContainerConsole } from '../runtime/console.ts';
import { neverStarted, tooManyClients } from './errors.ts';

/** Each client costs conmon a write for everything that the container says. */
const CLIENTS_MAX = 64;

interface Waiting {
  readonly resolve: (console: ContainerConsole) => void;
  readonly reject: (error: unknown) => void;
}

export class Consoles {
  private readonly connectNow: () => ContainerConsole;
  private readonly waiting = new Set<Waiting>();
  private open_: readonly ContainerConsole[] = [];

  constructor(connect: () => ContainerConsole) {
    this.connectNow = connect;
  }

  open(isRunning: boolean, signal: AbortSignal): Promise<ContainerConsole> {
    this.open_ = this.open_.filter((one) => !one.isEnded);
    if (this.open_.length + this.waiting.size >= CLIENTS_MAX) {
      return Promise.reject(tooManyClients(CLIENTS_MAX));
    }
    return new Promise((resolve, reject) => {
      if (isRunning) {
        resolve(this.add());
        return;
      }
      const waiting: Waiting = { resolve, reject };
      this.waiting.add(waiting);
      signal.addEventListener(
        'abort',
        () => {
          this.waiting.delete(waiting);
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  /** The container is there: those who wait are connected, before its program runs. */
  connect(): void {
    for (const waiting of [...this.waiting]) {
      this.waiting.delete(waiting);
      try {
        waiting.resolve(this.add());
      } catch (error) {
        waiting.reject(error);
      }
    }
  }

  /** It was killed: clients that take nothing do not hold up the news of its end. */
  closeStalled(): void {
    for (const console of this.open_.filter((one) => one.isPaused)) {
      console.close();
    }
  }

  /** It will not start: nobody waits any more. Those that are connected read to its end. */
  giveUp(): void {
    for (const { reject } of this.waiting) {
      reject(neverStarted());
    }
    this.waiting.clear();
  }

  closeAll(): void {
    this.giveUp();
    for (const console of this.open_) {
      console.close();
    }
    this.open_ = [];
  }

  private add(): ContainerConsole {
    const console = this.connectNow();
    this.open_ = [...this.open_, console];
    return console;
  }
}
