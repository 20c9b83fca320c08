// Committed writes of three skein managers beside three members of etcd, on the same disk in the same run: writes
// per second and latency for 1, 16 and 256 clients. Build, then: node dist/bench/raft.js [--clients 1,16,256]
// [--seconds N] [--rounds N] [--value BYTES] [--only skein|etcd] [--directory DIR] [--profile DIR] [--format json]
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run, say } from './contender.ts';
import { median, table } from './numbers.ts';
import type { Group } from './raft/contender.ts';
import { EtcdGroup } from './raft/etcd_group.ts';
import { load, type LoadResult } from './raft/load.ts';
import { SkeinGroup } from './raft/skein_group.ts';

interface Options {
  readonly clients: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
  readonly valueBytes: number;
  readonly names: readonly string[];
  readonly directory: string;
  readonly profiles: string | undefined;
}

/** The group that is up, to be ended when the bench is. */
let current: Group | undefined;

type Results = ReadonlyMap<string, readonly LoadResult[]>;

async function hasEtcd(): Promise<boolean> {
  try {
    await run('etcd', ['--version']);
    return true;
  } catch {
    return false;
  }
}

function makeGroup(name: string, directory: string, profiles: string | undefined): Group {
  return name === 'etcd' ? new EtcdGroup(directory) : new SkeinGroup({ directory, profiles });
}

async function measure(name: string, round: number, options: Options): Promise<readonly LoadResult[]> {
  const directory = join(options.directory, `${name}-${round}`);
  await mkdir(directory, { mode: 0o700 });
  const group = makeGroup(name, directory, options.profiles);
  const results: LoadResult[] = [];
  current = group;
  try {
    await group.start(Math.max(...options.clients));
    for (const clients of options.clients) {
      const result = await load(group, { clients, seconds: options.seconds, valueBytes: options.valueBytes });
      results.push(result);
      const { writesPerSecond, p50Ms, p99Ms, memberCpuUs, clientCpuUs, machineBusy, ownBusy } = result;
      const cpu = [...memberCpuUs, clientCpuUs].map((us) => us.toFixed(0)).join(' ');
      say(
        `${name}, ${clients} clients: ${writesPerSecond.toFixed(0)}/s, p50 ${p50Ms.toFixed(2)} ms, ` +
          `p99 ${p99Ms.toFixed(2)} ms; CPU us a write (leader, others, client): ${cpu}; ` +
          `machine ${percent(machineBusy)} busy, ${percent(ownBusy)} by this`,
      );
    }
  } finally {
    current = undefined;
    await group.stop();
    await rm(directory, { recursive: true, force: true });
  }
  return results;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

async function measureAll(options: Options): Promise<Results> {
  const results = new Map<string, LoadResult[]>(options.names.map((name) => [name, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const name of options.names) {
      results.get(name)?.push(...(await measure(name, round, options)));
    }
  }
  return results;
}

/** The median of the rounds of one group with so many clients. */
function middle(results: Results, name: string, clients: number, of: (result: LoadResult) => number): number {
  return median((results.get(name) ?? []).filter((one) => one.clients === clients).map(of));
}

function report(results: Results, options: Options): void {
  const rows = [['clients', 'what', ...options.names, 'skein : etcd']];
  const facts: readonly [string, (result: LoadResult) => number, number][] = [
    ['writes/s', (one) => one.writesPerSecond, 0],
    ['p50 ms', (one) => one.p50Ms, 2],
    ['p99 ms', (one) => one.p99Ms, 2],
  ];
  for (const clients of options.clients) {
    for (const [what, of, digits] of facts) {
      const figures = options.names.map((name) => middle(results, name, clients, of));
      const ratio = middle(results, 'skein', clients, of) / middle(results, 'etcd', clients, of);
      rows.push([
        String(clients),
        what,
        ...figures.map((figure) => figure.toFixed(digits)),
        Number.isNaN(ratio) ? '-' : ratio.toFixed(2),
      ]);
    }
  }
  process.stdout.write(`${table(rows)}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      clients: { type: 'string', default: '1,16,256' },
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '1' },
      value: { type: 'string', default: '256' },
      only: { type: 'string', default: '' },
      directory: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
      format: { type: 'string', default: 'table' },
    },
  });
  const wanted = ['skein', 'etcd'].filter((name) => values.only === '' || values.only === name);
  const installed = await hasEtcd();
  if (wanted.includes('etcd') && !installed) {
    say(
      'etcd is not installed, skein is measured alone: apt-get install --no-install-recommends etcd-server',
    );
  }
  const directory = await mkdtemp(join(values.directory, 'skein-bench-raft-'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void (current?.stop() ?? Promise.resolve())
        .then(() => rm(directory, { recursive: true, force: true }))
        .finally(() => process.exit(1));
    });
  }
  const options: Options = {
    clients: values.clients.split(',').map(Number),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    valueBytes: Number(values.value),
    names: wanted.filter((name) => name !== 'etcd' || installed),
    directory,
    profiles: values.profile,
  };
  try {
    const results = await measureAll(options);
    if (values.format === 'json') {
      process.stdout.write(`${JSON.stringify(Object.fromEntries(results))}\n`);
    } else {
      report(results, options);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(`raft: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exit(1);
  },
);
