// The id by which a daemon is known in `info`, the same over restarts and swarms.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isId, newId } from '../shared/ids.ts';
import type { Id } from '../shared/model/meta.ts';
import type { Random } from '../shared/random.ts';

export async function daemonId(root: string, random: Random): Promise<Id> {
  const path = join(root, 'daemon-id');
  try {
    const known = (await readFile(path, 'utf8')).trim();
    if (isId(known)) {
      return known;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
  }
  const id = newId(random);
  await writeFile(path, `${id}\n`, { mode: 0o600 });
  return id;
}
