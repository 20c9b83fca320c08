import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../../shared/log.ts';
import { ClaimFile, type HeldClaim } from './claim_file.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skt-claims-'));
  path = join(directory, 'root', 'attachments.json');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = () => new ClaimFile({ logger: silentLogger }, { path });

function held(letter: string): HeldClaim {
  return {
    target: 'shop',
    claim: {
      id: letter.repeat(25),
      containerId: letter.repeat(64),
      containerName: `c${letter}`,
      target: 'net',
      aliases: ['db'],
      addresses: ['10.0.5.2'],
    },
    attachment: { networkId: 'net', addresses: ['10.0.5.2/24'], aliases: ['db'] },
  };
}

it('reads what was saved, and nothing where nothing is', async () => {
  expect(await open().load()).toEqual([]);
  await open().save([held('a'), held('b')]);
  expect(await open().load()).toEqual([held('a'), held('b')]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it('ends with the newest of many saves, each of which waits for its own or a newer one', async () => {
  const file = open();
  const done: string[] = [];
  const saves = ['a', 'b', 'c', 'd'].map(async (letter) => {
    await file.save([held(letter)]);
    done.push(`${letter} ${JSON.parse(await readFile(path, 'utf8')).held[0].claim.containerName}`);
  });
  await Promise.all(saves);
  await file.flush();
  expect(done).toHaveLength(4);
  expect(await open().load()).toEqual([held('d')]);
});

it.each([
  ['no JSON', '{'],
  ['another format', '{"format":2,"held":[]}'],
  ['a claim that is none', '{"format":1,"held":[{"claim":{"id":"x"}}]}'],
  ['no addresses', JSON.stringify({ format: 1, held: [{ claim: held('a').claim }] })],
])('drops a file with %s', async (_what, text) => {
  await open().save([]);
  await writeFile(path, text);
  expect(await open().load()).toEqual([]);
});

it('tells that it cannot write, and tries anew with the next', async () => {
  const blocked = new ClaimFile({ logger: silentLogger }, { path: join(directory, 'file', 'x.json') });
  await writeFile(join(directory, 'file'), '');
  await expect(blocked.save([held('a')])).rejects.toThrow('EEXIST');
  await rm(join(directory, 'file'));
  await blocked.save([held('a')]);
  expect(await blocked.load()).toHaveLength(1);
});
