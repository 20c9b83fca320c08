// skein service rm
import { defineCommand } from '../command.ts';
import { forEach } from '../each.ts';

export const command = defineCommand({
  usage: 'service rm SERVICE [SERVICE...]',
  summary: 'Remove one or more services',
  aliases: ['service rm', 'service remove'],
  examples: [['service rm web', 'remove the service and its tasks']],
  flags: {},
  args: { min: 1 },
  run: ({ api, stdout }, { args }) =>
    forEach(args, async (ref) => {
      await api.delete(`/services/${encodeURIComponent(ref)}`);
      stdout.write(`${ref}\n`);
    }),
});
