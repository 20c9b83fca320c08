// The name server that containers have: how many questions one may ask in a second without losing any, and that a
// container which floods its own harms nobody else's.
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { daemonPid, lab, runDirectoryOf } from './support/lab.ts';
import { measured } from './support/measures.ts';
import { type Answered, type Flood, askSteadily, flood } from './support/name_asker.ts';
import { service } from './support/services.ts';

const isLong = process.env['SKEIN_LONG_TESTS'] === '1';
const SECONDS = isLong ? 10 : 5;
const RATE = 1_000;
/** What an ordinary container asks, beside one that floods. */
const CALM_RATE = 100;
/** A daemon is back within these, views and all, also on a machine that does much else. */
const RESTART_SECONDS = 8;
/** Resolvers ask again after five seconds. The asker, the flood and the daemon share the processors with all else. */
const P99_MS = 1_000;
const MEDIAN_MS = 50;
/** Ticks of /proc/PID/stat in a second. */
const TICKS = 100;

const cluster = useCluster({ managers: 1 });
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) {
    end();
  }
});

/** Path of the network of a service's one task. */
async function networkOf(name: string): Promise<string> {
  const [task] = await cluster.whole(name, 1);
  return `${runDirectoryOf('h1')}/netns/${task?.ID ?? ''}`;
}

/** Seconds of processor time that the daemon has used. */
async function daemonSeconds(): Promise<number> {
  const stat = await readFile(`/proc/${await daemonPid('h1')}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

async function ask(what: string, namespace: string, rate: number): Promise<Answered> {
  const before = await daemonSeconds();
  const answered = await askSteadily(namespace, 'web', rate, SECONDS);
  const used = ((await daemonSeconds()) - before) / SECONDS;
  measured(`${what}: ${answered.asked} questions, ${answered.lost} lost, median`, answered.medianMs);
  measured(`${what}: p99 (daemon: ${(used * 100).toFixed(0)} % of a processor)`, answered.p99Ms);
  return answered;
}

describe('names under load', () => {
  test('a thousand questions a second of one container, none lost', { timeout: 120_000 }, async () => {
    const engine = cluster.on('h1');
    await engine.createNetwork('names');
    for (const name of ['web', 'calm', 'rough']) {
      await engine.createService(service(name, { networks: ['names'] }));
    }
    await cluster.whole('web', 1);
    const answered = await ask('1,000 a second', await networkOf('calm'), RATE);
    expect(answered).toMatchObject({ asked: RATE * SECONDS, lost: 0 });
    expect(answered.medianMs).toBeLessThan(MEDIAN_MS);
    expect(answered.p99Ms).toBeLessThan(P99_MS);
  });

  test.each<readonly [how: Flood, name: string]>([
    ['udp', 'web'],
    ['udp', 'nobody.knows.test'],
    ['tcp', 'web'],
    ['connections', 'web'],
  ])('a flood by %s for %s harms no other container', { timeout: 60_000 }, async (how, name) => {
    const [calm, rough] = [await networkOf('calm'), await networkOf('rough')];
    ends.push(flood(rough, how, name));
    const answered = await ask(`beside a flood by ${how} for ${name}`, calm, CALM_RATE);
    expect(answered).toMatchObject({ asked: CALM_RATE * SECONDS, lost: 0 });
    expect(answered.medianMs).toBeLessThan(MEDIAN_MS);
    expect(answered.p99Ms).toBeLessThan(P99_MS);
  });

  test.each([
    { how: 'restarts', hard: false },
    { how: 'is killed', hard: true },
  ])('questions asked while the daemon $how wait for it', { timeout: 120_000 }, async ({ how, hard }) => {
    const calm = await networkOf('calm');
    const asked = askSteadily(calm, 'web', 20, RESTART_SECONDS);
    // The asker has begun.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await lab.stop('h1', { hard });
    await lab.start('h1');
    const answered = await asked;
    measured(
      `the daemon ${how}, ${answered.lost} of ${answered.asked} questions lost, longest wait`,
      answered.worstMs,
    );
    expect(answered).toMatchObject({ asked: 20 * RESTART_SECONDS, lost: 0 });
    // It did wait: nobody else answered.
    expect(answered.worstMs).toBeGreaterThan(300);
  });
});
