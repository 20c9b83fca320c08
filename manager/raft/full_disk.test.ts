// The disk is full, on small tmpfs mounts: what was acknowledged stays, what was not is refused with the reason,
// another member leads, and the member comes back when there is room. Needs root to mount.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../shared/random.ts';
import type { Entry, SnapshotMeta } from './core/types.ts';
import { realDisk } from './storage/disk.ts';
import { RaftStorage } from './storage/storage.ts';
import { TestCluster, until } from './test/cluster.ts';

const run = promisify(execFile);
const KEY = Buffer.alloc(32, 3);
const MEMBERS = [{ raftId: 1, nodeId: 'n1', address: 'a:1', learner: false }];
const ENTRY_BYTES = 20_000;

const mounts: string[] = [];
const directories: string[] = [];

async function smallDisk(path: string, size: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'skt-full', path]);
  mounts.push(path);
}

afterEach(async () => {
  for (const path of mounts.splice(0)) {
    await run('umount', ['-l', path]);
  }
  for (const path of directories.splice(0)) {
    await rm(path, { recursive: true, force: true });
  }
});

describe.skipIf(process.getuid?.() !== 0)('the log on a full disk', () => {
  let directory: string;

  beforeEach(async () => {
    const base = await mkdtemp(join(tmpdir(), 'skt-full-'));
    directories.push(base);
    directory = join(base, 'disk');
    await smallDisk(directory, '512k');
  });

  const open = () =>
    new RaftStorage(
      { disk: realDisk, random: systemRandom },
      { directory, dataKey: KEY, segmentBytes: 100_000 },
    );

  const entry = (index: number): Entry => ({
    kind: 'data',
    term: 1,
    index,
    data: Buffer.alloc(ENTRY_BYTES, index),
  });

  const everyByte = (data: Uint8Array, value: number): boolean =>
    Buffer.from(data).equals(Buffer.alloc(ENTRY_BYTES, value));

  /** Writes entries until one fails; the highest that was acknowledged, and the failure. */
  async function fill(storage: RaftStorage, from: number) {
    for (let index = from; ; index += 1) {
      try {
        const hardState = { term: 1, vote: 1, commit: index - 1 };
        await storage.write({ entries: [entry(index)], hardState, snapshot: undefined });
      } catch (error) {
        return { acknowledged: index - 1, error };
      }
    }
  }

  it('refuses with the reason and keeps every acknowledged entry, wherever the disk ends', async () => {
    // Different sizes of a filler put the end of the disk at different places of a record or a new segment.
    for (const fillerBytes of [0, 4_096, 12_288, 36_864, 90_112]) {
      await writeFile(join(directory, 'filler'), Buffer.alloc(fillerBytes));
      const storage = open();
      expect(await storage.load()).toBeUndefined();
      await storage.create(1, MEMBERS);
      const { acknowledged, error } = await fill(storage, 1);
      expect(error).toMatchObject({
        kind: 'unavailable',
        code: 'raft-disk-failed',
        message: expect.stringMatching(/ENOSPC|no space|no more bytes/),
      });
      // Nothing is written any more, although a small write might find room.
      await expect(
        storage.write({ entries: [], hardState: { term: 9, vote: 1, commit: 0 }, snapshot: undefined }),
      ).rejects.toMatchObject({ code: 'raft-disk-failed' });
      await storage.close();
      await rm(join(directory, 'filler'));
      await run('mount', ['-o', 'remount,size=4m', directory]);
      const again = open();
      const stored = await again.load();
      expect(stored?.initial.entries.length).toBeGreaterThanOrEqual(acknowledged);
      const whole = (stored?.initial.entries ?? []).every(
        (found, at) => found.kind === 'data' && found.index === at + 1 && everyByte(found.data, at + 1),
      );
      expect(whole).toBe(true);
      await again.close();
      await rm(join(directory, 'wal'), { recursive: true });
      await rm(join(directory, 'snap'), { recursive: true });
      await run('mount', ['-o', 'remount,size=512k', directory]);
    }
  });

  it('says so when there is no room to start, and starts when there is', async () => {
    const storage = open();
    await storage.load();
    await storage.create(1, MEMBERS);
    await fill(storage, 1);
    await storage.close();
    // The first start cuts the torn tail, which makes a little room.
    const cutting = open();
    await cutting.load();
    await cutting.close();
    await writeFile(join(directory, 'filler'), Buffer.alloc(400_000)).catch(() => undefined);
    await expect(open().load()).rejects.toMatchObject({ code: 'raft-disk-failed' });
    await rm(join(directory, 'filler'));
    await run('mount', ['-o', 'remount,size=4m', directory]);
    const again = open();
    expect((await again.load())?.raftId).toBe(1);
    await again.close();
  });

  it('leaves nothing of a snapshot that found no room, and the log goes on', async () => {
    const storage = open();
    await storage.load();
    await storage.create(1, MEMBERS);
    await storage.write({
      entries: [entry(1)],
      hardState: { term: 1, vote: 1, commit: 0 },
      snapshot: undefined,
    });
    const meta: SnapshotMeta = { index: 1, term: 1, members: MEMBERS };
    const { writer } = await storage.beginSnapshot(meta);
    const tooMuch = async (): Promise<void> => {
      for (let chunk = 0; chunk < 20; chunk += 1) {
        await writer.write(Buffer.alloc(64 * 1024, chunk));
      }
      await writer.finish();
    };
    await expect(tooMuch()).rejects.toThrow(/ENOSPC|no more bytes/);
    await writer.abort();
    expect(await realDisk.list(join(directory, 'snap'))).toEqual(['0000000000000000-0000000000000000.snap']);
    await storage.write({
      entries: [entry(2)],
      hardState: { term: 1, vote: 1, commit: 1 },
      snapshot: undefined,
    });
    await storage.close();
    expect((await stat(join(directory, 'wal'))).isDirectory()).toBe(true);
  });
});

describe.skipIf(process.getuid?.() !== 0)('a leader whose disk is full', () => {
  it('hands over, refuses with the reason, and comes back whole when there is room', async () => {
    const cluster = await TestCluster.make();
    directories.push(cluster.directory);
    try {
      const full = join(cluster.directory, '1');
      await smallDisk(full, '2m');
      const [one, two, three] = await cluster.three();
      const payload = 'x'.repeat(100_000);
      const acknowledged: string[] = [];
      const refused: unknown[] = [];
      for (let turn = 0; refused.length === 0; turn += 1) {
        const item = `${turn} ${payload}`;
        await one.node.propose(Buffer.from(item)).then(
          () => acknowledged.push(item),
          (error: unknown) => refused.push(error),
        );
      }
      expect(refused[0]).toMatchObject({
        code: expect.stringMatching(/^(proposal-dropped|not-leader|raft-disk-failed)$/),
      });
      await until('the failure was told', () => one.failures.length > 0);
      expect(one.failures[0]).toMatchObject({
        code: 'raft-disk-failed',
        message: expect.stringContaining('ENOSPC'),
      });
      await expect(one.node.propose(Buffer.from('late'))).rejects.toMatchObject({ code: 'raft-stopped' });
      // Handed over: one of the others leads at once, not after an election time-out's silence.
      expect([two, three].some(({ node }) => node.status().role === 'leader')).toBe(true);
      await cluster.stopNode(1);
      const leader = await cluster.leader();
      await leader.node.propose(Buffer.from('goes on'));
      await run('mount', ['-o', 'remount,size=64m', full]);
      const back = await cluster.start(1, { kind: 'bootstrap', member: cluster.member(1) });
      await until('the member caught up', () => back.machine.items.at(-1) === 'goes on');
      for (const { machine } of [back, leader]) {
        expect(machine.items.filter((item) => acknowledged.includes(item))).toEqual(acknowledged);
      }
    } finally {
      await Promise.all([...cluster.nodes.keys()].map((raftId) => cluster.stopNode(raftId)));
    }
  });
});
