// One core's share of a search: runs its seeds one after the other and tells each outcome.
import { parentPort, workerData } from 'node:worker_threads';
import { simulate } from './simulation.ts';

// Errors are common here and nobody reads where they came from; a replay tells.
Error.stackTraceLimit = 0;

const { from, count, step } = workerData as {
  readonly from: number;
  readonly count: number;
  readonly step: number;
};
for (let at = 0; at < count; at += 1) {
  const seed = from + at * step;
  const { violation, stats } = await simulate({ seed });
  parentPort?.postMessage({ seed, violation: violation?.message.slice(0, 300), stats });
}
