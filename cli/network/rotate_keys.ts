// skein network rotate-keys
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  usage: 'network rotate-keys',
  summary: 'Go on to the next key of encrypted networks',
  aliases: ['network rotate-keys'],
  examples: [
    ['network rotate-keys', 'ask for it now; it is done once every node that takes part has the next key'],
  ],
  flags: {},
  args: { min: 0, max: 0 },
  async run({ api }) {
    await api.post('/skein/network/rotate-keys');
    return 0;
  },
});
