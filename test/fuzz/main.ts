// npm run fuzz -- --seconds N --seed S [--target TEXT] [--number K]: damaged inputs to every decoder for so long, or
// the one input of that number. The work is done in a thread, so that a hang or a full heap can be seen and named.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { allTargets } from './all_targets.ts';
import { fuzz, type FuzzReport, Inputs, outcomeOf } from './fuzzer.ts';

/** An input that has not been decoded after this long never will be. */
const HANG_MS = 30_000;
/** Heap of the thread, MiB: inputs have a quarter of one, and no decoder needs a hundred times its input. */
const HEAP_MIB = 768;
const MAX_FINDINGS = 20;
const FOUND_FOLDER = 'fuzz-findings';

interface Job {
  readonly seed: number;
  readonly seconds: number;
  readonly target: string;
  readonly number: number | undefined;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function chosenTargets(job: Job) {
  return (await allTargets()).filter(({ name }) => name.includes(job.target));
}

async function runThread(job: Job): Promise<void> {
  const targets = await chosenTargets(job);
  if (job.number === undefined) {
    const until = performance.now() + job.seconds * 1000;
    const onInput = (target: string, number: number) => parentPort?.postMessage({ target, number });
    const report = await fuzz(targets, { seed: job.seed, until, onInput, maxFindings: MAX_FINDINGS });
    parentPort?.postMessage({ report });
    return;
  }
  const [target] = targets;
  if (target === undefined) {
    throw new Error(`no target has '${job.target}' in its name`);
  }
  const inputs = await Inputs.open(target, job.seed);
  const input = inputs.at(job.number);
  const outcome = await outcomeOf(target, input);
  await target.close?.();
  const problem = outcome instanceof Error ? (outcome.stack ?? outcome.message) : undefined;
  const findings = problem === undefined ? [] : [{ target: target.name, number: job.number, problem, input }];
  parentPort?.postMessage({ report: { inputs: 1, accepted: {}, findings } satisfies FuzzReport });
}

function supervise(job: Job): Promise<FuzzReport | undefined> {
  return new Promise((resolve) => {
    let at = 'the beginning';
    let seen = performance.now();
    const thread = new Worker(fileURLToPath(import.meta.url), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    const end = (problem: string | undefined, report?: FuzzReport) => {
      clearInterval(watch);
      if (problem !== undefined) {
        say(`${problem} at ${at} of seed ${job.seed}`);
      }
      thread.terminate().then(
        () => resolve(report),
        () => resolve(report),
      );
    };
    const watch = setInterval(() => {
      if (performance.now() - seen > HANG_MS) {
        end('HANG');
      }
    }, 1_000);
    thread.on('message', (message: { target?: string; number?: number; report?: FuzzReport }) => {
      seen = performance.now();
      if (message.report !== undefined) {
        end(undefined, message.report);
      } else {
        at = `${message.target} --number ${message.number}`;
      }
    });
    thread.on('error', (error: Error) => end(`CRASH (${error.stack ?? error.message})`));
  });
}

async function tell(report: FuzzReport, job: Job): Promise<void> {
  for (const [name, [inputs, accepted]] of Object.entries(report.accepted).toSorted()) {
    say(`${String(inputs).padStart(8)} inputs, ${String(accepted).padStart(7)} accepted  ${name}`);
  }
  for (const [at, { target, number, problem, input }] of report.findings.entries()) {
    await mkdir(FOUND_FOLDER, { recursive: true });
    const file = `${FOUND_FOLDER}/${target.replaceAll(/[^a-z0-9]+/gi, '-')}@${job.seed}-${number}`;
    await writeFile(file, input);
    say(
      `\n#${at + 1} ${target}: again with --target '${target}' --seed ${job.seed} --number ${number}; input in ${file}`,
    );
    say(problem);
  }
  say(`${report.inputs} inputs of seed ${job.seed}: ${report.findings.length} findings`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      target: { type: 'string', default: '' },
      number: { type: 'string' },
    },
  });
  const job: Job = {
    seed: Number(values.seed),
    seconds: Number(values.seconds),
    target: values.target,
    number: values.number === undefined ? undefined : Number(values.number),
  };
  const report = await supervise(job);
  if (report !== undefined) {
    await tell(report, job);
  }
  process.exitCode = report === undefined || report.findings.length > 0 ? 1 : 0;
}

if (isMainThread) {
  await main();
} else {
  await runThread(workerData as Job);
}
