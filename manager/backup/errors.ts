// What can go wrong with a backup's file. No message holds a secret.
import { SkeinError } from '../../shared/errors.ts';

/** `backup-damaged` (invalid): the bytes are no backup, or not all of one, or were changed. */
export function backupDamaged(problem: string, cause?: unknown): SkeinError {
  return new SkeinError(
    'invalid',
    'backup-damaged',
    `this is no whole backup of a swarm: ${problem}. Nothing was restored; take another copy of the file`,
    { cause },
  );
}

/** `backup-secret-wrong` (invalid): its first record does not open. */
export function backupSecretWrong(kind: 'passphrase' | 'unlock key'): SkeinError {
  return new SkeinError(
    'invalid',
    'backup-secret-wrong',
    `the backup does not open with this ${kind}: it is the wrong one, or the file was changed. Nothing was restored`,
  );
}

/** `backup-secret-other` (invalid): sealed by the other kind of secret than the one that was given. */
export function backupNeeds(kind: 'passphrase' | 'unlock key'): SkeinError {
  return new SkeinError(
    'invalid',
    'backup-secret-other',
    `this backup is sealed by ${kind === 'passphrase' ? 'a passphrase' : "the swarm's unlock key"}: give that one`,
  );
}

/** `backup-newer` (invalid): written by a newer skein. */
export function backupNewer(version: number, known: number): SkeinError {
  return new SkeinError(
    'invalid',
    'backup-newer',
    `the backup has format version ${version}, this skein reads up to ${known}: restore it with the newer skein that wrote it`,
  );
}

/** `backup-passphrase-short` (invalid). */
export function passphraseTooShort(least: number): SkeinError {
  return new SkeinError(
    'invalid',
    'backup-passphrase-short',
    `the passphrase of a backup needs at least ${least} characters: the file holds every key of the swarm`,
  );
}
