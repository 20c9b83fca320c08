// skein network inspect
import { defineCommand } from '../command.ts';
import { text, toggle } from '../flags/flag.ts';
import { inspect } from '../format/inspect.ts';

export const command = defineCommand({
  usage: 'network inspect [OPTIONS] NETWORK [NETWORK...]',
  summary: 'Display detailed information on one or more networks',
  examples: [['network inspect --verbose backend', 'show the network with its services and their tasks']],
  flags: {
    format: text('Format output using a custom template: json or TEMPLATE', 'f'),
    verbose: toggle('Verbose output for diagnostics', 'v'),
  },
  args: { min: 1 },
  run: ({ api, stdout }, { flags, args }) =>
    inspect(stdout, args, flags.format, (ref) =>
      api.get(`/networks/${encodeURIComponent(ref)}`, { query: { verbose: flags.verbose } }),
    ),
});
