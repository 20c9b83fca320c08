// kill -9 of real daemons and managers at random moments, one and all at once, under a load of API writes from
// several clients: afterwards no acknowledged object is missing or changed, on any manager. SKEIN_KILLS sets how
// many kills there are (hundreds for a long run), SKEIN_KILL_SEED which; SKEIN_KILL_SECONDS ends the killing earlier,
// where a machine is shared and nobody knows how fast it is.
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { randomInt, seededRandom } from '../../shared/random.ts';
import { useCluster } from './support/cluster.ts';
import { eventually } from './support/eventually.ts';
import { daemonPid, type Host, lab } from './support/lab.ts';
import { managerPid, signal } from './support/processes.ts';

const KILLS = Number(process.env['SKEIN_KILLS'] ?? 20);
const SEED = Number(process.env['SKEIN_KILL_SEED'] ?? Date.now() % 100_000);
const SECONDS = Number(process.env['SKEIN_KILL_SECONDS'] ?? Number.POSITIVE_INFINITY);
const CLIENTS = 6;
/** Objects that a client keeps before it removes its oldest. */
const MAX_OBJECTS = 40;
/** A kill, the restart and the load between two kills take a few seconds; a machine that is shared takes longer. */
const ROUND_LIMIT_MS = 25_000;

const cluster = useCluster({ managers: 3 });

interface ConfigJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: {
    readonly Name: string;
    readonly Data: string;
    readonly Labels: Readonly<Record<string, string>>;
  };
}

/** What an object may be after all that was acknowledged and all whose answer was lost. `gone` is one of them. */
type Possible = ReadonlySet<string>;
const GONE = 'gone';

function stateOf(config: Pick<ConfigJson, 'Spec'>): string {
  return `${config.Spec.Data} ${config.Spec.Labels['turn'] ?? ''}`;
}

/** One client: writes its own objects one after the other, and remembers what it was told. */
class Writer {
  readonly expected = new Map<string, Possible>();
  acknowledged = 0;
  unanswered = 0;
  private readonly name: string;
  private readonly live: { readonly id: string; readonly name: string; turn: number; data: string }[] = [];
  private serial = 0;
  private ended = false;

  constructor(name: string) {
    this.name = name;
  }

  end(): void {
    this.ended = true;
  }

  async run(): Promise<void> {
    for (let turn = 0; !this.ended; turn += 1) {
      const host = cluster.hosts[(turn + this.name.length) % cluster.hosts.length] ?? 'h1';
      try {
        await this.step(host, turn);
        this.acknowledged += 1;
      } catch {
        // The outcome is open: `step` has noted both. A host that is down is not asked again at once.
        this.unanswered += 1;
        await delay(50);
      }
    }
  }

  private async step(host: Host, turn: number): Promise<void> {
    const [oldest] = this.live;
    if (oldest === undefined || (turn % 3 === 0 && this.live.length < MAX_OBJECTS)) {
      await this.create(host);
    } else if (this.live.length >= MAX_OBJECTS) {
      this.live.shift();
      await this.write(oldest.name, GONE, () => cluster.on(host).call('DELETE', `/configs/${oldest.id}`));
    } else {
      await this.update(host, turn);
    }
  }

  private async create(host: Host): Promise<void> {
    this.serial += 1;
    const name = `${this.name}-${this.serial}`;
    const data = Buffer.from(`${name} ${'d'.repeat(200)}`).toString('base64');
    this.expected.set(name, new Set([GONE]));
    const spec = { Name: name, Data: data, Labels: { turn: '0' } };
    const answer = await this.write(name, stateOf({ Spec: spec }), () =>
      cluster.on(host).call('POST', '/configs/create', spec),
    );
    this.live.push({ id: (answer as { readonly ID: string }).ID, name, turn: 0, data });
  }

  /** An object whose update was not answered is left alone from then on. */
  private async update(host: Host, turn: number): Promise<void> {
    const at = turn % this.live.length;
    const object = this.live[at];
    if (object === undefined) {
      return;
    }
    const { Version } = (await cluster.on(host).call('GET', `/configs/${object.id}`)) as ConfigJson;
    this.live.splice(at, 1);
    const spec = { Name: object.name, Data: object.data, Labels: { turn: String(object.turn + 1) } };
    await this.write(object.name, stateOf({ Spec: spec }), () =>
      cluster.on(host).call('POST', `/configs/${object.id}/update?version=${Version.Index}`, spec),
    );
    this.live.push({ ...object, turn: object.turn + 1 });
  }

  private async write(name: string, after: string, send: () => Promise<unknown>): Promise<unknown> {
    this.expected.set(name, new Set([...(this.expected.get(name) ?? []), after]));
    const answer = await send();
    this.expected.set(name, new Set([after]));
    return answer;
  }
}

const KINDS = [
  'the manager',
  'the daemon and its manager',
  'every manager at once',
  'every daemon at once',
] as const;

async function strike(kind: (typeof KINDS)[number], host: Host): Promise<void> {
  const hosts = kind.startsWith('every') ? cluster.hosts : [host];
  const managers = await Promise.all(hosts.map(managerPid));
  const daemons = kind.includes('daemon') ? await Promise.all(hosts.map(daemonPid)) : [];
  // In one go, so that no process has time to say good-bye to another.
  signal([...managers, ...daemons], 'SIGKILL');
  if (daemons.length > 0) {
    await Promise.all(hosts.map((each) => lab.stop(each, { hard: true })));
    await Promise.all(hosts.map((each) => lab.start(each)));
  }
}

describe(`${KILLS} kills of seed ${SEED}`, () => {
  test(
    'lose nothing that was acknowledged',
    async () => {
      const random = seededRandom(SEED);
      const writers = Array.from({ length: CLIENTS }, (_, at) => new Writer(`client${'x'.repeat(at)}`));
      const running = writers.map((writer) => writer.run());
      const end = performance.now() + SECONDS * 1000;
      let kills = 0;
      try {
        for (; kills < KILLS && performance.now() < end; kills += 1) {
          await delay(randomInt(random, 100, 1_500));
          const kind = KINDS[randomInt(random, 0, KINDS.length - 1)] ?? 'the manager';
          const host = cluster.hosts[randomInt(random, 0, cluster.hosts.length - 1)] ?? 'h1';
          await strike(kind, host);
          await eventually(`every manager serves after ${kind} on ${host}`, ROUND_LIMIT_MS, async () => {
            const lists = await Promise.all(cluster.hosts.map((each) => cluster.on(each).nodes()));
            return lists.every((nodes) => nodes.length === 3);
          });
        }
      } finally {
        for (const writer of writers) {
          writer.end();
        }
        await Promise.all(running);
      }
      const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
      const unanswered = writers.reduce((sum, writer) => sum + writer.unanswered, 0);
      expect(acknowledged).toBeGreaterThan(kills * 10);
      process.stderr.write(
        `${kills} kills of seed ${SEED}: ${acknowledged} writes acknowledged, ${unanswered} not answered\n`,
      );
      for (const host of cluster.hosts) {
        const configs = (await cluster.on(host).call('GET', '/configs')) as readonly ConfigJson[];
        const found = new Map(configs.map((config) => [config.Spec.Name, stateOf(config)]));
        const wrong: string[] = [];
        for (const writer of writers) {
          for (const [name, possible] of writer.expected) {
            const state = found.get(name) ?? GONE;
            if (!possible.has(state)) {
              wrong.push(`${name}: ${state}, where ${[...possible].join(' or ')} was told`);
            }
            found.delete(name);
          }
        }
        expect(wrong, host).toEqual([]);
        expect([...found.keys()], `${host}: objects that nobody made`).toEqual([]);
      }
    },
    KILLS * ROUND_LIMIT_MS + 60_000,
  );
});
