// This node's certificate and key on disk: read at the start, written one after the other, the key sealed while the
// node is a manager under a lock. It knows files and the lock, not the cluster.
import type { Clock } from '../../shared/clock.ts';
import { loadIdentity, removeIdentity, saveIdentity } from '../../shared/identity/files.ts';
import type { Identity } from '../../shared/identity/identity.ts';
import type { NodeLock } from './node_lock.ts';

export class IdentityStore {
  private readonly clock: Clock;
  private readonly lock: Pick<NodeLock, 'sealing'>;
  private readonly directory: string;
  /** Writes never overlap. */
  private saving: Promise<void> = Promise.resolve();

  constructor(
    dependencies: { readonly clock: Clock; readonly lock: Pick<NodeLock, 'sealing'> },
    options: { readonly directory: string },
  ) {
    this.clock = dependencies.clock;
    this.lock = dependencies.lock;
    this.directory = options.directory;
  }

  /** What the manager process has just made. */
  fresh(): Promise<Identity> {
    return loadIdentity(this.directory, this.clock.now());
  }

  /** What this node had before it was stopped, though it may have expired meanwhile. */
  async ofBefore(): Promise<Identity> {
    const lock = this.lock.sealing;
    const identity = await loadIdentity(this.directory, this.clock.now(), { allowExpired: true, lock });
    if (lock !== undefined) {
      // The daemon may have been killed between the lock's making and the sealing of this key.
      await this.save(identity);
    }
    return identity;
  }

  save(identity: Identity): Promise<void> {
    const write = (): Promise<void> =>
      saveIdentity(this.directory, identity, identity.role === 'manager' ? this.lock.sealing : undefined);
    const saved = this.saving.then(write, write);
    this.saving = saved.catch(() => undefined);
    return saved;
  }

  async remove(): Promise<void> {
    await removeIdentity(this.directory);
  }
}
