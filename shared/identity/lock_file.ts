// The one file that decides whether a manager is locked. It holds the node's own lock key, under which the data key
// of raft and the key of the certificate are sealed; the file itself is sealed by the unlock key while autolock is
// on. So locking, rotating and unlocking for good are each one atomic replacement of one small file.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { SkeinError } from '../errors.ts';
import type { Random } from '../random.ts';
import { isSealed, Sealing } from './sealing.ts';
import { parseUnlockKey } from './unlock_key.ts';

const NAME = 'lock';
const PURPOSE = 'lock key';
export const LOCK_KEY_BYTES = 32;

/** What the file says; `none` where autolock was never on. */
export type LockState =
  | { readonly kind: 'none' }
  | { readonly kind: 'open'; readonly key: Uint8Array }
  | { readonly kind: 'locked'; readonly sealed: Uint8Array };

export class LockFile {
  private readonly directory: string;
  private readonly random: Random;

  constructor(dependencies: { readonly random: Random }, options: { readonly directory: string }) {
    this.random = dependencies.random;
    this.directory = options.directory;
  }

  /** @throws SkeinError `lock-unreadable` for a damaged file */
  async read(): Promise<LockState> {
    const path = join(this.directory, NAME);
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return { kind: 'none' };
      }
      throw error;
    }
    if (isSealed(bytes)) {
      return { kind: 'locked', sealed: bytes };
    }
    if (bytes.length !== LOCK_KEY_BYTES) {
      throw new SkeinError(
        'internal',
        'lock-unreadable',
        `${path} is damaged: demote this manager on another one and promote it again, or restore a backup`,
      );
    }
    return { kind: 'open', key: bytes };
  }

  /** The lock key of a locked file. @throws SkeinError `unlock-key-malformed`, `unlock-key-wrong` */
  open(state: Extract<LockState, { kind: 'locked' }>, unlockKey: string): Uint8Array {
    const sealing = new Sealing(parseUnlockKey(unlockKey), this.random);
    try {
      return sealing.open(PURPOSE, state.sealed, 'the lock key');
    } catch (cause) {
      if (cause instanceof SkeinError && cause.code === 'sealed-otherwise') {
        throw new SkeinError(
          'invalid',
          'unlock-key-wrong',
          'swarm could not be unlocked: invalid key provided',
          {
            cause,
          },
        );
      }
      throw cause;
    }
  }

  /** Replaces the file durably; an empty unlock key leaves the lock key in the open. */
  async write(key: Uint8Array, unlockKey: string): Promise<void> {
    const content =
      unlockKey === '' ? key : new Sealing(parseUnlockKey(unlockKey), this.random).seal(PURPOSE, key);
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const next = join(this.directory, `${NAME}.next`);
    const file = await open(next, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, join(this.directory, NAME));
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}
