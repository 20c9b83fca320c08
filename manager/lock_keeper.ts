// Autolock on this manager: keeps the lock file as the cluster's unlock key asks, and raft's data key sealed while
// there is a lock. The certificate's key is the daemon's to seal: it is told the lock key when one is made.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../shared/clock.ts';
import { errorMessage, SkeinError } from '../shared/errors.ts';
import { LOCK_KEY_BYTES, LockFile, type LockState } from '../shared/identity/lock_file.ts';
import { isSealed, Sealing } from '../shared/identity/sealing.ts';
import type { Startable } from '../shared/lifecycle.ts';
import type { Logger } from '../shared/log.ts';
import type { Random } from '../shared/random.ts';
import { realDisk } from './raft/storage/disk.ts';
import { DATA_KEY_FILE, openDataKey, writeDataKey } from './raft/storage/key.ts';
import type { Store } from './store/api.ts';

/** A pass that failed (the disk is full) is tried again after this long. */
const RETRY_MS = 5_000;

export interface LockKeeperDependencies {
  readonly store: Pick<Store, 'view' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** A lock key was made: the daemon seals the certificate's key with it. */
  readonly onLock: (lockKey: Uint8Array) => void;
}

export interface LockKeeperOptions {
  /** Raft's directory. */
  readonly directory: string;
  /** The lock this manager was started with, if it has one. */
  readonly lock: Sealing | undefined;
}

export class LockKeeper implements Startable {
  private readonly dependencies: LockKeeperDependencies;
  private readonly directory: string;
  private readonly file: LockFile;
  private sealing: Sealing | undefined;
  private unsubscribe: (() => void) | undefined;
  private retry: Timer | undefined;
  private passes: Promise<void> = Promise.resolve();

  constructor(dependencies: LockKeeperDependencies, options: LockKeeperOptions) {
    this.dependencies = dependencies;
    this.directory = options.directory;
    this.sealing = options.lock;
    this.file = new LockFile(dependencies, { directory: options.directory });
  }

  /** What seals this manager's keys; undefined as long as autolock was never on. */
  get lock(): Sealing | undefined {
    return this.sealing;
  }

  /** Resolves when the files are as the store asks now. */
  async start(): Promise<void> {
    this.unsubscribe = this.dependencies.store.watch((event) => {
      if (event.kind === 'restored' || event.commit.changes.some((change) => change.table === 'cluster')) {
        this.ask();
      }
    });
    this.ask();
    await this.passes;
  }

  async stop(): Promise<void> {
    this.unsubscribe?.();
    this.retry?.cancel();
    await this.passes;
  }

  private ask(): void {
    this.passes = this.passes.then(async () => {
      try {
        await this.pass();
      } catch (error) {
        this.dependencies.log.error(
          { error: errorMessage(error), retryMs: RETRY_MS },
          "this manager's keys are not sealed as the cluster asks; trying again",
        );
        this.retry?.cancel();
        this.retry = this.dependencies.clock.after(RETRY_MS, () => this.ask());
      }
    });
  }

  private async pass(): Promise<void> {
    const [cluster] = this.dependencies.store.view.all('cluster');
    if (cluster === undefined) {
      return;
    }
    const state = await this.file.read();
    const { unlockKey } = cluster;
    if (state.kind === 'none' && unlockKey === '') {
      return;
    }
    if (state.kind === 'none') {
      await this.makeLock(unlockKey);
    } else if (!this.fits(state, unlockKey)) {
      await this.file.write(this.keyOf(state), unlockKey);
      this.dependencies.log.info(
        { locked: unlockKey !== '' },
        unlockKey === '' ? 'autolock is off' : 'the unlock key was changed',
      );
    }
    await this.sealDataKey();
  }

  private async makeLock(unlockKey: string): Promise<void> {
    const key = this.dependencies.random.bytes(LOCK_KEY_BYTES);
    await this.file.write(key, unlockKey);
    this.sealing = new Sealing(key, this.dependencies.random);
    this.dependencies.onLock(key);
    this.dependencies.log.info({}, 'autolock is on: after a restart this manager asks for the unlock key');
  }

  private fits(state: LockState, unlockKey: string): boolean {
    if (state.kind !== 'locked' || unlockKey === '') {
      return state.kind === 'open' && unlockKey === '';
    }
    try {
      this.file.open(state, unlockKey);
      return true;
    } catch (error) {
      if (error instanceof SkeinError && error.code === 'unlock-key-wrong') {
        return false;
      }
      throw error;
    }
  }

  private keyOf(state: LockState): Uint8Array {
    if (this.sealing !== undefined) {
      return this.sealing.key;
    }
    if (state.kind === 'open') {
      this.sealing = new Sealing(state.key, this.dependencies.random);
      this.dependencies.onLock(state.key);
      return state.key;
    }
    throw new SkeinError('internal', 'lock-unknown', 'this manager runs although its lock was never opened');
  }

  private async sealDataKey(): Promise<void> {
    const { sealing } = this;
    if (sealing === undefined || isSealed(await readFile(join(this.directory, DATA_KEY_FILE)))) {
      return;
    }
    const key = await openDataKey(realDisk, this.dependencies.random, this.directory, sealing);
    await writeDataKey(realDisk, this.directory, key, sealing);
  }
}
