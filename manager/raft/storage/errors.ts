// What can go wrong with raft's files. Every refusal names the file, the place in it and what to do.
import { errorMessage, SkeinError } from '../../../shared/errors.ts';

/** `raft-log-corrupt`: a file of the log or a snapshot does not hold what was written to it. */
export function corrupt(file: string, offset: number, problem: string): SkeinError {
  return new SkeinError(
    'internal',
    'raft-log-corrupt',
    `${file} is damaged at offset ${offset}: ${problem}. Do not delete single files: check the disk, then either restore ` +
      `this manager's state from a backup, or remove its whole raft directory and let it join the cluster again`,
    { data: { file, offset: String(offset), problem } },
  );
}

/** `raft-format-newer`: written by a newer skein. */
export function newerFormat(file: string, version: number, known: number): SkeinError {
  return new SkeinError(
    'internal',
    'raft-format-newer',
    `${file} has format version ${version}, this skein reads up to ${known}: start it with the newer skein that wrote it`,
    { data: { file, version: String(version) } },
  );
}

/** `raft-key-wrong`: intact bytes that the data key does not open. */
export function wrongKey(file: string, cause: unknown): SkeinError {
  return new SkeinError(
    'internal',
    'raft-key-wrong',
    `${file} cannot be opened with this manager's data key: put back the key file that belongs to this raft directory`,
    { data: { file }, cause },
  );
}

/** `raft-disk-failed`: a write or sync failed; what is on disk is unknown until the process starts anew. */
export function diskFailed(directory: string, cause: unknown): SkeinError {
  return new SkeinError(
    'unavailable',
    'raft-disk-failed',
    `the raft log in ${directory} cannot be written (${errorMessage(cause)}): make room on that disk or repair it, ` +
      'this manager then starts again by itself',
    { data: { directory }, cause },
  );
}
