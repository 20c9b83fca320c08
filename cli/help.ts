// The text of --help: usage, what the command does, its flags in columns, and examples that can be pasted.
import type { Command } from './command.ts';
import type { Flag, FlagTable } from './flags/flag.ts';

const DEFAULT_COLUMNS = 80;
/** Narrower than this the wrapped text would be one word a line. */
const MIN_TEXT_COLUMNS = 24;

export function commandHelp(command: Command, columns = DEFAULT_COLUMNS): string {
  const parts = [`Usage:  skein ${command.usage}`, command.summary];
  if (command.aliases.length > 0) {
    parts.push(`Aliases:\n  ${command.aliases.map((alias) => `skein ${alias}`).join(', ')}`);
  }
  const flags = flagLines(command.flags, columns);
  if (flags !== '') {
    parts.push(`Options:\n${flags}`);
  }
  if (command.examples.length > 0) {
    const lines = command.examples.map(([line, meaning]) => `  # ${meaning}\n  $ skein ${line}`);
    parts.push(`Examples:\n${lines.join('\n')}`);
  }
  return `${parts.join('\n\n')}\n`;
}

export function flagLines(flags: FlagTable, columns: number): string {
  const rows = Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => [flagHead(name, flag), flag.usage] as const);
  const width = Math.max(0, ...rows.map(([head]) => head.length)) + 3;
  return rows
    .map(([head, usage]) => {
      const lines = wrap(usage, Math.max(MIN_TEXT_COLUMNS, columns - width));
      return lines.map((line, index) => `${(index === 0 ? head : '').padEnd(width)}${line}`).join('\n');
    })
    .join('\n');
}

function flagHead(name: string, flag: Flag<unknown>): string {
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  return `  ${short}--${name}${flag.type === '' ? '' : ` ${flag.type}`}`;
}

/** Two columns: names and what they do, as in the lists of commands. */
export function nameLines(rows: readonly (readonly [name: string, summary: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, summary]) => `  ${name.padEnd(width)}${summary}`).join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
