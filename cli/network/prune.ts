// skein network prune
import { defineCommand } from '../command.ts';
import { toggle } from '../flags/flag.ts';
import { OBJECT_FORMAT, objectPrinter } from '../format/object.ts';
import { filterFlag, toFilters } from '../opts/filter.ts';

export const command = defineCommand({
  usage: 'network prune [OPTIONS]',
  summary: 'Remove all unused networks',
  examples: [['network prune --force', 'remove what no container uses']],
  flags: {
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")'),
    force: toggle('Do not prompt for confirmation', 'f'),
    format: OBJECT_FORMAT,
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags }) {
    const answer = await api.post<{ readonly NetworksDeleted?: readonly string[] | null }>(
      '/networks/prune',
      {
        filters: toFilters(flags.filter),
      },
    );
    const deleted = answer?.NetworksDeleted ?? [];
    if (flags.format === undefined) {
      stdout.write(deleted.length === 0 ? '' : `Deleted Networks:\n${deleted.join('\n')}\n\n`);
    } else {
      objectPrinter(stdout, flags.format)({ NetworksDeleted: deleted });
    }
    return 0;
  },
});
