// Runs targets on damaged inputs, round and round, and says what came of it. An input is known by target, seed and
// number alone, so that any finding can be made again.
import { createHash } from 'node:crypto';
import { SkeinError } from '../../shared/errors.ts';
import { type Random, seededRandom } from '../../shared/random.ts';
import { mutate, pick } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

/** Any input of ours is decoded within milliseconds; a shared machine stalls now and then. */
const SLOW_MS = 5_000;
/** Inputs of one target in a row; then the next target has its turn. */
const TURN = 25;
/** Buffers beyond the heap, MiB: inputs are at most a quarter of one. */
const MAX_BUFFERS_MIB = 400;

export interface Finding {
  readonly target: string;
  readonly number: number;
  readonly problem: string;
  readonly input: Buffer;
}

export interface FuzzReport {
  readonly inputs: number;
  /** Of these, what was accepted: damage that is always refused at the door tests little. */
  readonly accepted: Readonly<Record<string, readonly [inputs: number, accepted: number]>>;
  readonly findings: readonly Finding[];
}

/** The stream of one input. */
function streamOf(seed: number, target: string, number: number): Random {
  const digest = createHash('sha256').update(`${seed} ${target} ${number}`).digest();
  return seededRandom(digest.readUInt32LE(0));
}

/** Everything a target needs to make its inputs of one seed. */
export class Inputs {
  private readonly target: FuzzTarget;
  private readonly seed: number;
  private readonly valid: readonly Buffer[];

  private constructor(target: FuzzTarget, seed: number, valid: readonly Buffer[]) {
    this.target = target;
    this.seed = seed;
    this.valid = valid;
  }

  static async open(target: FuzzTarget, seed: number): Promise<Inputs> {
    return new Inputs(target, seed, await target.seeds(streamOf(seed, target.name, -1)));
  }

  get seeds(): readonly Buffer[] {
    return this.valid;
  }

  at(number: number): Buffer {
    const random = streamOf(this.seed, this.target.name, number);
    return mutate(this.target.form, pick(random, this.valid), this.valid, random);
  }
}

/** What is wrong with how the target took the input; `accepted` and `refused` are both as it should be. */
export async function outcomeOf(target: FuzzTarget, input: Buffer): Promise<'accepted' | 'refused' | Error> {
  const start = performance.now();
  try {
    await target.run(input);
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      return error instanceof Error ? error : new Error(`threw ${String(error)}`);
    }
    return error.kind === 'internal' && error.code === 'internal' ? error : 'refused';
  }
  const took = performance.now() - start;
  if (took > SLOW_MS) {
    return new Error(`took ${Math.round(took)} ms`);
  }
  if (Object.keys(Object.prototype).length > 0) {
    return new Error('changed the prototype of all objects');
  }
  return 'accepted';
}

export interface FuzzOptions {
  readonly seed: number;
  /** Monotonic ms at which it ends. */
  readonly until: number;
  /** Told before each input, so that a hang can be named. */
  readonly onInput?: (target: string, number: number) => void;
  readonly maxFindings: number;
}

export async function fuzz(targets: readonly FuzzTarget[], options: FuzzOptions): Promise<FuzzReport> {
  const findings: Finding[] = [];
  const accepted: Record<string, [number, number]> = {};
  let inputs = 0;
  const opened = [];
  for (const target of targets) {
    opened.push({ target, inputs: await Inputs.open(target, options.seed) });
  }
  try {
    for (
      let from = 0;
      performance.now() < options.until && findings.length < options.maxFindings;
      from += TURN
    ) {
      for (const each of opened) {
        const counts = accepted[each.target.name] ?? [0, 0];
        accepted[each.target.name] = counts;
        for (let number = from; number < from + TURN && performance.now() < options.until; number += 1) {
          options.onInput?.(each.target.name, number);
          const input = each.inputs.at(number);
          const outcome = await outcomeOf(each.target, input);
          inputs += 1;
          counts[0] += 1;
          counts[1] += outcome === 'accepted' ? 1 : 0;
          const buffers = process.memoryUsage().arrayBuffers / 2 ** 20;
          const problem = outcome instanceof Error ? (outcome.stack ?? outcome.message) : undefined;
          if (problem !== undefined || buffers > MAX_BUFFERS_MIB) {
            findings.push({
              target: each.target.name,
              number,
              input,
              problem: problem ?? `${Math.round(buffers)} MiB of buffers are held`,
            });
            break;
          }
        }
      }
    }
  } finally {
    for (const { target } of opened) {
      await target.close?.();
    }
  }
  return { inputs, accepted, findings };
}
