// One daemon for one root: a lock that the kernel drops when the process ends, however it ends.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { SkeinError } from '../shared/errors.ts';
import { tryLock } from '../worker/kernel/files.ts';

/** @returns the handle that holds the lock while it is open. @throws SkeinError `root-in-use`, `root-unusable` */
export async function lockRoot(root: string): Promise<FileHandle> {
  const path = join(root, 'skeind.lock');
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
      `another skeind runs on ${root}: stop it, or give this one a --root and --exec-root of its own`,
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
