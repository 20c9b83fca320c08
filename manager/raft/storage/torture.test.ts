// The log under torture, on real files of the real format: a batch of several records cut at every byte, bits
// flipped at every boundary and at random places, newer versions, and what is synced before it is built upon.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomInt, seededRandom, systemRandom } from '../../../shared/random.ts';
import type { Entry, SnapshotMeta } from '../core/types.ts';
import { crc32c } from './crc32c.ts';
import { type Disk, type DiskFile, realDisk } from './disk.ts';
import { FRAME_HEAD_BYTES, frameBytes } from './frame.ts';
import { FORMAT_VERSION, HEADER_BYTES } from './header.ts';
import { RaftStorage, type StoredState } from './storage.ts';

const MEMBERS = [{ raftId: 1, nodeId: 'n1', address: '10.0.0.1:2377', learner: false }];
const KEY = Buffer.alloc(32, 7);
const CHECKSUM_AT = HEADER_BYTES - 4;
const VERSION_AT = 8;
/** What an operator reads: file, place, and what to do. */
const REFUSAL = /is damaged at offset \d+: .+\. Do not delete single files: .+/;

/** Thousands of starts, each with its syncs: in memory where the machine has such a file system. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let directory: string;
let segment: string;

beforeEach(async () => {
  directory = await mkdtemp(join(SCRATCH, 'skt-torture-'));
  segment = join(directory, 'wal', '0000000000000001.wal');
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function open(disk: Disk = realDisk): RaftStorage {
  return new RaftStorage(
    { disk, random: systemRandom },
    { directory, dataKey: KEY, recordBytes: 256, segmentBytes: 1024 * 1024 },
  );
}

function entry(index: number, size: number): Entry {
  return { kind: 'data', term: 1, index, data: Buffer.alloc(size, index) };
}

async function write(storage: RaftStorage, entries: readonly Entry[]): Promise<void> {
  const commit = (entries[0]?.index ?? 1) - 1;
  await storage.write({ entries, hardState: { term: 1, vote: 1, commit }, snapshot: undefined });
}

async function load(): Promise<StoredState> {
  const storage = open();
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

/** Puts this content in place of the first segment, with nothing after it, and starts on it. */
async function loadSpoilt(content: Uint8Array): Promise<StoredState> {
  for (const name of await realDisk.list(join(directory, 'wal'))) {
    await rm(join(directory, 'wal', name));
  }
  await writeFile(segment, content);
  return load();
}

/** Where each record begins, and at last where the file ends. */
function boundaries(content: Buffer): readonly number[] {
  const found = [HEADER_BYTES];
  for (let at = HEADER_BYTES; at < content.length; ) {
    at += frameBytes(content.readUInt32LE(at));
    found.push(at);
  }
  return found;
}

describe('a batch of several records', () => {
  let whole: Buffer;
  let acknowledged: number;

  beforeEach(async () => {
    const storage = open();
    await storage.load();
    await storage.create(1, MEMBERS);
    await write(storage, [entry(1, 40)]);
    await write(storage, [entry(2, 300), entry(3, 40)]);
    acknowledged = (await stat(segment)).size;
    await write(storage, [entry(4, 300), entry(5, 20), entry(6, 300), entry(7, 300), entry(8, 10)]);
    await storage.close();
    whole = await readFile(segment);
  });

  it('is cut back to its last whole record at every length, and reported; what came before stays', async () => {
    const ends = boundaries(whole);
    expect(ends.filter((at) => at > acknowledged).length).toBeGreaterThanOrEqual(4);
    for (let length = acknowledged; length < whole.length; length += 1) {
      const stored = await loadSpoilt(whole.subarray(0, length));
      const cutAt = Math.max(...ends.filter((at) => at <= length));
      expect(stored.initial.entries.length, `length ${length}`).toBeGreaterThanOrEqual(3);
      expect(stored.initial.hardState.commit).toBeGreaterThanOrEqual(1);
      expect(stored.torn?.offset, `length ${length}`).toBe(cutAt === length ? undefined : cutAt);
      expect((await stat(segment)).size).toBe(cutAt);
    }
  });

  it('is cut in the same way where it is zero from a sector on, whatever its size', async () => {
    const ends = boundaries(whole);
    for (let sector = Math.ceil(acknowledged / 512) * 512; sector < whole.length; sector += 512) {
      for (const more of [0, 1, 511, 4096]) {
        const content = Buffer.concat([whole, Buffer.alloc(more)]);
        content.fill(0, sector);
        const stored = await loadSpoilt(content);
        expect(stored.initial.entries.length).toBeGreaterThanOrEqual(3);
        expect(stored.torn?.offset).toBe(Math.max(...ends.filter((at) => at <= sector)));
      }
    }
  });

  it('refuses to start on any flipped bit at any boundary, the last record included', async () => {
    const places = boundaries(whole).flatMap((at) => [at - 1, at, at + 4, at + 8, at + FRAME_HEAD_BYTES]);
    for (const place of new Set(places.filter((at) => at < whole.length))) {
      for (let bit = 0; bit < 8; bit += 1) {
        await expectRefusal(whole, place, bit);
      }
    }
  });

  it('refuses to start on flipped bits at random places', async () => {
    const random = seededRandom(7);
    for (let turn = 0; turn < 300; turn += 1) {
      await expectRefusal(whole, randomInt(random, 0, whole.length - 1), randomInt(random, 0, 7));
    }
  });

  it('refuses to start when zeros or other bytes stand where records were, with records behind them', async () => {
    const [, second = 0, third = 0] = boundaries(whole);
    for (const filler of [0, 0xff]) {
      const content = Buffer.from(whole);
      content.fill(filler, second, third);
      await expect(loadSpoilt(content)).rejects.toThrow(REFUSAL);
    }
    const gone = Buffer.concat([whole.subarray(0, second), whole.subarray(third)]);
    await expect(loadSpoilt(gone)).rejects.toThrow(REFUSAL);
    const doubled = Buffer.concat([whole, whole.subarray(boundaries(whole).at(-2))]);
    await expect(loadSpoilt(doubled)).rejects.toThrow(REFUSAL);
  });

  it('refuses a file of a newer version, naming both versions', async () => {
    const content = Buffer.from(whole);
    content.writeUInt32LE(FORMAT_VERSION + 1, VERSION_AT);
    content.writeUInt32LE(crc32c(content.subarray(0, CHECKSUM_AT)), CHECKSUM_AT);
    await expect(loadSpoilt(content)).rejects.toMatchObject({
      code: 'raft-format-newer',
      message: expect.stringMatching(
        /format version 2, this skein reads up to 1: start it with the newer skein/,
      ),
    });
  });

  async function expectRefusal(content: Buffer, place: number, bit: number): Promise<void> {
    const spoilt = Buffer.from(content);
    spoilt[place] = (spoilt[place] ?? 0) ^ (1 << bit);
    const label = `offset ${place} bit ${bit}`;
    await expect(loadSpoilt(spoilt), label).rejects.toMatchObject({
      code: 'raft-log-corrupt',
      message: expect.stringMatching(REFUSAL),
      data: { file: segment, offset: expect.stringMatching(/^\d+$/) },
    });
    // Nothing was cut or written: the file can still be looked at.
    expect((await stat(segment)).size).toBe(content.length);
  }
});

describe('what a killed process left unsynced', () => {
  /** The real disk, noting in order what became durable and what was written. */
  function noting(notes: string[]): Disk {
    const name = (path: string): string => path.slice(directory.length + 1);
    const watched = (path: string, file: DiskFile): DiskFile => ({
      write: (parts, position) => {
        notes.push(`write ${name(path)}`);
        return file.write(parts, position);
      },
      writeDurably: (parts, position) => {
        notes.push(`write ${name(path)}`, `sync ${name(path)}`);
        return file.writeDurably(parts, position);
      },
      read: (position, length) => file.read(position, length),
      size: () => file.size(),
      truncate: (size) => file.truncate(size),
      sync: () => {
        notes.push(`sync ${name(path)}`);
        return file.sync();
      },
      close: () => file.close(),
    });
    return {
      ...realDisk,
      open: async (path, mode) => watched(path, await realDisk.open(path, mode)),
      syncDirectory: (path) => {
        notes.push(`sync ${name(path)}/`);
        return realDisk.syncDirectory(path);
      },
    };
  }

  it('is made durable before a new segment continues it', async () => {
    const first = open();
    await first.load();
    await first.create(1, MEMBERS);
    await write(first, [entry(1, 10)]);
    const meta: SnapshotMeta = { index: 1, term: 1, members: MEMBERS };
    const { temporary, writer } = await first.beginSnapshot(meta);
    await writer.finish();
    await first.snapshots.publish(temporary, meta);
    await first.close();
    const notes: string[] = [];
    const again = open(noting(notes));
    await again.load();
    await again.close();
    const next = notes.findIndex((note) => note.startsWith('write wal/0000000000000002'));
    // Written once more: after a failed sync the kernel would not write those pages by itself.
    expect(notes.slice(0, next)).toEqual([
      'sync snap/',
      'write wal/0000000000000001.wal',
      'sync wal/0000000000000001.wal',
    ]);
  });
});
