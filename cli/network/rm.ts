// skein network rm
import { ApiError } from '../client/client.ts';
import { defineCommand } from '../command.ts';
import { forEach } from '../each.ts';
import { toggle } from '../flags/flag.ts';

export const command = defineCommand({
  usage: 'network rm NETWORK [NETWORK...]',
  summary: 'Remove one or more networks',
  aliases: ['network rm', 'network remove'],
  examples: [['network rm backend', 'remove a network that no service uses']],
  flags: { force: toggle('Do not error if the network does not exist', 'f') },
  args: { min: 1 },
  run: ({ api, stdout }, { flags, args }) =>
    forEach(args, async (ref) => {
      try {
        await api.delete(`/networks/${encodeURIComponent(ref)}`);
      } catch (error) {
        if (flags.force && error instanceof ApiError && error.status === 404) {
          return;
        }
        throw error;
      }
      stdout.write(`${ref}\n`);
    }),
});
