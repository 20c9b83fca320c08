// skein network ls
import type { Network } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { text, toggle } from '../flags/flag.ts';
import { printList } from '../format/list.ts';
import { naturalOrder, shortId } from '../format/units.ts';
import { filterFlag, toFilters } from '../opts/filter.ts';

const COLUMNS = {
  headers: {
    ID: 'NETWORK ID',
    Name: 'NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    IPv4: 'IPV4',
    IPv6: 'IPV6',
    Internal: 'INTERNAL',
    Labels: 'LABELS',
    CreatedAt: 'CREATED AT',
  },
  table: ['ID', 'Name', 'Driver', 'Scope'],
  quiet: 'ID',
};

export const command = defineCommand({
  usage: 'network ls [OPTIONS]',
  summary: 'List networks',
  aliases: ['network ls', 'network list'],
  examples: [
    ['network ls', 'show every network this node knows'],
    ['network ls --filter driver=overlay', 'show those of the swarm'],
  ],
  flags: {
    filter: filterFlag('Provide filter values (e.g. "driver=overlay")', 'f'),
    format: text('Format output using a custom template: table, json, "table TEMPLATE" or TEMPLATE'),
    'no-trunc': toggle('Do not truncate the output'),
    quiet: toggle('Only display network IDs', 'q'),
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags }) {
    const networks = await api.get<readonly Network[]>('/networks', { filters: toFilters(flags.filter) });
    const rows = [...networks]
      .sort((a, b) => naturalOrder(a.Name, b.Name))
      .map((network) => ({
        ID: flags['no-trunc'] ? network.Id : shortId(network.Id),
        Name: network.Name,
        Driver: network.Driver,
        Scope: network.Scope,
        IPv4: String(network.EnableIPv4 === true),
        IPv6: String(network.EnableIPv6 === true),
        Internal: String(network.Internal === true),
        Labels: Object.entries(network.Labels ?? {})
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
        CreatedAt: network.Created ?? '',
        Label: (name: unknown) => network.Labels?.[String(name)] ?? '',
      }));
    printList(stdout, COLUMNS, flags, rows);
    return 0;
  },
});
