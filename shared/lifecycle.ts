// The one shape of everything that runs: built with (dependencies, options), started once, stopped once.

export interface Startable {
  start(): Promise<void>;
  /** Ends all work and waits for it; safe to call when never started. */
  stop(): Promise<void>;
}
