// The simulator's command:
//   npm run sim -- --seed S             replays one history and prints what happens
//   npm run sim -- --seeds N --from S   searches, on all cores; ends non-zero at the first violation
//   npm run sim -- --seed S --shorten   prints the fewest faults that still break the rule
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { faultLine } from './faults.ts';
import { shorten } from './shorten.ts';
import { type Outcome, simulate } from './simulation.ts';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    shorten: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
  },
});

async function replay(seed: number): Promise<boolean> {
  const outcome = await simulate(values.quiet ? { seed } : { seed, onLine: print });
  print(JSON.stringify(outcome.stats));
  print(`fingerprint ${outcome.fingerprint}`);
  if (outcome.violation !== undefined) {
    print(`VIOLATION at seed ${seed}: ${outcome.violation.stack ?? outcome.violation.message}`);
    if (outcome.violation.cause instanceof Error) {
      print(outcome.violation.cause.stack ?? '');
    }
    if (values.shorten) {
      await tellShortest(outcome);
    }
  }
  return outcome.violation === undefined;
}

async function tellShortest(outcome: Outcome): Promise<void> {
  const { faults, runs } = await shorten(outcome);
  print(`${faults.length} of ${outcome.faults.length} faults still break it (${runs} runs):`);
  for (const fault of faults) {
    print(`  ${faultLine(fault)}`);
  }
}

interface Share {
  readonly from: number;
  readonly count: number;
  readonly step: number;
}

/** Each worker takes every n-th seed; the first violation ends all. */
async function search(from: number, count: number): Promise<boolean> {
  const threads = Math.min(availableParallelism(), count);
  const started = performance.now();
  const total = {
    seeds: 0,
    events: 0,
    virtualMs: 0,
    elections: 0,
    commits: 0,
    acknowledged: 0,
    torn: 0,
    snapshots: 0,
    attached: 0,
    replaced: 0,
  };
  let slowestRestMs = 0;
  const failing: number[] = [];
  await Promise.all(
    Array.from({ length: threads }, (_, at) => {
      const share: Share = { from: from + at, count: Math.ceil((count - at) / threads), step: threads };
      const worker = new Worker(fileURLToPath(new URL('./search_worker.js', import.meta.url)), {
        workerData: share,
      });
      return new Promise<void>((resolve, reject) => {
        worker.on(
          'message',
          (result: { seed: number; violation: string | undefined; stats: Outcome['stats'] }) => {
            total.seeds += 1;
            for (const key of [
              'events',
              'virtualMs',
              'elections',
              'commits',
              'acknowledged',
              'torn',
              'snapshots',
              'attached',
              'replaced',
            ] as const) {
              total[key] += result.stats[key];
            }
            slowestRestMs = Math.max(slowestRestMs, result.stats.restMs);
            if (result.violation !== undefined && (values['keep-going'] || failing.length === 0)) {
              failing.push(result.seed);
              print(`seed ${result.seed}: ${result.violation}`);
            }
            if (failing.length > 0 && !values['keep-going']) {
              void worker.terminate().then(() => resolve());
            }
            if (total.seeds % 500 === 0) {
              print(`${total.seeds} seeds, ${rate(total.seeds, started)} a second`);
            }
          },
        );
        worker.on('error', reject);
        worker.on('exit', () => resolve());
      });
    }),
  );
  print(
    `${total.seeds} seeds in ${((performance.now() - started) / 1_000).toFixed(1)} s, ${rate(total.seeds, started)} a second on ${threads} cores; longest way to rest ${slowestRestMs} ms`,
  );
  print(JSON.stringify(total));
  const [first] = failing.toSorted((a, b) => a - b);
  if (first !== undefined) {
    await tellShortest(await simulate({ seed: first }));
    print(`replay: npm run sim -- --seed ${first}`);
  }
  return failing.length === 0;
}

function rate(seeds: number, startedMs: number): string {
  return ((seeds * 1_000) / (performance.now() - startedMs)).toFixed(1);
}

const good =
  values.seed !== undefined
    ? await replay(Number(values.seed))
    : await search(Number(values.from), Number(values.seeds ?? 100));
process.exit(good ? 0 : 1);
