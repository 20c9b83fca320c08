// Reads a command line by a table of flags, with pflag's grammar: `--name value`, `--name=value`, `-n value`,
// `-nvalue`, `-n=value`, grouped switches `-qf value`, `--` ends the flags. Switches take no separate word.
import { UsageError } from '../errors.ts';
import type { Flag, FlagTable, Values } from './flag.ts';

export interface Call<F extends FlagTable> {
  readonly flags: Values<F>;
  readonly args: readonly string[];
  /** Whether the flag stood on the command line, also with its default value. */
  changed(name: keyof F & string): boolean;
}

export interface ParseOptions {
  /** Whether flags may follow arguments. `service create IMAGE CMD -x` leaves -x to the command. */
  readonly interspersed: boolean;
}

/** A line that asks for --help: nothing else of it matters. */
export class HelpRequested extends Error {}

/** @throws UsageError, HelpRequested */
export function parseFlags<F extends FlagTable>(
  table: F,
  words: readonly string[],
  options: ParseOptions,
): Call<F> {
  const line = new Line(table, words);
  const args = line.read(options.interspersed);
  const flags = Object.fromEntries(
    Object.entries(table).map(([name, flag]) => [
      name,
      line.values.has(name) ? line.values.get(name) : flag.initial,
    ]),
  ) as Values<F>;
  return { flags, args, changed: (name) => line.values.has(name) };
}

class Line {
  readonly values = new Map<string, unknown>();
  private readonly table: FlagTable;
  private readonly words: readonly string[];
  private next = 0;

  constructor(table: FlagTable, words: readonly string[]) {
    this.table = table;
    this.words = words;
  }

  read(interspersed: boolean): string[] {
    const args: string[] = [];
    for (let word = this.take(); word !== undefined; word = this.take()) {
      if (word === '--') {
        return [...args, ...this.rest()];
      }
      if (word.startsWith('--')) {
        this.long(word.slice(2));
      } else if (word.startsWith('-') && word.length > 1) {
        this.shorts(word.slice(1));
      } else if (interspersed) {
        args.push(word);
      } else {
        return [word, ...this.rest()];
      }
    }
    return args;
  }

  private take(): string | undefined {
    const word = this.words[this.next];
    this.next += 1;
    return word;
  }

  private rest(): readonly string[] {
    const rest = this.words.slice(this.next);
    this.next = this.words.length;
    return rest;
  }

  private long(body: string): void {
    const cut = body.indexOf('=');
    const name = cut === -1 ? body : body.slice(0, cut);
    const flag = Object.hasOwn(this.table, name) ? this.table[name] : undefined;
    if (flag === undefined) {
      if (name === 'help') {
        throw new HelpRequested();
      }
      throw new UsageError(`unknown flag: --${name}`);
    }
    const inline = cut === -1 ? undefined : body.slice(cut + 1);
    this.set(name, flag, inline ?? this.valueFor(flag, `--${name}`), `--${name}`);
  }

  private shorts(body: string): void {
    for (let at = 0; at < body.length; at += 1) {
      const letter = body.charAt(at);
      const found = Object.entries(this.table).find(([, flag]) => flag.short === letter);
      if (found === undefined) {
        if (letter === 'h') {
          throw new HelpRequested();
        }
        throw new UsageError(`unknown shorthand flag: '${letter}' in -${body}`);
      }
      const [name, flag] = found;
      const shown = `-${letter}, --${name}`;
      const after = body.slice(at + 1);
      if (after.startsWith('=')) {
        this.set(name, flag, after.slice(1), shown);
        return;
      }
      if (!flag.isSwitch && after !== '') {
        this.set(name, flag, after, shown);
        return;
      }
      this.set(name, flag, this.valueFor(flag, `'${letter}' in -${body}`), shown);
    }
  }

  private valueFor(flag: Flag<unknown>, shown: string): string {
    if (flag.isSwitch) {
      return 'true';
    }
    const value = this.take();
    if (value === undefined) {
      throw new UsageError(`flag needs an argument: ${shown}`);
    }
    return value;
  }

  private set(name: string, flag: Flag<unknown>, value: string, shown: string): void {
    const present = this.values.has(name) ? this.values.get(name) : flag.initial;
    try {
      this.values.set(name, flag.parse(value, present));
    } catch (error) {
      if (error instanceof UsageError) {
        throw new UsageError(`invalid argument "${value}" for "${shown}" flag: ${error.message}`);
      }
      throw error;
    }
  }
}
