// Snapshots on their way in: what becomes of one that the core did not take at its first offer.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '../../shared/random.ts';
import type { MessageOf } from './core/types.ts';
import { IncomingSnapshots } from './incoming.ts';
import { realDisk } from './storage/disk.ts';
import { openDataKey } from './storage/key.ts';
import { RaftStorage } from './storage/storage.ts';

const MEMBERS = [{ raftId: 1, nodeId: 'node-1', address: '10.0.0.1:2377', learner: false }];

function snapshotMessage(index: number, term: number): MessageOf<'snapshot'> {
  return { kind: 'snapshot', from: 1, to: 2, term, snapshot: { index, term: 3, members: MEMBERS } };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** A sender that stops in the middle until it is told to go on. */
async function* stalled(gate: Promise<void>): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half ');
  await gate;
  yield Buffer.from('whole');
}

describe('a snapshot that comes in', () => {
  let directory: string;
  let storage: RaftStorage;
  let incoming: IncomingSnapshots;
  let offers: number[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skt-incoming-'));
    const dataKey = await openDataKey(realDisk, systemRandom, directory);
    storage = new RaftStorage({ disk: realDisk, random: systemRandom }, { directory, dataKey });
    await storage.load();
    await storage.create(2, MEMBERS);
    incoming = new IncomingSnapshots(storage);
    offers = [];
  });

  afterEach(async () => {
    await storage.close();
    await rm(directory, { recursive: true, force: true });
  });

  const receive = (message: MessageOf<'snapshot'>, chunks: AsyncIterable<Uint8Array>) =>
    incoming.receive(message, chunks, () => offers.push(message.term));

  it('is offered again by a later leader when the first offer was let pass, without being sent again', async () => {
    await receive(snapshotMessage(40, 3), bytes('the state'));
    // The core let it pass: its leader was of an earlier term. The new leader sends the very same one.
    await receive(snapshotMessage(40, 4), bytes('not read'));
    expect(offers).toEqual([3, 4]);
    await incoming.publish(snapshotMessage(40, 4).snapshot);
    const chunks: string[] = [];
    for await (const chunk of storage.snapshots.read(snapshotMessage(40, 4).snapshot)) {
      chunks.push(Buffer.from(chunk).toString());
    }
    expect(chunks.join('')).toBe('the state');
  });

  it('keeps a second one out while it is under way, and lets it in when the sender has given up', async () => {
    let giveUp = (_error: Error): void => undefined;
    const gate = new Promise<void>((_resolve, reject) => {
      giveUp = reject;
    });
    // The file may not have been opened yet when the sender gives up: nobody awaits the gate until then.
    gate.catch(() => undefined);
    const first = receive(snapshotMessage(40, 3), stalled(gate));
    await expect(receive(snapshotMessage(50, 3), bytes('later'))).rejects.toMatchObject({
      code: 'snapshot-busy',
    });
    giveUp(new Error('the sender is gone'));
    await expect(first).rejects.toThrow('the sender is gone');
    await receive(snapshotMessage(50, 3), bytes('later'));
    expect(offers).toEqual([3]);
  });

  it('is thrown away when the member has come past it by entries', async () => {
    await receive(snapshotMessage(40, 3), bytes('the state'));
    expect(incoming.holds).toBe(true);
    await incoming.discardUpTo(39);
    expect(incoming.holds).toBe(true);
    await incoming.discardUpTo(40);
    expect(incoming.holds).toBe(false);
    expect((await realDisk.list(join(directory, 'snap'))).filter((name) => name.endsWith('.tmp'))).toEqual(
      [],
    );
  });
});
