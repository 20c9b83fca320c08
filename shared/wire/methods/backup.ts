// Backups leave by the local socket alone: what is sealed is every key of the cluster.
import type { BackupService } from '../../protocol/backup.ts';
import type { MethodTable } from '../../rpc/method.ts';
import { backupPart, backupRequest } from '../backup.ts';
import { streamMethods } from './build.ts';

const backup = streamMethods('Backup', ['local']);

export const backupMethods: MethodTable<BackupService> = {
  create: backup.serverStream('Create', backupRequest, backupPart),
};
