// Whether the disk has room for a manager to start. One that started on a full disk would stop again at its
// first entry, after an election that disturbed everybody.
import { statfs } from 'node:fs/promises';
import { SkeinError } from '../shared/errors.ts';

/** Two segments of the log, or a snapshot of a middling cluster. */
export const LEAST_FREE_BYTES = 32 * 1024 * 1024;
const MIB = 1024 * 1024;

/** @throws SkeinError `no-room`, which names the place and how much is missing */
export async function requireRoom(directory: string): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  if (free < LEAST_FREE_BYTES) {
    throw new SkeinError(
      'unavailable',
      'no-room',
      `the disk of ${directory} is full: ${Math.floor(free / MIB)} MiB are free and a manager needs ` +
        `${LEAST_FREE_BYTES / MIB} MiB to start; make room there, it then starts by itself`,
      { data: { directory, freeBytes: String(free) } },
    );
  }
}
