// skein secret rm
import { defineCommand } from '../command.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  usage: 'secret rm SECRET [SECRET...]',
  summary: 'Remove one or more secrets',
  aliases: ['secret rm', 'secret remove'],
  examples: [['secret rm password', 'remove a secret that no service uses']],
  flags: {},
  args: { min: 1 },
  run: ({ api, stdout }, { args }) =>
    forEach(args, async (ref) => {
      await api.delete(`/secrets/${encodeURIComponent(ref)}`);
      stdout.write(`${ref}\n`);
    }),
});
