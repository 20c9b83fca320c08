// Codecs of the backup calls.
import type { BackupPart, BackupRequest } from '../protocol/backup.ts';
import { messages } from './messages.ts';
import { bytesCodec } from './schema.ts';

export const backupRequest = bytesCodec(
  messages.message('BackupRequest'),
  ({ passphrase, useUnlockKey }: BackupRequest) => ({ passphrase, useUnlockKey }),
  ({ passphrase, useUnlockKey }): BackupRequest => ({ passphrase, useUnlockKey }),
);

export const backupPart = bytesCodec(
  messages.message('BackupPart'),
  ({ data }: BackupPart) => ({ data }),
  ({ data }): BackupPart => ({ data }),
);
