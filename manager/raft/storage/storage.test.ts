// The log and snapshots on real files: round trips, torn tails at every byte, flipped bits, wrong keys.
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomInt, seededRandom, systemRandom } from '../../../shared/random.ts';
import type { Entry, SnapshotMeta } from '../core/types.ts';
import { crc32c } from './crc32c.ts';
import { realDisk } from './disk.ts';
import { openDataKey } from './key.ts';
import { RaftStorage, type StoredState } from './storage.ts';

const MEMBERS = [{ raftId: 1, nodeId: 'n1', address: '10.0.0.1:2377', learner: false }];

/** Thousands of starts, each with its syncs: in memory where the machine has such a file system. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(SCRATCH, 'skt-wal-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function open(path = directory, segmentBytes?: number): Promise<RaftStorage> {
  const dataKey = await openDataKey(realDisk, systemRandom, path);
  return new RaftStorage(
    { disk: realDisk, random: systemRandom },
    { directory: path, dataKey, ...(segmentBytes === undefined ? {} : { segmentBytes }) },
  );
}

async function create(storage: RaftStorage, raftId: number): Promise<void> {
  expect(await storage.load()).toBeUndefined();
  await storage.create(raftId, MEMBERS);
}

function entry(index: number, term = 1, text = `entry ${index}`): Entry {
  return { kind: 'data', term, index, data: Buffer.from(text) };
}

async function load(path = directory): Promise<StoredState> {
  const storage = await open(path);
  try {
    const stored = await storage.load();
    if (stored === undefined) {
      throw new Error('nothing stored');
    }
    return stored;
  } finally {
    await storage.close();
  }
}

async function write(storage: RaftStorage, entries: readonly Entry[], term = 1): Promise<void> {
  const commit = (entries[0]?.index ?? 1) - 1;
  await storage.write({ entries, hardState: { term, vote: 1, commit }, snapshot: undefined });
}

function texts(stored: StoredState): readonly string[] {
  return stored.initial.entries.map((each) =>
    each.kind === 'data' ? Buffer.from(each.data).toString() : each.kind,
  );
}

describe('crc32c', () => {
  it.each([
    ['32 zeros (RFC 3720 B.4)', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
    ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, at) => 31 - at)), 0x113fdb5c],
    ['123456789', Buffer.from('123456789'), 0xe3069283],
  ])('of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
    expect(crc32c(bytes.subarray(5), crc32c(bytes.subarray(0, 5)))).toBe(expected);
  });
});

describe('the log', () => {
  it('gives back what was written, through restarts, overwriting and config entries', async () => {
    const storage = await open();
    await create(storage, 7);
    const added = { raftId: 2, nodeId: 'n2', address: 'a:1', learner: true };
    const change: Entry = { kind: 'config', term: 1, index: 3, change: { op: 'add-learner', member: added } };
    await write(storage, [{ kind: 'noop', term: 1, index: 1 }, entry(2), change, entry(4)]);
    await storage.close();
    const first = await load();
    expect(first).toMatchObject({ raftId: 7, torn: undefined });
    expect(first.initial.entries[2]).toEqual(change);
    const again = await open();
    await again.load();
    await write(again, [entry(3, 2, 'other')], 2);
    await again.close();
    const second = await load();
    expect(texts(second)).toEqual(['noop', 'entry 2', 'other']);
    expect(second.initial.hardState).toEqual({ term: 2, vote: 1, commit: 2 });
    expect(second.initial.snapshot.members).toEqual(MEMBERS);
  });

  it('goes over many segments and drops those behind a snapshot', async () => {
    const storage = await open(directory, 2_000);
    await create(storage, 1);
    for (let index = 1; index <= 60; index += 1) {
      await write(storage, [entry(index, 1, 'x'.repeat(200))]);
    }
    const meta: SnapshotMeta = { index: 50, term: 1, members: MEMBERS };
    const { temporary, writer } = await storage.beginSnapshot(meta);
    await writer.write(Buffer.from('the '));
    await writer.write(Buffer.from('state'));
    await writer.finish();
    await storage.snapshots.publish(temporary, meta);
    const before = (await realDisk.list(join(directory, 'wal'))).length;
    await storage.compact(meta, 45);
    expect((await realDisk.list(join(directory, 'wal'))).length).toBeLessThan(before / 2);
    await storage.close();
    const stored = await load();
    expect(stored.initial.snapshot).toEqual(meta);
    expect(stored.initial.entries[0]?.index).toBeLessThanOrEqual(51);
    expect(stored.initial.entries.at(-1)?.index).toBe(60);
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await open()).snapshots.read(meta)) {
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).toString()).toBe('the state');
  });

  it('starts from a received snapshot even when a crash came before the log noted it', async () => {
    const storage = await open();
    await create(storage, 1);
    await write(storage, [entry(1), entry(2)]);
    const meta: SnapshotMeta = { index: 90, term: 4, members: MEMBERS };
    const { temporary, writer } = await storage.beginSnapshot(meta);
    await writer.finish();
    await storage.snapshots.publish(temporary, meta);
    await storage.close();
    const stored = await load();
    expect(stored.initial).toMatchObject({ entries: [], hardState: { commit: 90, term: 4 } });
    const again = await open();
    await again.load();
    await write(again, [entry(91, 4)], 4);
    await again.close();
    expect(texts(await load())).toEqual(['entry 91']);
  });

  it('refuses another key, a changed version and a missing segment', async () => {
    const storage = await open(directory, 500);
    await create(storage, 1);
    for (let index = 1; index <= 9; index += 1) {
      await write(storage, [entry(index, 1, 'y'.repeat(300))]);
    }
    await storage.close();
    const wal = join(directory, 'wal');
    const names = await realDisk.list(wal);
    const copy = async (name: string): Promise<string> => {
      const path = join(directory, '..', `${directory.split('/').at(-1)}-${name}`);
      await cp(directory, path, { recursive: true });
      return path;
    };
    const cases: readonly (readonly [string, string, (path: string) => Promise<unknown>])[] = [
      ['key', 'raft-key-wrong', (path) => writeFile(join(path, 'dek'), Buffer.alloc(32))],
      ['gap', 'raft-log-corrupt', (path) => rm(join(path, 'wal', names[2] ?? ''))],
      ['version', 'raft-log-corrupt', (path) => patch(join(path, 'wal', names[0] ?? ''), 8, () => 2)],
    ];
    for (const [name, code, spoil] of cases) {
      const path = await copy(name);
      try {
        await spoil(path);
        await expect(load(path)).rejects.toMatchObject({ code });
      } finally {
        await rm(path, { recursive: true, force: true });
      }
    }
  });

  it('keeps its files to the owner', async () => {
    const storage = await open();
    await create(storage, 1);
    await storage.close();
    expect((await stat(join(directory, 'dek'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'wal'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, 'wal', '0000000000000001.wal'))).mode & 0o777).toBe(0o600);
  });
});

describe('the end of the log after a crash', () => {
  let segment: string;
  let whole: Buffer;
  /** Sizes of the segment after each write. */
  let sizes: number[];

  beforeEach(async () => {
    const storage = await open();
    await create(storage, 1);
    segment = join(directory, 'wal', '0000000000000001.wal');
    sizes = [];
    for (let index = 1; index <= 4; index += 1) {
      await write(storage, [entry(index, 1, `${index}`.repeat(index === 4 ? 700 : 40))]);
      sizes.push((await stat(segment)).size);
    }
    await storage.close();
    whole = await readFile(segment);
  });

  /** Puts a spoilt segment in place of the whole one, with nothing after it. */
  async function loadSpoilt(content: Uint8Array): Promise<StoredState> {
    for (const name of await realDisk.list(join(directory, 'wal'))) {
      await rm(join(directory, 'wal', name));
    }
    await writeFile(segment, content);
    return load();
  }

  it('is cut at every length of the last record, and reported', async () => {
    const from = sizes[2] ?? 0;
    for (let length = from; length < whole.length; length += 1) {
      const stored = await loadSpoilt(whole.subarray(0, length));
      expect(texts(stored)).toHaveLength(3);
      expect(stored.torn === undefined, `length ${length}`).toBe(length === from);
      expect((await stat(segment)).size).toBe(from);
    }
  });

  it('is cut where it is zero from a sector on', async () => {
    for (let sector = Math.ceil((sizes[2] ?? 0) / 512) * 512; sector < whole.length; sector += 512) {
      const content = Buffer.from(whole);
      content.fill(0, sector);
      for (const size of [content.length, content.length + 4096]) {
        const stored = await loadSpoilt(Buffer.concat([content, Buffer.alloc(size - content.length)]));
        expect(texts(stored)).toHaveLength(3);
        expect(stored.torn?.offset).toBe(sizes[2]);
      }
    }
  });

  it('is cut where the size of a write arrived, but nothing of its data', async () => {
    const stored = await loadSpoilt(Buffer.concat([whole, Buffer.alloc(10_000)]));
    expect(texts(stored)).toHaveLength(4);
    expect(stored.torn).toMatchObject({ offset: whole.length, reason: expect.stringContaining('zero') });
  });

  it('is damage, not a torn tail, wherever a single bit is flipped', async () => {
    const random = seededRandom(1);
    const boundaries = [0, 8, 64, ...sizes].flatMap((at) => [at, at + 4, at + 8, at + 12, at - 1]);
    const places = [
      ...boundaries,
      ...Array.from({ length: 150 }, () => randomInt(random, 0, whole.length - 1)),
    ];
    for (const place of places.filter((at) => at >= 0 && at < whole.length)) {
      const content = Buffer.from(whole);
      content[place] = (content[place] ?? 0) ^ (1 << randomInt(random, 0, 7));
      await expect(loadSpoilt(content), `offset ${place}`).rejects.toMatchObject({
        code: 'raft-log-corrupt',
        data: { file: segment },
      });
    }
  });

  it('is damage when it is torn but the log goes on in another segment', async () => {
    await load();
    await truncate(segment, whole.length - 3);
    await expect(load()).rejects.toMatchObject({ code: 'raft-log-corrupt' });
  });

  it('may come back behind the record that the next segment continues: a failed sync can lose the cut', async () => {
    for (const length of [whole.length - 3, whole.length - 30]) {
      await writeFile(segment, whole.subarray(0, length));
      const { torn, ...cut } = await load();
      expect(torn).toMatchObject({ file: segment });
      // The next segment is there by now; the disk gives back what was cut off this one.
      await writeFile(segment, whole.subarray(0, length));
      expect(await load()).toEqual({ ...cut, torn: undefined });
      await rm(join(directory, 'wal'), { recursive: true });
      await mkdir(join(directory, 'wal'));
    }
  });
});

describe('a snapshot file', () => {
  it('is refused when any byte of it is changed or missing', async () => {
    const storage = await open();
    await create(storage, 1);
    const meta: SnapshotMeta = { index: 5, term: 1, members: MEMBERS };
    const { temporary, writer } = await storage.beginSnapshot(meta);
    await writer.write(Buffer.from('a state of some length'));
    await writer.finish();
    await storage.snapshots.publish(temporary, meta);
    await storage.close();
    const path = join(directory, 'snap', '0000000000000005-0000000000000001.snap');
    const whole = await readFile(path);
    const readAll = async (): Promise<void> => {
      const opened = await open();
      const newest = await opened.snapshots.newest();
      for await (const _ of opened.snapshots.read(newest ?? meta)) {
        // Only whether it can be read matters.
      }
    };
    await readAll();
    for (let at = 0; at < whole.length; at += 1) {
      const content = Buffer.from(whole);
      content[at] = (content[at] ?? 0) ^ 16;
      await writeFile(path, content);
      await expect(readAll(), `offset ${at}`).rejects.toMatchObject({
        code: 'raft-log-corrupt',
      });
      await writeFile(path, whole.subarray(0, at));
      await expect(readAll(), `length ${at}`).rejects.toMatchObject({ code: 'raft-log-corrupt' });
    }
  });
});

async function patch(path: string, at: number, change: (byte: number) => number): Promise<void> {
  const content = await readFile(path);
  content[at] = change(content[at] ?? 0);
  await writeFile(path, content);
}
