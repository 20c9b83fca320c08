// Columns as Go's tabwriter makes them for docker: at least ten wide, three blanks between, nothing after
// the last.
const MIN_COLUMN = 10;
const PADDING = 3;

export interface TableStyle {
  readonly minColumn: number;
  readonly padding: number;
}

export function alignColumns(
  lines: readonly string[],
  style: TableStyle = { minColumn: MIN_COLUMN, padding: PADDING },
): string {
  const rows = lines.map((line) => line.split('\t'));
  const widths: number[] = [];
  for (const cells of rows) {
    cells.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? style.minColumn, width(cell) + style.padding);
    });
  }
  return rows
    .map((cells) =>
      cells.map((cell, column) => (column === cells.length - 1 ? cell : padTo(cell, widths[column] ?? 0))),
    )
    .map((cells) => `${cells.join('')}\n`)
    .join('');
}

function padTo(cell: string, columns: number): string {
  return cell + ' '.repeat(Math.max(0, columns - width(cell)));
}

/** Characters, not UTF-16 units. */
function width(text: string): number {
  return [...text].length;
}
