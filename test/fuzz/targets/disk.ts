// What a manager reads from its disk: raft's directories whole and record by record, the store's snapshot, sealed
// keys, the lock, the member file, and backups; of sealed formats both the seal and what is under it.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBackup } from '../../../manager/backup/restore.ts';
import { openBackup, sealBackup } from '../../../manager/backup/format.ts';
import { readMember, writeMember } from '../../../manager/member_file.ts';
import { realDisk } from '../../../manager/raft/storage/disk.ts';
import { FrameReader, frameRecord } from '../../../manager/raft/storage/frame.ts';
import { decodeHeader, encodeHeader } from '../../../manager/raft/storage/header.ts';
import { decodeItems, encodeItems, type LogItem } from '../../../manager/raft/storage/record.ts';
import { RaftStorage } from '../../../manager/raft/storage/storage.ts';
import { readSnapshot, writeSnapshot } from '../../../manager/store/snapshot.ts';
import { State } from '../../../manager/store/state.ts';
import { LockFile } from '../../../shared/identity/lock_file.ts';
import { Sealing } from '../../../shared/identity/sealing.ts';
import { makeUnlockKey } from '../../../shared/identity/unlock_key.ts';
import { seededRandom } from '../../../shared/random.ts';
import { storeCodec } from '../../../shared/wire/store.ts';
import { cluster, node, secret, service, task } from '../../support/objects.ts';
import { check, type FuzzTarget } from '../target.ts';

/** As test/fixtures/raft_format.test.ts wrote the directory. */
const FIXTURE_KEY = Buffer.alloc(32, 42);
const ID = 'a'.repeat(25);
const FORGING = seededRandom(5);
const META = { clusterId: ID, index: 9, term: 2, createdAt: 1 };
/** In a backup's head: after magic, version and kind. */
const SCRYPT_AT = 13;
const KEY = makeUnlockKey(seededRandom(7));

function fixtures(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  return here.includes('/dist-fuzz/')
    ? join(here, '../../../../test/fixtures')
    : join(here, '../../fixtures');
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    check(chunk.length <= 4 * 1024 * 1024, 'a chunk of more than a record');
  }
}

function stateBytes(): Buffer {
  const state = new State();
  state.put('cluster', ID, cluster({ id: ID }));
  state.put('node', 'b'.repeat(25), node({ id: 'b'.repeat(25) }));
  state.put('service', 's'.repeat(25), service({ id: 's'.repeat(25) }));
  state.put('task', 't'.repeat(25), task({ id: 't'.repeat(25) }));
  state.put('secret', 'x'.repeat(25), secret({ id: 'x'.repeat(25) }));
  return Buffer.concat([...writeSnapshot(state, storeCodec)]);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) {
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** One file of a raft directory is damaged; the first byte of an input says which. */
class RaftDirectory implements FuzzTarget {
  readonly name = 'raft directory';
  readonly form = 'bytes';
  private scratch = '';
  private names: readonly string[] = [];

  async seeds(): Promise<readonly Buffer[]> {
    this.scratch = await mkdtemp(join(tmpdir(), 'skt-fuzz-'));
    const directory = join(fixtures(), 'raft-v1');
    const found = await readdir(directory, { recursive: true, withFileTypes: true });
    this.names = found
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
      .sort();
    return Promise.all(
      this.names.map(async (name, at) =>
        Buffer.concat([Buffer.of(at), await readFile(join(directory, name))]),
      ),
    );
  }

  async run(input: Buffer): Promise<void> {
    const directory = join(this.scratch, 'raft');
    const name = this.names[(input[0] ?? 0) % this.names.length] ?? '';
    await cp(join(fixtures(), 'raft-v1'), directory, { recursive: true });
    try {
      await writeFile(join(directory, name), input.subarray(1));
      const storage = new RaftStorage(
        { disk: realDisk, random: seededRandom(1) },
        { directory, dataKey: FIXTURE_KEY },
      );
      try {
        const stored = await storage.load();
        if (stored !== undefined) {
          await drain(storage.snapshots.read(stored.initial.snapshot));
        }
      } finally {
        await storage.close();
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await rm(this.scratch, { recursive: true, force: true });
  }
}

/** A small file in a directory of its own, read by `read`. */
function fileTarget(
  name: string,
  form: FuzzTarget['form'],
  file: string,
  seeds: (directory: string) => Promise<readonly Buffer[]>,
  read: (directory: string) => Promise<unknown>,
): FuzzTarget {
  let directory = '';
  return {
    name,
    form,
    seeds: async () => {
      directory = await mkdtemp(join(tmpdir(), 'skt-fuzz-'));
      return await seeds(directory);
    },
    run: async (input) => {
      await writeFile(join(directory, file), input);
      await read(directory);
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

const ITEMS: readonly LogItem[] = [
  { kind: 'member', raftId: 7 },
  { kind: 'hard-state', hardState: { term: 3, vote: 7, commit: 2 } },
  { kind: 'entry', entry: { kind: 'data', term: 1, index: 2, data: Buffer.from('two') } },
  { kind: 'entry', entry: { kind: 'noop', term: 1, index: 3 } },
  {
    kind: 'entry',
    entry: {
      kind: 'config',
      term: 2,
      index: 4,
      change: {
        op: 'add-learner',
        member: { raftId: 9, nodeId: ID, address: '10.0.0.9:2377', learner: true },
      },
    },
  },
] as const;

export function diskTargets(): readonly FuzzTarget[] {
  const sealing = new Sealing(Buffer.alloc(32, 3), FORGING);
  const secretOf = { kind: 'unlock-key', text: KEY } as const;
  return [
    new RaftDirectory(),
    {
      name: 'log header',
      form: 'bytes',
      seeds: () => [encodeHeader({ kind: 'log', sequence: 3, chain: 9, salt: Buffer.alloc(32, 1) })],
      run: (input) => decodeHeader('x.wal', 'log', input),
    },
    {
      name: 'log frames',
      form: 'bytes',
      seeds: () => [
        Buffer.concat(frameRecord(0, [Buffer.from('some sealed bytes')]).parts),
        Buffer.concat([...frameRecord(0, [Buffer.alloc(600, 1)]).parts, Buffer.alloc(700)]),
      ],
      run: (input) => {
        const reader = new FrameReader('x.wal', input, 0, 0);
        for (let records = 0; reader.next().kind === 'record'; records += 1) {
          check(records <= input.length, 'more records than bytes');
        }
      },
    },
    {
      name: 'log items',
      form: 'bytes',
      seeds: () => [encodeItems(ITEMS), ...ITEMS.map((item) => encodeItems([item]))],
      // The log's reader makes one error of whatever a record's content throws, with file and offset.
      run: (input) => {
        try {
          encodeItems(decodeItems(input));
        } catch (error) {
          check(error instanceof RangeError, `threw ${String(error)}`);
        }
      },
    },
    {
      name: 'store snapshot',
      form: 'bytes',
      seeds: () => [stateBytes()],
      run: (input) => readSnapshot(once(input), storeCodec),
    },
    {
      name: 'sealed key',
      form: 'bytes',
      seeds: () => [sealing.seal('test', Buffer.alloc(32, 1)), sealing.seal('test', Buffer.alloc(0))],
      run: (input) => sealing.open('test', input, 'the key'),
    },
    {
      name: 'backup file',
      form: 'bytes',
      seeds: async () => [await collect(sealBackup(META, [stateBytes()], secretOf, FORGING))],
      run: async (input) => {
        const bytes = Buffer.from(input);
        // A passphrase's cost is the file's own choice, within bounds: here a cheap one, or one that is refused.
        if (bytes.length > SCRYPT_AT && bytes[SCRYPT_AT - 1] === 1) {
          bytes.writeUInt8(Math.min(3, bytes[SCRYPT_AT] ?? 0) || 60, SCRYPT_AT);
        }
        const secret =
          bytes[SCRYPT_AT - 1] === 1 ? ({ kind: 'passphrase', text: 'long enough' } as const) : secretOf;
        const { chunks } = await openBackup(once(bytes), secret);
        await drain(chunks);
      },
    },
    {
      name: 'backup made by who knows the key',
      form: 'bytes',
      seeds: () => [stateBytes()],
      run: async (input) => {
        const directory = await mkdtemp(join(tmpdir(), 'skt-fuzz-'));
        try {
          const file = join(directory, 'backup');
          await writeFile(file, await collect(sealBackup(META, [input], secretOf, FORGING)));
          await readBackup(file, secretOf);
        } finally {
          await rm(directory, { recursive: true, force: true });
        }
      },
    },
    fileTarget(
      'lock file',
      'bytes',
      'lock',
      async (directory) => {
        await new LockFile({ random: FORGING }, { directory }).write(Buffer.alloc(32, 9), KEY);
        return [await readFile(join(directory, 'lock')), Buffer.alloc(32, 9)];
      },
      async (directory) => {
        const lock = new LockFile({ random: FORGING }, { directory });
        const state = await lock.read();
        return state.kind === 'locked' ? lock.open(state, KEY) : state;
      },
    ),
    fileTarget(
      'member file',
      'text',
      'member.json',
      async (directory) => {
        const members = [{ raftId: 1, nodeId: ID, address: '10.0.0.1:2377', learner: false }];
        await writeMember(directory, { raftId: 1, members });
        return [await readFile(join(directory, 'member.json'))];
      },
      async (directory) => {
        const member = await readMember(directory);
        check(
          member === undefined || member.members.every(({ address }) => typeof address === 'string'),
          'no address',
        );
      },
    ),
  ];
}
