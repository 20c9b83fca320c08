// Keeps a process's identity equal to the files that another process renews (the manager beside its daemon).
// Works by the kernel's notice of renamed files; reads only after the last of a save's renames.
import { type FSWatcher, watch } from 'node:fs';
import type { Clock, Timer } from '../clock.ts';
import { errorMessage } from '../errors.ts';
import type { Startable } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { loadIdentity } from './files.ts';
import type { CurrentIdentity } from './identity.ts';
import type { Sealing } from './sealing.ts';

/** A save renames four files; one reading after the last of them is enough. */
const SETTLE_MS = 50;

export interface IdentityWatcherDependencies {
  readonly identity: CurrentIdentity;
  readonly clock: Clock;
  readonly log: Logger;
  /** What opens the key while this manager is under autolock. */
  readonly lock?: () => Sealing | undefined;
}

export class IdentityWatcher implements Startable {
  private readonly dependencies: IdentityWatcherDependencies;
  private readonly directory: string;
  private watcher: FSWatcher | undefined;
  private timer: Timer | undefined;
  private reading: Promise<void> = Promise.resolve();

  constructor(dependencies: IdentityWatcherDependencies, options: { readonly directory: string }) {
    this.dependencies = dependencies;
    this.directory = options.directory;
  }

  async start(): Promise<void> {
    this.watcher = watch(this.directory, () => this.changed());
    this.watcher.on('error', (error) => {
      this.dependencies.log.error({ error: error.message }, 'cannot watch the certificates any more');
    });
    // What was renewed between loading and watching.
    this.changed();
  }

  async stop(): Promise<void> {
    this.watcher?.close();
    this.timer?.cancel();
    await this.reading;
  }

  private changed(): void {
    this.timer?.cancel();
    this.timer = this.dependencies.clock.after(SETTLE_MS, () => {
      this.reading = this.reading.then(() => this.read());
    });
  }

  private async read(): Promise<void> {
    const { identity, clock, log } = this.dependencies;
    try {
      const lock = this.dependencies.lock?.();
      const loaded = await loadIdentity(this.directory, clock.now(), { allowExpired: true, lock });
      const held = identity.get();
      if (loaded.certificateChainPem !== held.certificateChainPem || loaded.rootPem !== held.rootPem) {
        identity.set(loaded);
        log.info({ nodeId: loaded.nodeId, role: loaded.role }, 'the certificate was renewed');
      }
    } catch (error) {
      log.warn(
        { error: errorMessage(error) },
        'the certificates changed, but cannot be read; keeping the old ones',
      );
    }
  }
}
