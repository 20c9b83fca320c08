// Managers under force: killed, frozen, cut off and starved of packets, while clients write and read through all of
// them and workers serve. Nothing acknowledged is lost, every history has an order, no request fails. Each scenario
// strikes for some seconds; SKEIN_LONG_TESTS=1 makes it a minute. SKEIN_FORCE_SEED runs a load again.
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { Force, healNetwork, isLong, type Scenario } from './support/force.ts';
import { type Host, lab } from './support/lab.ts';
import { managerPid, signal, skeinPids } from './support/processes.ts';

const SEED = Number(process.env['SKEIN_FORCE_SEED'] ?? Date.now() % 100_000);
/** Between two strikes: the last victim is back, the load has written again. */
const BREATH_MS = 2_500;
/** Longer than a leader needs to step down, and the others to choose another. */
const FROZEN_MS = 4_000;
const LOST_PERCENT = 20;

const cluster = useCluster({ managers: 3, workers: 2 });
const force = new Force(cluster);

const others = (host: Host): Host[] => cluster.managers.filter((each) => each !== host);

/** Ends the daemon and its manager in one go, so that neither says good-bye. */
async function killBoth(host: Host): Promise<void> {
  signal(await skeinPids(host), 'SIGKILL');
}

async function restart(host: Host): Promise<void> {
  await lab.stop(host, { hard: true });
  await lab.start(host);
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: "the leader's manager process is killed every few seconds",
    run: async ({ over, leader, strikeLeader }) => {
      while (!over()) {
        const victim = await leader();
        const pid = await managerPid(victim);
        await strikeLeader(victim, () => signal([pid], 'SIGKILL'));
        await delay(BREATH_MS);
      }
    },
  },
  {
    name: "the leader's host is killed every few seconds, and boots",
    run: async ({ over, leader, strikeLeader }) => {
      while (!over()) {
        const victim = await leader();
        await strikeLeader(victim, async () => void (await lab.kill(victim)));
        await delay(BREATH_MS);
        await lab.boot(victim);
      }
    },
    heal: async () => {
      for (const host of cluster.managers) {
        await lab.boot(host);
      }
    },
  },
  {
    name: 'the leader freezes and thaws',
    run: async ({ over, leader, strikeLeader }) => {
      while (!over()) {
        const victim = await leader();
        const pids = await skeinPids(victim);
        try {
          await strikeLeader(victim, () => signal(pids, 'SIGSTOP'));
          await delay(FROZEN_MS);
        } finally {
          signal(pids, 'SIGCONT');
        }
        await delay(BREATH_MS);
      }
    },
  },
  {
    name: 'the leader is cut off alone, and healed',
    run: async ({ over, leader, strikeLeader }) => {
      while (!over()) {
        const victim = await leader();
        await strikeLeader(victim, async () => {
          await Promise.all(others(victim).map((host) => lab.cut(victim, host)));
        });
        await delay(BREATH_MS);
        await healNetwork();
        await delay(BREATH_MS);
      }
    },
    heal: healNetwork,
  },
  {
    name: 'one-way cuts: nothing reaches the leader, then nothing leaves it',
    run: async ({ over, leader, strikeLeader }) => {
      for (let turn = 0; !over() || turn < 2; turn += 1) {
        const victim = await leader();
        const cutAll = async () => {
          await Promise.all(
            others(victim).map((host) =>
              turn % 2 === 0 ? lab.cutOneWay(host, victim) : lab.cutOneWay(victim, host),
            ),
          );
        };
        await strikeLeader(victim, cutAll);
        await delay(BREATH_MS);
        await healNetwork();
        await delay(BREATH_MS);
      }
    },
    heal: healNetwork,
  },
  {
    name: 'two of three managers are killed, then back',
    run: async ({ over, leader }) => {
      while (!over()) {
        const first = await leader();
        const [second = 'h1'] = others(first);
        await Promise.all([killBoth(first), killBoth(second)]);
        await delay(BREATH_MS);
        await Promise.all([restart(first), restart(second)]);
        await leader();
        await delay(BREATH_MS);
      }
    },
    heal: async () => {
      for (const host of cluster.managers) {
        await lab.start(host);
      }
    },
  },
  {
    name: `${LOST_PERCENT} of 100 packets to every manager are lost`,
    run: async ({ over }) => {
      await Promise.all(cluster.managers.map((host) => lab.lose(host, LOST_PERCENT)));
      while (!over()) {
        await delay(200);
      }
    },
    heal: healNetwork,
  },
];

// Never tried again: what was lost once is lost.
describe(`managers under force, load of seed ${SEED}`, { retry: 0 }, () => {
  beforeAll(() => force.prepare(), 60_000);

  test.each(SCENARIOS)('$name', { timeout: isLong ? 240_000 : 120_000 }, async (scenario) => {
    const figures = await force.run(scenario, SEED);
    expect(figures.acknowledged).toBeGreaterThan(30);
    expect(figures.requests).toBeGreaterThan(30);
  });
});
