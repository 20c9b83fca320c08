// The format version of everything below a daemon's root: tasks, containers, images, networks, the node's place in its
// swarm. One small file tells it, written at the first start, so that an older skeind refuses what it cannot read
// instead of taking it for damage. Raft's files and sealed keys carry versions of their own besides.
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { SkeinError } from '../shared/errors.ts';

/** Grows when an older skeind could no longer read what lies below the root. */
export const ROOT_FORMAT_VERSION = 1;
const NAME = 'format';

/** @throws SkeinError `root-newer`, `root-format-unreadable`; a root without the file is of the first version */
export async function checkRootFormat(root: string): Promise<void> {
  const path = join(root, NAME);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      await write(path);
      return;
    }
    throw error;
  }
  const [, digits] = /^(\d{1,9})\s*$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new SkeinError(
      'internal',
      'root-format-unreadable',
      `${path} is damaged: it should hold a number, ${ROOT_FORMAT_VERSION} for this version of skein`,
    );
  }
  const version = Number(digits);
  if (version > ROOT_FORMAT_VERSION) {
    throw new SkeinError(
      'conflict',
      'root-newer',
      `${root} has format version ${version}, this skein reads up to ${ROOT_FORMAT_VERSION}: start the newer skeind that wrote it, or give this one another --root`,
    );
  }
}

async function write(path: string): Promise<void> {
  const file = await open(`${path}.next`, 'w', 0o600);
  try {
    await file.writeFile(`${ROOT_FORMAT_VERSION}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.next`, path);
}
