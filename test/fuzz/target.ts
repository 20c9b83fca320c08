// What is fuzzed: a decoder with valid inputs to begin from. `run` gets hostile bytes and may do one of two things:
// return, or throw a SkeinError. Anything else it throws, a hang, or memory without bound is a defect.
import type { Random } from '../../shared/random.ts';

export interface FuzzTarget {
  readonly name: string;
  /** How its inputs are changed: as bytes, as text, or as JSON after a first line. */
  readonly form: 'bytes' | 'text' | 'json';
  /** Valid inputs, or nearly so; the same for the same random stream. */
  seeds(random: Random): Promise<readonly Buffer[]> | readonly Buffer[];
  run(input: Buffer): unknown;
  /** Undoes what `seeds` opened. */
  close?(): Promise<void>;
}

/** Asserted about an accepted input; its own class, so that no decoder's error passes for it. */
export class FuzzFinding extends Error {
  override readonly name = 'FuzzFinding';
}

export function check(condition: boolean, message: string): void {
  if (!condition) {
    throw new FuzzFinding(message);
  }
}
