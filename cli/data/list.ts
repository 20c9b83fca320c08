// What secret ls and config ls have in common: the flags, the rows, and how they are printed.
import type { DataObject } from '../client/types.ts';
import type { Context } from '../context.ts';
import { type Values, text, toggle } from '../flags/flag.ts';
import { type ListColumns, printList } from '../format/list.ts';
import { ago, naturalOrder } from '../format/units.ts';
import { filterFlag, toFilters } from '../opts/filter.ts';

export const LIST_FLAGS = {
  filter: filterFlag(undefined, 'f'),
  format: text('Format output using a custom template: table, json, "table TEMPLATE" or TEMPLATE'),
  quiet: toggle('Only display IDs', 'q'),
};

const HEADERS = { ID: 'ID', Name: 'NAME', CreatedAt: 'CREATED', UpdatedAt: 'UPDATED', Labels: 'LABELS' };

/** Only secrets have drivers. */
const COLUMNS = {
  configs: { headers: HEADERS, table: ['ID', 'Name', 'CreatedAt', 'UpdatedAt'], quiet: 'ID' },
  secrets: {
    headers: { ...HEADERS, Driver: 'DRIVER' },
    table: ['ID', 'Name', 'Driver', 'CreatedAt', 'UpdatedAt'],
    quiet: 'ID',
  },
} satisfies Readonly<Record<string, ListColumns>>;

export async function listDataObjects(
  { api, stdout, now }: Context,
  kind: keyof typeof COLUMNS,
  flags: Values<typeof LIST_FLAGS>,
): Promise<number> {
  const objects = await api.get<readonly DataObject[]>(`/${kind}`, { filters: toFilters(flags.filter) });
  const sorted = [...objects].sort((a, b) => naturalOrder(a.Spec.Name, b.Spec.Name));
  const rows = sorted.map((object) => ({
    ID: object.ID,
    Name: object.Spec.Name,
    ...(kind === 'secrets' && { Driver: object.Spec.Driver?.Name ?? '' }),
    CreatedAt: ago(object.CreatedAt, now()),
    UpdatedAt: ago(object.UpdatedAt, now()),
    Labels: Object.entries(object.Spec.Labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    Label: (name: unknown) => object.Spec.Labels?.[String(name)] ?? '',
  }));
  printList(stdout, COLUMNS[kind], flags, rows);
  return 0;
}
