// Lists as docker prints them: a table, a Go template a line, `table …` templates with a header, JSON a line,
// or ids alone (-q).
import type { Output } from '../context.ts';
import { Row } from '../template/evaluate.ts';
import { compile } from '../template/template.ts';
import { alignColumns } from './table.ts';

export interface ListColumns {
  /** Header of every field that a template may name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The fields of the table when no format is given. */
  readonly table: readonly string[];
  /** The field that -q prints. */
  readonly quiet: string;
}

export interface ListOptions {
  readonly format: string | undefined;
  readonly quiet: boolean;
}

export type RowFields = Readonly<Record<string, unknown>>;

export function printList(
  out: Output,
  columns: ListColumns,
  options: ListOptions,
  rows: readonly RowFields[],
): void {
  const { source, isTable } = chooseFormat(columns, options);
  const template = compile(source);
  const lines = rows.map((fields) => template.run(new Row(fields)));
  if (!isTable) {
    out.write(lines.map((line) => `${line}\n`).join(''));
    return;
  }
  const header = template.header(new Row(headerFields(columns, rows)));
  out.write(alignColumns([header, ...lines].flatMap((line) => line.split('\n'))));
}

function chooseFormat(
  columns: ListColumns,
  { format = '', quiet }: ListOptions,
): { source: string; isTable: boolean } {
  if (format === 'json') {
    return { source: '{{json .}}', isTable: false };
  }
  if (format === '' || format === 'table') {
    return quiet
      ? { source: `{{.${columns.quiet}}}`, isTable: false }
      : { source: columns.table.map((field) => `{{.${field}}}`).join('\t'), isTable: true };
  }
  if (quiet && format.startsWith('table')) {
    return { source: `{{.${columns.quiet}}}`, isTable: false };
  }
  const unescaped = format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  const match = /^table\s+([\s\S]*)$/.exec(unescaped);
  return match === null ? { source: unescaped, isTable: false } : { source: match[1] ?? '', isTable: true };
}

/** The one field that takes an argument: `.Label "key"`; its header is the key. */
const LABEL_FIELD = 'Label';

/** Fields without a header of their own show their name; functions show what they were asked for. */
function headerFields(columns: ListColumns, rows: readonly RowFields[]): RowFields {
  const names = new Set([
    ...Object.keys(columns.headers),
    ...rows.slice(0, 1).flatMap(Object.keys),
    LABEL_FIELD,
  ]);
  return Object.fromEntries(
    [...names].map((name) => {
      const header = columns.headers[name] ?? name.toUpperCase();
      return [name, name === LABEL_FIELD ? (label: unknown) => String(label) : header];
    }),
  );
}
