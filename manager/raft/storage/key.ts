// The data key that seals raft's files: 32 random bytes in `<directory>/dek`, made at the first start.
// Wrapping it by an unlock key (autolock) is its caller's business.
import { join } from 'node:path';
import type { Random } from '../../../shared/random.ts';
import { corrupt } from './errors.ts';
import type { Disk } from './disk.ts';

export const DATA_KEY_BYTES = 32;
const KEY_FILE = 'dek';

/** Reads the key of a raft directory, or makes one when there is none. */
export async function openDataKey(disk: Disk, random: Random, directory: string): Promise<Uint8Array> {
  await disk.makeDirectory(directory);
  const path = join(directory, KEY_FILE);
  if ((await disk.list(directory)).includes(KEY_FILE)) {
    return await readKey(disk, path);
  }
  const key = random.bytes(DATA_KEY_BYTES);
  const temporary = `${path}.tmp`;
  const file = await disk.open(temporary, 'create');
  try {
    await file.write([key], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  await disk.syncDirectory(directory);
  return key;
}

async function readKey(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'read');
  try {
    const key = await file.read(0, DATA_KEY_BYTES + 1);
    if (key.length !== DATA_KEY_BYTES) {
      throw corrupt(path, 0, `a data key has ${DATA_KEY_BYTES} bytes, this file has ${await file.size()}`);
    }
    return key;
  } finally {
    await file.close();
  }
}
