// The disk of the leader is full: another manager leads, writes go on, the full one says why it does not run, and
// comes back by itself when there is room. Raft's directories lie on small tmpfs mounts.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { messageOf } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { type Host, lab, stateOf } from './support/lab.ts';

/** Above what a manager needs to start (32 MiB). */
const DISK_SIZE = '64m';
/** The supervisor's longest pause between two starts is 30 s. */
const BACK_LIMIT_MS = 60_000;
const REASON =
  /the raft log in .* cannot be written \(ENOSPC.*make room|the disk of .* is full: \d+ MiB are free/;

const cluster = useCluster({ managers: 3 });

const directoryOf = (host: Host): string => join(stateOf(host), 'manager');

async function ontoSmallDisk(host: Host): Promise<void> {
  await lab.stop(host);
  const directory = directoryOf(host);
  const script = `set -e; mv "$1" "$1.moved"; mkdir -m 700 "$1"; mount -t tmpfs -o size=${DISK_SIZE},mode=700 skt-raft "$1"; cp -a "$1.moved/." "$1/"; rm -rf "$1.moved"`;
  await run('sh', ['-c', script, 'sh', directory]);
  await lab.start(host);
  await eventually(`${host} serves`, 15_000, async () => (await cluster.on(host).nodes()).length === 3);
}

async function create(host: Host, name: string): Promise<void> {
  const data = Buffer.alloc(4_000, name).toString('base64');
  await cluster.on(host).call('POST', '/configs/create', { Name: name, Data: data });
}

async function names(host: Host): Promise<readonly string[]> {
  const configs = (await cluster.on(host).call('GET', '/configs')) as readonly { Spec: { Name: string } }[];
  return configs.map((config) => config.Spec.Name).toSorted();
}

describe('a leader whose disk is full', () => {
  let full: Host = 'h1';
  let others: readonly Host[] = [];
  const acknowledged: string[] = [];

  beforeAll(async () => {
    for (const host of cluster.hosts) {
      await ontoSmallDisk(host);
    }
  });

  test('hands over; writes go on with the others, none that was acknowledged is lost', async () => {
    full = await cluster.leader();
    others = cluster.hosts.filter((host) => host !== full);
    await run('sh', [
      '-c',
      'cat /dev/zero > "$1" 2>/dev/null || true',
      'sh',
      join(directoryOf(full), 'filler'),
    ]);
    const [witness = 'h2'] = others;
    // The first writes may be the ones that find the disk full: their outcome is told as open, or they succeed.
    for (let turn = 0; turn < 5; turn += 1) {
      await create(witness, `early-${turn}`).then(
        () => acknowledged.push(`early-${turn}`),
        (error: Error) =>
          expect(error.message).toMatch(
            /not confirmed|cannot be written|leader|unavailable|try again|ended|stopp/i,
          ),
      );
    }
    await eventually('another leads', 5_000, async () => (await cluster.leader(witness)) !== full);
    for (let turn = 0; turn < 20; turn += 1) {
      const host = others[turn % others.length] ?? witness;
      await create(host, `late-${turn}`);
      acknowledged.push(`late-${turn}`);
    }
    for (const host of others) {
      expect(await names(host)).toEqual(expect.arrayContaining(acknowledged));
    }
  });

  test('says why, in info and to every call', async () => {
    const info = await eventually('the reason in info', 15_000, async () => {
      const { Swarm } = (await cluster.on(full).call('GET', '/info')) as {
        readonly Swarm: {
          readonly LocalNodeState: string;
          readonly ControlAvailable: boolean;
          readonly Error: string;
        };
      };
      return REASON.test(Swarm.Error) ? Swarm : undefined;
    });
    expect(info).toMatchObject({ LocalNodeState: 'active', ControlAvailable: false });
    const answer = await cluster.on(full).ask('POST', '/configs/create', { Name: 'x', Data: 'eA==' });
    expect(answer.status).toBe(503);
    expect(messageOf(answer)).toMatch(REASON);
  });

  test('is back when there is room, with everything', async () => {
    await rm(join(directoryOf(full), 'filler'));
    await eventually(
      'it serves again',
      BACK_LIMIT_MS,
      async () => (await cluster.on(full).nodes()).length === 3,
    );
    await create(full, 'back');
    expect(await names(full)).toEqual(await names(others[0] ?? 'h2'));
    expect(await names(full)).toEqual(expect.arrayContaining([...acknowledged, 'back']));
  });
});
