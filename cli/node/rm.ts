// skein node rm
import { defineCommand } from '../command.ts';
import { forEach } from '../each.ts';
import { toggle } from '../flags/flag.ts';

export const command = defineCommand({
  usage: 'node rm [OPTIONS] NODE [NODE...]',
  summary: 'Remove one or more nodes from the swarm',
  aliases: ['node rm', 'node remove'],
  examples: [
    ['node rm h3', 'forget a node that has left or is down'],
    ['node rm --force h3', 'remove a node that cannot leave by itself'],
  ],
  flags: { force: toggle('Force remove a node from the swarm', 'f') },
  args: { min: 1 },
  run: ({ api, stdout }, { flags, args }) =>
    forEach(args, async (ref) => {
      await api.delete(`/nodes/${encodeURIComponent(ref)}`, { query: { force: flags.force } });
      stdout.write(`${ref}\n`);
    }),
});
