// One daemon for one root, and one for one exec-root: locks that the kernel drops when the process ends,
// however it ends. Two daemons on one of them would take each other's containers for leftovers.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { SkeinError } from '../shared/errors.ts';
import { tryLock } from '../worker/kernel/files.ts';

/**
 * @param flag `--root` or `--exec-root`, for the message
 * @returns the handle that holds the lock while it is open
 * @throws SkeinError `root-in-use`, `root-unusable`
 */
export async function lockDirectory(root: string, flag: string): Promise<FileHandle> {
  const path = join(root, `${flag.replace(/^-+/, '')}.lock`);
  let file: FileHandle;
  try {
    await mkdir(root, { recursive: true, mode: 0o711 });
    file = await open(path, 'a', 0o600);
  } catch (error) {
    throw unusable(root, error);
  }
  if (!tryLock(file.fd)) {
    await file.close();
    throw new SkeinError(
      'conflict',
      'root-in-use',
      `another skeind runs on ${flag} ${root}: stop it, or give this one a --root and --exec-root of its own`,
    );
  }
  return file;
}

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'skeind must run as root',
  EPERM: 'skeind must run as root',
  ENOSPC: 'the disk is full: make room',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
};

function unusable(root: string, error: unknown): SkeinError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new SkeinError(
    'unavailable',
    'root-unusable',
    `cannot use ${root}: ${REMEDIES[code] ?? String(error)}`,
    {
      cause: error,
      retryable: false,
    },
  );
}
