// skein secret ls
import type { DataObject } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { text, toggle } from '../flags/flag.ts';
import { printList } from '../format/list.ts';
import { ago, naturalOrder } from '../format/units.ts';
import { filterFlag, toFilters } from '../opts/filter.ts';

const COLUMNS = {
  headers: {
    ID: 'ID',
    Name: 'NAME',
    Driver: 'DRIVER',
    CreatedAt: 'CREATED',
    UpdatedAt: 'UPDATED',
    Labels: 'LABELS',
  },
  table: ['ID', 'Name', 'Driver', 'CreatedAt', 'UpdatedAt'],
  quiet: 'ID',
};

export const command = defineCommand({
  usage: 'secret ls [OPTIONS]',
  summary: 'List secrets',
  aliases: ['secret ls', 'secret list'],
  examples: [['secret ls', 'show every secret, without its content']],
  flags: {
    filter: filterFlag(undefined, 'f'),
    format: text('Format output using a custom template: table, json, "table TEMPLATE" or TEMPLATE'),
    quiet: toggle('Only display IDs', 'q'),
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout, now }, { flags }) {
    const objects = await api.get<readonly DataObject[]>('/secrets', { filters: toFilters(flags.filter) });
    const sorted = [...objects].sort((a, b) => naturalOrder(a.Spec.Name, b.Spec.Name));
    const rows = sorted.map((object) => ({
      ID: object.ID,
      Name: object.Spec.Name,
      Driver: object.Spec.Driver?.Name ?? '',
      CreatedAt: ago(object.CreatedAt, now()),
      UpdatedAt: ago(object.UpdatedAt, now()),
      Labels: Object.entries(object.Spec.Labels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
      Label: (name: unknown) => object.Spec.Labels?.[String(name)] ?? '',
    }));
    printList(stdout, COLUMNS, flags, rows);
    return 0;
  },
});
