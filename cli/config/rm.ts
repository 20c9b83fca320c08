// skein config rm
import { defineCommand } from '../command.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  usage: 'config rm CONFIG [CONFIG...]',
  summary: 'Remove one or more configs',
  aliases: ['config rm', 'config remove'],
  examples: [['config rm password', 'remove a config that no service uses']],
  flags: {},
  args: { min: 1 },
  run: ({ api, stdout }, { args }) =>
    forEach(args, async (ref) => {
      await api.delete(`/configs/${encodeURIComponent(ref)}`);
      stdout.write(`${ref}\n`);
    }),
});
