// skein service inspect
import type { Service } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { forEach } from '../each.ts';
import { UsageError } from '../errors.ts';
import { text, toggle } from '../flags/flag.ts';
import { inspect } from '../format/inspect.ts';

export const command = defineCommand({
  usage: 'service inspect [OPTIONS] SERVICE [SERVICE...]',
  summary: 'Display detailed information on one or more services',
  examples: [
    ['service inspect --pretty web', 'describe the service for people'],
    [`service inspect --format '{{json .Endpoint.VirtualIPs}}' web`, 'print one part as JSON'],
  ],
  flags: {
    format: text('Format output using a custom template: json or TEMPLATE', 'f'),
    pretty: toggle('Print the information in a human friendly format'),
  },
  args: { min: 1 },
  async run({ api, stdout }, { flags, args }) {
    const get = (ref: string) =>
      api.get<Service>(`/services/${encodeURIComponent(ref)}`, { query: { insertDefaults: flags.pretty } });
    if (!flags.pretty) {
      return inspect(stdout, args, flags.format, get);
    }
    if (flags.format !== undefined) {
      throw new UsageError('--format is incompatible with human friendly format');
    }
    const { prettyService } = await import('./pretty.ts');
    const { Names } = await import('../network/names.ts');
    const names = new Names(api);
    return forEach(args, async (ref) => {
      stdout.write(prettyService(await get(ref), await names.all()));
    });
  },
});
