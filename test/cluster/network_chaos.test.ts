// Disorder, then order: services come, grow, change and go at random while daemons are killed in the middle of
// it, the leader changes, a host dies and comes back, and hosts are cut from each other. Afterwards the kernels
// of all hosts hold exactly what the store says, no address is lost, and every network can be removed. A failing
// seed is printed; SKEIN_CHAOS_SEED runs it again. SKEIN_LONG_TESTS=1: 200 orders, and every trouble again and again.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Random, randomInt, seededRandom } from '../../shared/random.ts';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { containersOf, removeContainer, RUNS, runContainer } from './support/containers.ts';
import { Engine, type ServiceJson } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { type Host, lab, namespaceOf, runDirectoryOf } from './support/lab.ts';
import { measured } from './support/measures.ts';
import { findings } from './support/network_truth.ts';
import { scaled, service, withContainer } from './support/services.ts';

const SEED = Number(process.env['SKEIN_CHAOS_SEED'] ?? Date.now() % 100_000);
const isLong = process.env['SKEIN_LONG_TESTS'] === '1';
const ORDERS = isLong ? 200 : 30;
/** How long the disorder may last at most, however slow the machine. */
const DISORDER_MS = isLong ? 240_000 : 45_000;
const PAUSE_MS = 60;
const TEST_LIMIT_MS = isLong ? 400_000 : 120_000;
const NETWORKS = ['red', 'blue'] as const;
/** Small, so that in the end every address of it can be used at once. */
const SUBNET = '10.201.7.0/26';
/** All but the network's own, the broadcast address, the gateway and one virtual IP. */
const ADDRESSES = 60;
const NAMES = ['s1', 's2', 's3', 's4', 's5'] as const;
const REPLICAS_MAX = 4;
/** What a manager answers while there is no leader, or to an update that another one overtook. */
const EXPECTED_REFUSALS =
  /ECONNRESET|EPIPE|no leader|not the leader|does not lead|out of sequence|not found|already exists|in use|unavailable|deadline|leader|connect|socket|aborted|timeout|Timeout/i;

const DONE = 'done';
const REFUSED = 'refused';

const cluster = useCluster({ managers: 3 });

function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[randomInt(random, 0, items.length - 1)] ?? items[0];
}

/** One random order to a random manager: done, refused as a client must live with, or else a finding in words. */
async function operate(random: Random, turn: number): Promise<string> {
  const engine = new Engine(pick(random, ['h1', 'h2', 'h3'] as const));
  const name = pick(random, NAMES);
  const kind = pick(random, ['create', 'create', 'scale', 'scale', 'update', 'remove'] as const);
  try {
    if (kind === 'create') {
      const networks = random.next() < 0.5 ? ['red'] : ['red', 'blue'];
      const publish = random.next() < 0.5 ? { publish: 9100 + NAMES.indexOf(name) } : {};
      await engine.createService(
        service(name, { replicas: randomInt(random, 1, REPLICAS_MAX), networks, ...publish }),
      );
    } else if (kind === 'scale') {
      await engine.updateService(name, scaled(randomInt(random, 0, REPLICAS_MAX)));
    } else if (kind === 'update') {
      await engine.updateService(name, withContainer({ Env: [`TURN=${turn}`] }));
    } else {
      await engine.removeService(name);
    }
    return DONE;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return EXPECTED_REFUSALS.test(words) ? REFUSED : `${kind} ${name}: ${words}`;
  }
}

/** Users of plain containers on every host, while it lasts; answers how many they started. What is refused is tried no more. */
async function useContainers(random: Random, isOver: () => boolean): Promise<number> {
  let started = 0;
  while (!isOver()) {
    const host = pick(random, ['h1', 'h2', 'h3'] as const);
    const name = `${host}-${pick(random, ['p1', 'p2'] as const)}`;
    try {
      if (random.next() < 0.6) {
        started += (await runContainer(host, name, { network: pick(random, NETWORKS) })) === RUNS ? 1 : 0;
      } else {
        await removeContainer(host, name);
      }
    } catch {
      // Its daemon is down: the next one.
    }
    await delay(PAUSE_MS);
  }
  return started;
}

/** The troubles of a cluster's life, one after the other; each heals before the next begins. */
async function trouble(random: Random): Promise<number> {
  const hosts = ['h1', 'h2', 'h3'] as const;
  const restart = async (host: Host): Promise<void> => {
    await lab.stop(host, { hard: true });
    await lab.start(host);
  };
  await restart(pick(random, hosts));
  await restart(await cluster.leader('h1').catch(() => 'h1' as const));
  if (!isLong) {
    return 2;
  }
  const victim = pick(random, hosts);
  await lab.kill(victim);
  await delay(2_000);
  await lab.boot(victim);
  const [one, other] = random.next() < 0.5 ? (['h1', 'h2'] as const) : (['h2', 'h3'] as const);
  await lab.cut(one, other);
  await delay(4_000);
  await lab.heal();
  // The leader's whole host, while others are in the middle of it.
  const leader = await cluster.leader('h1').catch(() => 'h2' as const);
  await lab.kill(leader);
  await delay(3_000);
  await lab.boot(leader);
  await restart(pick(random, hosts));
  return 6;
}

/** Again and again until enough orders were carried out, in the long form twice at the least. */
async function troubles(random: Random, isEnough: () => boolean): Promise<number> {
  let count = 0;
  for (let round = 0; round < (isLong ? 2 : 1) || !isEnough(); round += 1) {
    count += await trouble(random);
  }
  return count;
}

async function services(): Promise<readonly ServiceJson[]> {
  return (await cluster.on('h1').call('GET', '/services')) as readonly ServiceJson[];
}

async function removeAll(): Promise<void> {
  for (const host of cluster.hosts) {
    for (const { Id } of await containersOf(host)) {
      await removeContainer(host, Id);
    }
  }
  for (const { ID } of await services()) {
    await cluster.on('h1').removeService(ID);
  }
}

describe(`disorder with seed ${SEED}`, { timeout: TEST_LIMIT_MS }, () => {
  const random = seededRandom(SEED);

  test('orders and troubles at the same time', async () => {
    await cluster.on('h1').createNetwork('red', {
      Attachable: true,
      IPAM: { Config: [{ Subnet: SUBNET }] },
    });
    await cluster.on('h1').createNetwork('blue', { Attachable: true });
    const end = performance.now() + DISORDER_MS;
    const surprises: string[] = [];
    let turn = 0;
    let done = 0;
    const isEnough = (): boolean => done >= ORDERS || performance.now() > end;
    let troubled = true;
    const trials = troubles(seededRandom(SEED + 1), isEnough).finally(() => {
      troubled = false;
    });
    const users = useContainers(seededRandom(SEED + 2), () => isEnough() && !troubled);
    for (; !isEnough() || troubled; turn += 1) {
      const outcome = await operate(random, turn);
      if (outcome === DONE) {
        done += 1;
      } else if (outcome !== REFUSED) {
        surprises.push(outcome);
      }
      await delay(PAUSE_MS);
    }
    process.stderr.write(
      `measured: seed ${SEED}: ${done} orders of ${turn} carried out, ${await trials} troubles, ` +
        `${await users} plain containers\n`,
    );
    expect(surprises).toEqual([]);
    expect(done).toBeGreaterThanOrEqual(ORDERS);
  });

  test('all three nodes are ready again', async () => {
    await eventually('every node ready', 20_000, async () =>
      (await cluster.on('h1').nodes()).every(
        (node) => node.Status.State === 'ready' && node.ManagerStatus?.Reachability === 'reachable',
      ),
    );
  });

  test('the kernels hold what the store says', async () => {
    const start = performance.now();
    let last: readonly string[] = [];
    await eventually('no finding', 25_000, async () => {
      last = await findings(cluster.hosts, 'h1');
      if (last.length > 0) {
        throw new Error(last.join('\n'));
      }
      return true;
    });
    measured('order after the disorder', performance.now() - start);
    expect(last).toEqual([]);
  });

  test.runIf(isLong)('no address is lost: a service takes all of them', async () => {
    await removeAll();
    await cluster
      .on('h1')
      .createService(service('full', { replicas: ADDRESSES, networks: ['red'], shell: 'exec sleep 100000' }));
    const tasks = await cluster.whole('full', ADDRESSES, 120_000);
    const held = tasks.flatMap(({ NetworksAttachments = [] }) =>
      NetworksAttachments.flatMap(({ Addresses }) => Addresses),
    );
    expect(new Set(held).size).toBe(ADDRESSES);
    // One more has no address, says so, and gets one as soon as another gives it back.
    await cluster.on('h1').updateService('full', scaled(ADDRESSES + 1));
    await eventually('a task says what it lacks', 20_000, async () =>
      (await cluster.on('h1').tasks('full')).some(({ Status }) => /address/.test(Status.Err ?? '')),
    );
    await cluster.on('h1').updateService('full', scaled(ADDRESSES));
    await cluster.whole('full', ADDRESSES, 60_000);
  });

  test('services and networks can be removed, and nothing is left on any host', async () => {
    await removeAll();
    await eventually('both networks removed', 40_000, async () => {
      const held = (await cluster.on('h1').call('GET', '/networks')) as readonly { readonly Name: string }[];
      for (const name of NETWORKS.filter((one) => held.some(({ Name }) => Name === one))) {
        await cluster.on('h1').call('DELETE', `/networks/${name}`);
      }
      return true;
    });
    for (const host of cluster.hosts) {
      await eventually(`${host} has the ingress namespace only`, 10_000, async () => {
        const names = await readdir(join(runDirectoryOf(host), 'netns'));
        if (names.length !== 1 || names[0]?.startsWith('net-') !== true) {
          throw new Error(names.join(' '));
        }
        return true;
      });
      const { stdout } = await run('nsenter', [`--net=${namespaceOf(host)}`, 'ip', '-br', 'link']);
      expect(stdout.split('\n').filter((line) => line.startsWith('sk-'))).toHaveLength(1);
    }
  });
});
