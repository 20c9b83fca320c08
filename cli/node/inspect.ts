// skein node inspect
import { defineCommand } from '../command.ts';
import { UsageError } from '../errors.ts';
import { text, toggle } from '../flags/flag.ts';
import { inspect } from '../format/inspect.ts';
import { forEach } from '../each.ts';
import { prettyNode } from './pretty.ts';
import { getNode } from './self.ts';

export const command = defineCommand({
  usage: 'node inspect [OPTIONS] self|NODE [NODE...]',
  summary: 'Display detailed information on one or more nodes',
  examples: [
    ['node inspect --pretty self', 'describe this node for people'],
    [`node inspect --format '{{.Status.Addr}}' h2`, 'print one field'],
  ],
  flags: {
    format: text('Format output using a custom template: json or TEMPLATE', 'f'),
    pretty: toggle('Print the information in a human friendly format'),
  },
  args: { min: 1 },
  run({ api, stdout }, { flags, args }) {
    if (!flags.pretty) {
      return inspect(stdout, args, flags.format, (ref) => getNode(api, ref));
    }
    if (flags.format !== undefined) {
      throw new UsageError('--format is incompatible with human friendly format');
    }
    return forEach(args, async (ref) => {
      stdout.write(prettyNode(await getNode(api, ref)));
    });
  },
});
