// Seconds from `service create --replicas N` to N running on one node, for skein and for Debian's dockerd
// in the same run, by the same client over each one's API; and what memory each holds. Build, then as root:
// node dist/bench/converge.js [--replicas 3,20,100] [--rounds N] [--only skein|dockerd] [--format json]
import { spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { type Contender, IMAGE, importWebImage, PROJECT, say, webArchive } from './contender.ts';
import { Dockerd, dockerdVersion } from './dockerd.ts';
import { until } from './engine.ts';
import { Lab, labOptions, SkeinHost } from './lab.ts';
import { mebibytes, median, seconds, table } from './numbers.ts';
import { memoryOf, sumMemory } from './processes.ts';

const NETWORK = 'skein-bench';
/** Each poll costs either daemon some milliseconds for 100 tasks; finer would measure the polling. */
const POLL_MS = 100;
const CONVERGE_LIMIT_MS = 180_000;
/** After the last process is gone: garbage is collected, address releases are committed. */
const SETTLE_MS = 3_000;
/** A daemon is idle when it has been left alone for as long. */
const IDLE_MS = 10_000;
const VERSION_RUNS = 9;

type Where = 'overlay' | 'host';

interface Sample {
  readonly contender: string;
  readonly where: Where;
  readonly replicas: number;
  readonly milliseconds: number;
}

interface MemoryFigures {
  readonly contender: string;
  /** KiB by daemon, left alone after start. */
  readonly idle: Readonly<Record<string, { readonly rssKib: number; readonly pssKib: number }>>;
  /** KiB (PSS) a container costs: its monitor and the daemons' growth. */
  perContainerKib?: number;
  monitorKib?: number;
}

interface Settings {
  readonly replicas: readonly number[];
  readonly rounds: number;
  readonly only: string | undefined;
  readonly json: boolean;
}

function settings(): Settings {
  const { values } = parseArgs({
    options: {
      replicas: { type: 'string', default: '3,20,100' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
      format: { type: 'string', default: 'table' },
    },
  });
  return {
    replicas: values.replicas.split(',').map(Number),
    rounds: Number(values.rounds),
    only: values.only,
    json: values.format === 'json',
  };
}

/** One service from creation to N running, and to the last process gone. Returns milliseconds. */
async function converge(
  contender: Contender,
  where: Where,
  replicas: number,
  atPeak: () => Promise<void>,
): Promise<number> {
  const { engine } = contender;
  const started = performance.now();
  const { ID } = await engine.call<{ ID: string }>('POST', '/services/create', {
    Name: `bench-${where}-${replicas}`,
    TaskTemplate: {
      ContainerSpec: {
        Image: IMAGE,
        ...(where === 'host' ? { Command: ['/bin/busybox', 'sleep', '100000'] } : {}),
      },
      Networks: [{ Target: where === 'host' ? 'host' : NETWORK }],
      RestartPolicy: { Condition: 'none' },
    },
    Mode: { Replicated: { Replicas: replicas } },
    EndpointSpec: { Mode: 'dnsrr' },
  });
  await until(
    CONVERGE_LIMIT_MS,
    `${replicas} replicas running`,
    async () => {
      const tasks = await engine.tasks(ID);
      const failed = tasks.find((task) => ['failed', 'rejected'].includes(task.Status.State));
      if (failed !== undefined) {
        throw new Error(`a task failed: ${failed.Status.Err ?? failed.Status.Message}`);
      }
      return tasks.filter((task) => task.Status.State === 'running').length >= replicas;
    },
    POLL_MS,
  );
  const took = performance.now() - started;
  await atPeak();
  await engine.call('DELETE', `/services/${ID}`);
  await until(CONVERGE_LIMIT_MS, 'the end of all containers', () => isQuiet(contender, ID));
  await pause(SETTLE_MS);
  return took;
}

async function isQuiet(contender: Contender, serviceId: string): Promise<boolean> {
  const services = await contender.engine.call<readonly { readonly ID: string }[]>('GET', '/services');
  const gone = !services.some((one) => one.ID === serviceId);
  return gone && (await contender.monitors()).length === 0;
}

async function idleMemory(contender: Contender): Promise<MemoryFigures> {
  const idle: Record<string, { rssKib: number; pssKib: number }> = {};
  for (const [name, pid] of await contender.daemons()) {
    idle[name] = await memoryOf(pid);
  }
  return { contender: contender.name, idle };
}

/** Compares with the idle state while `replicas` run. */
async function peakMemory(contender: Contender, figures: MemoryFigures, replicas: number): Promise<void> {
  await pause(SETTLE_MS);
  const monitors = await sumMemory(await contender.monitors());
  const daemons = await sumMemory([...(await contender.daemons()).values()]);
  const before = Object.values(figures.idle).reduce((sum, one) => sum + one.pssKib, 0);
  figures.monitorKib = monitors.pssKib / replicas;
  figures.perContainerKib = (monitors.pssKib + Math.max(0, daemons.pssKib - before)) / replicas;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Milliseconds of one `skein --version`, or undefined where the command is not built. */
async function versionTime(): Promise<number | undefined> {
  const skein = `${PROJECT}/bin/skein`;
  try {
    await access(skein);
  } catch {
    return undefined;
  }
  const samples: number[] = [];
  for (let turn = 0; turn < VERSION_RUNS; turn += 1) {
    const started = performance.now();
    const child = spawn(skein, ['--version'], { stdio: 'ignore' });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) {
      return undefined;
    }
    samples.push(performance.now() - started);
  }
  return median(samples);
}

async function measure(contenders: readonly Contender[], { replicas, rounds }: Settings) {
  const samples: Sample[] = [];
  const memory = new Map<string, MemoryFigures>();
  const largest = Math.max(...replicas);
  await pause(IDLE_MS);
  for (const contender of contenders) {
    memory.set(contender.name, await idleMemory(contender));
  }
  for (const where of ['overlay', 'host'] as const) {
    for (const count of replicas) {
      for (let round = 1; round <= rounds; round += 1) {
        for (const contender of contenders) {
          const figures = memory.get(contender.name);
          const peak = where === 'overlay' && count === largest && round === 1;
          const milliseconds = await converge(contender, where, count, async () => {
            if (peak && figures !== undefined) {
              await peakMemory(contender, figures, count);
            }
          });
          samples.push({ contender: contender.name, where, replicas: count, milliseconds });
          say(`${contender.name} ${where} ${count} replicas, round ${round}: ${seconds(milliseconds)}`);
        }
      }
    }
  }
  return { samples, memory: [...memory.values()] };
}

function middle(samples: readonly Sample[], contender: string, where: Where, replicas: number): number {
  return median(
    samples
      .filter((one) => one.contender === contender && one.where === where && one.replicas === replicas)
      .map((one) => one.milliseconds),
  );
}

function report(samples: readonly Sample[], memory: readonly MemoryFigures[], replicas: readonly number[]) {
  const rows = [['', 'skein', 'dockerd', 'ratio']];
  const converging = (['overlay', 'host'] as const).flatMap((where) =>
    replicas.map((count) => {
      const skein = middle(samples, 'skein', where, count);
      const dockerd = middle(samples, 'dockerd', where, count);
      return { where, replicas: count, skeinMs: skein, dockerdMs: dockerd, ratio: dockerd / skein };
    }),
  );
  for (const line of converging) {
    rows.push([
      `${line.replicas} replicas, ${line.where === 'host' ? "host's network" : 'overlay network'}`,
      seconds(line.skeinMs),
      seconds(line.dockerdMs),
      Number.isFinite(line.ratio) ? `${line.ratio.toFixed(1)}x` : '-',
    ]);
  }
  const by = (name: string) => memory.find((one) => one.contender === name);
  const skein = by('skein');
  const dockerd = by('dockerd');
  const kib = (value: number | undefined) => (value === undefined ? '-' : mebibytes(value));
  const compare = (label: string, one: number | undefined, other: number | undefined) =>
    rows.push([
      label,
      kib(one),
      kib(other),
      one !== undefined && other !== undefined ? `${(other / one).toFixed(1)}x` : '-',
    ]);
  const idle = (figures: MemoryFigures | undefined, kind: 'rssKib' | 'pssKib') =>
    figures === undefined ? undefined : Object.values(figures.idle).reduce((sum, one) => sum + one[kind], 0);
  compare('idle, resident, daemon', skein?.idle['skeind']?.rssKib, dockerd?.idle['dockerd']?.rssKib);
  compare(
    'idle, resident, second process',
    skein?.idle['manager']?.rssKib,
    dockerd?.idle['containerd']?.rssKib,
  );
  compare('idle, proportional, both', idle(skein, 'pssKib'), idle(dockerd, 'pssKib'));
  compare('per container, monitor', skein?.monitorKib, dockerd?.monitorKib);
  compare("per container, with daemons' growth", skein?.perContainerKib, dockerd?.perContainerKib);
  return { rows, converging };
}

async function main(): Promise<void> {
  const wanted = settings();
  const lab = new Lab(labOptions());
  const version = wanted.only === 'skein' ? undefined : await dockerdVersion();
  const contenders: Contender[] = [
    ...(wanted.only === 'dockerd' ? [] : [new SkeinHost(lab)]),
    ...(version === undefined ? [] : [new Dockerd(lab.options.name)]),
  ];
  const directory = await mkdtemp(`${tmpdir()}/skein-bench-`);
  const clear = async (): Promise<void> => {
    for (const contender of contenders) {
      await contender.stop().catch((error: unknown) => say(`${contender.name}: ${String(error)}`));
    }
    await rm(directory, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void clear().finally(() => process.exit(1)));
  }
  try {
    const archive = await webArchive(directory);
    for (const contender of contenders) {
      await contender.start();
      await importWebImage(contender.engine, archive);
      await contender.engine.call('POST', '/networks/create', {
        Name: NETWORK,
        Driver: 'overlay',
        IPAM: { Config: [{ Subnet: '10.200.0.0/22' }] },
      });
    }
    const { samples, memory } = await measure(contenders, wanted);
    const versionMs = await versionTime();
    const { rows, converging } = report(samples, memory, wanted.replicas);
    rows.push(['skein --version', versionMs === undefined ? '-' : `${versionMs.toFixed(0)} ms`, '', '']);
    process.stdout.write(
      wanted.json
        ? `${JSON.stringify({ dockerd: version, rounds: wanted.rounds, converging, memory, versionMs, samples })}\n`
        : `Median of ${wanted.rounds} rounds; dockerd ${version ?? 'not installed'}; ratio: how often skein goes into it.\n\n${table(rows)}\n`,
    );
  } finally {
    await clear();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(`converge: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exit(1);
  },
);
