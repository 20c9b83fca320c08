// The data key that seals raft's files: 32 random bytes in `<directory>/dek`, made at the first start.
// While autolock is on it is sealed by the node's lock key; which key that is, is its caller's business.
import { join } from 'node:path';
import { SkeinError } from '../../../shared/errors.ts';
import { isSealed, type Sealing } from '../../../shared/identity/sealing.ts';
import type { Random } from '../../../shared/random.ts';
import { corrupt } from './errors.ts';
import type { Disk } from './disk.ts';

export const DATA_KEY_BYTES = 32;
export const DATA_KEY_FILE = 'dek';
const PURPOSE = 'data key';
/** More than a sealed key has. */
const MAX_FILE_BYTES = 1024;

/**
 * Reads the key of a raft directory, or makes one when there is none.
 * @param lock opens the key when it is sealed, and seals a new one.
 */
export async function openDataKey(
  disk: Disk,
  random: Random,
  directory: string,
  lock?: Sealing,
): Promise<Uint8Array> {
  await disk.makeDirectory(directory);
  const path = join(directory, DATA_KEY_FILE);
  if ((await disk.list(directory)).includes(DATA_KEY_FILE)) {
    return await readKey(disk, path, lock);
  }
  const key = random.bytes(DATA_KEY_BYTES);
  await writeDataKey(disk, directory, key, lock);
  return key;
}

/** Replaces the key file durably: sealed with a lock, in the clear without. */
export async function writeDataKey(
  disk: Disk,
  directory: string,
  key: Uint8Array,
  lock: Sealing | undefined,
): Promise<void> {
  const path = join(directory, DATA_KEY_FILE);
  const temporary = `${path}.tmp`;
  const file = await disk.open(temporary, 'create');
  try {
    await file.write([lock === undefined ? key : lock.seal(PURPOSE, key)], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  await disk.syncDirectory(directory);
}

async function readKey(disk: Disk, path: string, lock: Sealing | undefined): Promise<Uint8Array> {
  const file = await disk.open(path, 'read');
  try {
    const bytes = await file.read(0, MAX_FILE_BYTES);
    const key = isSealed(bytes) ? openSealed(path, bytes, lock) : bytes;
    if (key.length !== DATA_KEY_BYTES) {
      throw corrupt(path, 0, `a data key has ${DATA_KEY_BYTES} bytes, this file has ${key.length}`);
    }
    return key;
  } finally {
    await file.close();
  }
}

function openSealed(path: string, bytes: Uint8Array, lock: Sealing | undefined): Uint8Array {
  if (lock === undefined) {
    throw new SkeinError(
      'unavailable',
      'data-key-locked',
      `${path} is sealed: unlock this manager first (skein swarm unlock)`,
      { retryable: false },
    );
  }
  return lock.open(PURPOSE, bytes, path);
}
