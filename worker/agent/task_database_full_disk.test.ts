// The task database on a full disk: the caller hears why, the version before stays readable, and writing goes on
// when there is room. Needs root to mount a small tmpfs.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../shared/log.ts';
import { task } from '../../test/support/objects.ts';
import { TaskDatabase } from './task_database.ts';

const run = promisify(execFile);

describe.skipIf(process.getuid?.() !== 0)('the task database on a full disk', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'skt-tasks-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'skt-tasks', root]);
  });

  afterEach(async () => {
    await run('umount', ['-l', root]);
    await rm(root, { recursive: true, force: true });
  });

  it('keeps what it had and takes up again', async () => {
    const database = new TaskDatabase({ logger: silentLogger }, { root });
    await database.load();
    const before = task({ id: 'a'.repeat(25) });
    await database.save(before);
    await writeFile(join(root, 'filler'), Buffer.alloc(64 * 1024)).catch(() => undefined);
    const after = { ...before, status: { ...before.status, message: 'm'.repeat(10_000) } };
    await expect(database.save(after)).rejects.toThrow(/ENOSPC/);
    const reopened = new TaskDatabase({ logger: silentLogger }, { root });
    expect(await reopened.load()).toEqual([before]);
    await rm(join(root, 'filler'));
    await reopened.save(after);
    expect(await reopened.load()).toEqual([after]);
  });
});
