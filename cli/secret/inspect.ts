// skein secret inspect
import type { DataObject } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { prettyDataObject } from '../data/pretty.ts';
import { forEach } from '../each.ts';
import { UsageError } from '../errors.ts';
import { text, toggle } from '../flags/flag.ts';
import { inspect } from '../format/inspect.ts';

export const command = defineCommand({
  usage: 'secret inspect [OPTIONS] SECRET [SECRET...]',
  summary: 'Display detailed information on one or more secrets',
  examples: [[`secret inspect --format '{{.CreatedAt}}' password`, 'print one field']],
  flags: {
    format: text('Format output using a custom template: json or TEMPLATE', 'f'),
    pretty: toggle('Print the information in a human friendly format'),
  },
  args: { min: 1 },
  run({ api, stdout }, { flags, args }) {
    const get = (ref: string) => api.get<DataObject>(`/secrets/${encodeURIComponent(ref)}`);
    if (!flags.pretty) {
      return inspect(stdout, args, flags.format, get);
    }
    if (flags.format !== undefined) {
      throw new UsageError('--format is incompatible with human friendly format');
    }
    return forEach(args, async (ref) => {
      stdout.write(prettyDataObject(await get(ref), false));
    });
  },
});
