// The lock of this node's keys as the daemon knows it: read at the start, opened by an operator, or told by the
// manager process when autolock is turned on. It knows the lock file, not the cluster.
import { LockFile, type LockState } from '../../shared/identity/lock_file.ts';
import { Sealing } from '../../shared/identity/sealing.ts';
import type { Random } from '../../shared/random.ts';

export class NodeLock {
  private readonly random: Random;
  private readonly file: LockFile;
  private opened: Sealing | undefined;
  private locked: Extract<LockState, { kind: 'locked' }> | undefined;

  /** @param options.directory Raft's directory, where the manager keeps the lock file. */
  constructor(dependencies: { readonly random: Random }, options: { readonly directory: string }) {
    this.random = dependencies.random;
    this.file = new LockFile(dependencies, options);
  }

  /** What seals the certificate's key of a manager; undefined without autolock. */
  get sealing(): Sealing | undefined {
    return this.opened;
  }

  /** Reads the file; true when an operator must unlock it first. */
  async load(): Promise<boolean> {
    const state = await this.file.read();
    this.locked = state.kind === 'locked' ? state : undefined;
    this.opened = state.kind === 'open' ? new Sealing(state.key, this.random) : undefined;
    return this.locked !== undefined;
  }

  /** @throws SkeinError `unlock-key-malformed`, `unlock-key-wrong` */
  unlock(unlockKey: string): void {
    if (this.locked !== undefined) {
      this.opened = new Sealing(this.file.open(this.locked, unlockKey), this.random);
      this.locked = undefined;
    }
  }

  /** The manager process made this lock key. */
  adopt(key: Uint8Array): void {
    this.opened = new Sealing(key, this.random);
    this.locked = undefined;
  }

  /** This node is no manager any more. */
  forget(): void {
    this.opened = undefined;
    this.locked = undefined;
  }
}
