// skein secret ls
import { defineCommand } from '../command.ts';
import { LIST_FLAGS, listDataObjects } from '../data/list.ts';

export const command = defineCommand({
  usage: 'secret ls [OPTIONS]',
  summary: 'List secrets',
  aliases: ['secret ls', 'secret list'],
  examples: [['secret ls', 'show every secret, without its content']],
  flags: LIST_FLAGS,
  args: { min: 0, max: 0 },
  run: (context, { flags }) => listDataObjects(context, 'secrets', flags),
});
