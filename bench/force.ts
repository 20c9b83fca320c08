// What force costs a lab of managers: runs the scenarios of test/cluster/force*.test.ts and tells of each how many
// writes were acknowledged and lost, how long nobody led, how long until all replicas ran again, and how the
// workers' clients fared. Build, then as root: node dist/bench/force.js [--long] [--format json]
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT, say } from './contender.ts';
import { labOptions } from './lab.ts';
import { median, seconds, table, worst } from './numbers.ts';

/** As the tests write it, a line each (test/cluster/support/force.ts). */
interface Figures {
  readonly scenario: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly unknown: number;
  readonly leaderlessMs: readonly number[];
  readonly silenceMs: number;
  readonly wholeMs: number;
  readonly requests: number;
  readonly failedRequests: number;
}

/** Resolves with the exit code of the test run. */
function runTests(report: string, isLong: boolean): Promise<number> {
  const { name, subnet } = labOptions();
  const child = spawn('npx', ['vitest', 'run', '--config', 'test/cluster.config.ts', 'test/cluster/force'], {
    cwd: PROJECT,
    stdio: ['ignore', 2, 2],
    env: {
      ...process.env,
      SKEIN_LAB: name,
      SKEIN_LAB_SUBNET: subnet,
      SKEIN_FORCE_REPORT: report,
      ...(isLong ? { SKEIN_LONG_TESTS: '1' } : {}),
    },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function read(report: string): Promise<readonly Figures[]> {
  const text = await readFile(report, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Figures);
}

function total(all: readonly Figures[], count: (figures: Figures) => number): number {
  return all.reduce((sum, figures) => sum + count(figures), 0);
}

function report(all: readonly Figures[]): string {
  const gaps = all.flatMap(({ leaderlessMs }) => leaderlessMs);
  const rows = [
    [
      '',
      'acknowledged',
      'lost',
      'no leader: median',
      'worst',
      'no write for',
      'whole after',
      'requests',
      'failed',
    ],
    ...all.map((one) => [
      one.scenario,
      String(one.acknowledged),
      String(one.lost),
      one.leaderlessMs.length === 0 ? '-' : seconds(median(one.leaderlessMs)),
      one.leaderlessMs.length === 0 ? '-' : seconds(worst(one.leaderlessMs)),
      seconds(one.silenceMs),
      seconds(one.wholeMs),
      String(one.requests),
      String(one.failedRequests),
    ]),
    [
      `all, ${gaps.length} leaders struck`,
      String(total(all, (one) => one.acknowledged)),
      String(total(all, (one) => one.lost)),
      seconds(median(gaps)),
      seconds(worst(gaps)),
      seconds(worst(all.map((one) => one.silenceMs))),
      seconds(worst(all.map((one) => one.wholeMs))),
      String(total(all, (one) => one.requests)),
      String(total(all, (one) => one.failedRequests)),
    ],
  ];
  return table(rows);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { long: { type: 'boolean', default: false }, format: { type: 'string', default: 'table' } },
  });
  const directory = await mkdtemp(`${tmpdir()}/skein-bench-`);
  try {
    const file = join(directory, 'force.jsonl');
    const code = await runTests(file, values.long);
    const all = await read(file);
    process.stdout.write(values.format === 'json' ? `${JSON.stringify(all)}\n` : `${report(all)}\n`);
    return code;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(`force: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exit(1);
  },
);
