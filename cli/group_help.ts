// The help of `skein` itself and of its nouns: what commands there are.
import type { FlagTable } from './flags/flag.ts';
import { flagLines, nameLines } from './help.ts';
import { type Group, isGroup } from './tree.ts';

export function groupHelp(path: readonly string[], group: Group, flags: FlagTable, columns = 80): string {
  const name = ['skein', ...path].join(' ');
  const entries = Object.entries(group.entries).sort(([a], [b]) => (a < b ? -1 : 1));
  const groups = entries.filter(([, entry]) => isGroup(entry));
  const commands = entries.filter(([, entry]) => !isGroup(entry));
  const section = (title: string, rows: typeof entries) =>
    rows.length === 0
      ? []
      : [`${title}:\n${nameLines(rows.map(([entryName, entry]) => [entryName, entry.summary] as const))}`];
  const usage = path.length === 0 ? 'skein [OPTIONS] COMMAND' : `${name} COMMAND`;
  return `${[
    `Usage:  ${usage}`,
    group.summary,
    ...section('Management Commands', groups),
    ...section('Commands', commands),
    ...(path.length === 0 ? [`Global Options:\n${flagLines(flags, columns)}`] : []),
    `Run '${name} COMMAND --help' for more information on a command.`,
  ].join('\n\n')}\n`;
}
