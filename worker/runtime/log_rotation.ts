// Keeps older log files. conmon itself starts a container's log anew at its size limit, by renaming a fresh
// file over the old; this keeper holds a second link to the current file, so the old one survives, and
// moves it along (`log` -> `log.1` -> `log.2`…) when it notices. Without a daemon the limit still holds.
import { link, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../kernel/errors.ts';

export const LOG_FILE = 'log';
/** Second name of the file that conmon writes to. */
const CURRENT_LINK = '.log-current';

/** Names of a container's log files, oldest first. */
export function logFileNames(maxFiles: number): readonly string[] {
  const rotated = Array.from({ length: Math.max(maxFiles - 1, 0) }, (_, index) => `${LOG_FILE}.${index + 1}`);
  return [...rotated.reverse(), LOG_FILE];
}

/** Notices whether conmon began a new file since the last call; returns true when files were moved. */
export async function rotateLog(bundle: string, maxFiles: number): Promise<boolean> {
  const log = join(bundle, LOG_FILE);
  const current = join(bundle, CURRENT_LINK);
  const [now, held] = await Promise.all([inode(log), inode(current)]);
  if (now === undefined || now === held) {
    return false;
  }
  if (held !== undefined) {
    await moveAlong(bundle, current, maxFiles);
  }
  // Between the check above and this link conmon may rotate once more: the next call sees it.
  await link(log, current);
  return held !== undefined;
}

async function moveAlong(bundle: string, current: string, maxFiles: number): Promise<void> {
  for (let index = maxFiles - 1; index > 1; index -= 1) {
    await ignoreMissing(
      rename(join(bundle, `${LOG_FILE}.${index - 1}`), join(bundle, `${LOG_FILE}.${index}`)),
    );
  }
  if (maxFiles > 1) {
    await ignoreMissing(rename(current, join(bundle, `${LOG_FILE}.1`)));
  }
  await rm(current, { force: true });
}

async function inode(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
}

async function ignoreMissing(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) {
      throw error;
    }
  }
}
