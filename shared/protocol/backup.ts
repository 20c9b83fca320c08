// Backups of the cluster: asked for by the local daemon, answered by its own manager, never passed on.
import type { CallContext } from './peer.ts';

export interface BackupRequest {
  /** At least eight characters; empty with `useUnlockKey`. */
  readonly passphrase: string;
  /** Seal with the cluster's unlock key instead. */
  readonly useUnlockKey: boolean;
}

export interface BackupPart {
  readonly data: Uint8Array;
}

export interface BackupService {
  /** The sealed file from beginning to end. */
  create(request: BackupRequest, context: CallContext): AsyncIterable<BackupPart>;
}
