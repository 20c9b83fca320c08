// skein config ls
import { defineCommand } from '../command.ts';
import { LIST_FLAGS, listDataObjects } from '../data/list.ts';

export const command = defineCommand({
  usage: 'config ls [OPTIONS]',
  summary: 'List configs',
  aliases: ['config ls', 'config list'],
  examples: [['config ls', 'show every config, without its content']],
  flags: LIST_FLAGS,
  args: { min: 0, max: 0 },
  run: (context, { flags }) => listDataObjects(context, 'configs', flags),
});
