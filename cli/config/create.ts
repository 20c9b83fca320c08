// skein config create
import { defineCommand } from '../command.ts';
import { createDataObject } from '../data/create.ts';
import { list, text } from '../flags/flag.ts';
import { toMap } from '../opts/pairs.ts';

export const command = defineCommand({
  usage: 'config create [OPTIONS] CONFIG file|-',
  summary: 'Create a config from a file or STDIN',
  examples: [
    ['config create nginx_conf ./nginx.conf', 'from a file'],
    ['config create nginx_conf - < nginx.conf', 'from stdin'],
  ],
  flags: {
    label: list('Config labels', 'l'),
    'template-driver': text('Template driver'),
  },
  args: { min: 2, max: 2 },
  run(context, { flags, args: [name = '', path] }) {
    const { 'template-driver': templating } = flags;
    return createDataObject(context, 'config', path, {
      Name: name,
      Labels: toMap(flags.label),
      ...(templating !== undefined && { Templating: { Name: templating } }),
    });
  },
});
