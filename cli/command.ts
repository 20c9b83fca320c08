// The shape of a command: flags, arguments, help and the function that runs it. One file each makes one.
import type { Context } from './context.ts';
import { UsageError } from './errors.ts';
import type { FlagTable } from './flags/flag.ts';
import { type Call, parseFlags } from './flags/parse.ts';

export interface CommandSpec<F extends FlagTable> {
  /** What follows `skein` on the command line: `service ls [OPTIONS]`. */
  readonly usage: string;
  readonly summary: string;
  readonly aliases?: readonly string[];
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  readonly flags: F;
  /** How many arguments; no `max` means any number. */
  readonly args: { readonly min: number; readonly max?: number };
  /** False: flags end at the first argument. */
  readonly interspersed?: boolean;
  /** @returns the exit code, 0 when nothing is returned. */
  run(context: Context, call: Call<F>): Promise<number | undefined>;
}

export interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly aliases: readonly string[];
  readonly examples: CommandSpec<FlagTable>['examples'];
  readonly flags: FlagTable;
  execute(context: Context, words: readonly string[]): Promise<number>;
}

export function defineCommand<F extends FlagTable>(spec: CommandSpec<F>): Command {
  return {
    usage: spec.usage,
    summary: spec.summary,
    aliases: spec.aliases ?? [],
    examples: spec.examples,
    flags: spec.flags,
    execute: async (context, words) => {
      const call = parseFlags(spec.flags, words, { interspersed: spec.interspersed ?? true });
      checkCount(spec.usage, spec.args, call.args.length);
      return (await spec.run(context, call)) ?? 0;
    },
  };
}

function checkCount(usage: string, { min, max }: { min: number; max?: number }, count: number): void {
  if (count >= min && count <= (max ?? Number.POSITIVE_INFINITY)) {
    return;
  }
  const name = `skein ${usage.replace(/ [[A-Z].*$/, '')}`;
  const plural = (n: number) => `${n} argument${n === 1 ? '' : 's'}`;
  if (max === 0) {
    throw new UsageError(`'${name}' accepts no arguments`);
  }
  if (min === max) {
    throw new UsageError(`'${name}' requires ${plural(min)}`);
  }
  throw new UsageError(
    count < min
      ? `'${name}' requires at least ${plural(min)}`
      : `'${name}' requires at most ${plural(max ?? 0)}`,
  );
}
