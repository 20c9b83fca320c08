// A blob for which the disk has no room: refused with the reason, nothing half of it left, and the same blob
// comes in when there is room. Needs root to mount a small tmpfs.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentStore } from './content.ts';

const run = promisify(execFile);

describe.skipIf(process.getuid?.() !== 0)('a blob and a full disk', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skt-content-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'skt-content', directory]);
  });

  afterEach(async () => {
    await run('umount', ['-l', directory]);
    await rm(directory, { recursive: true, force: true });
  });

  it('is refused whatever its size beyond the room, and leaves no piece', async () => {
    const content = new ContentStore(directory);
    await content.open();
    // One chunk that is written in part, and many of which the last finds no room.
    for (const chunks of [
      [Buffer.alloc(300_000, 1)],
      Array.from({ length: 30 }, () => Buffer.alloc(10_000, 2)),
    ]) {
      await expect(content.write(chunks, undefined, 'a layer')).rejects.toThrow(/ENOSPC/);
      expect(await readdir(join(directory, 'incoming'))).toEqual([]);
      expect(await content.list()).toEqual([]);
    }
    await run('mount', ['-o', 'remount,size=2m', directory]);
    const blob = await content.write([Buffer.alloc(300_000, 1)], undefined, 'a layer');
    expect(await content.size(blob.digest)).toBe(300_000);
  });
});
