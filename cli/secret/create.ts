// skein secret create
import { defineCommand } from '../command.ts';
import { createDataObject } from '../data/create.ts';
import { UsageError } from '../errors.ts';
import { list, text } from '../flags/flag.ts';
import { toMap } from '../opts/pairs.ts';

export const command = defineCommand({
  usage: 'secret create [OPTIONS] SECRET [file|-]',
  summary: 'Create a secret from a file or STDIN as content',
  examples: [
    ['secret create db_password ./password.txt', 'from a file'],
    [
      'secret create db_password - < password.txt',
      'from stdin, so that nothing stands in the list of processes',
    ],
  ],
  flags: {
    driver: text('Secret driver', 'd'),
    label: list('Secret labels', 'l'),
    'template-driver': text('Template driver'),
  },
  args: { min: 1, max: 2 },
  run(context, { flags, args: [name = '', path] }) {
    const { driver, 'template-driver': templating } = flags;
    if (path === undefined && driver === undefined) {
      throw new UsageError('name a file, or - for stdin');
    }
    if (path !== undefined && driver !== undefined) {
      throw new UsageError('when using secret driver secret data must be empty');
    }
    return createDataObject(context, 'secret', path, {
      Name: name,
      Labels: toMap(flags.label),
      ...(driver !== undefined && { Driver: { Name: driver } }),
      ...(templating !== undefined && { Templating: { Name: templating } }),
    });
  },
});
