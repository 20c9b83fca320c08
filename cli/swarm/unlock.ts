// skein swarm unlock: gives a locked manager the key of its state.
import { defineCommand } from '../command.ts';
import { readHidden } from '../hidden_input.ts';

export const command = defineCommand({
  usage: 'swarm unlock',
  summary: 'Unlock swarm',
  examples: [
    ['swarm unlock', 'type or paste the key; it is not shown'],
    ['swarm unlock < key.txt', 'unlock with a key from a file'],
  ],
  flags: {},
  args: { min: 0, max: 0 },
  async run(context) {
    const key = (await readHidden(context, 'Please enter unlock key: ')).trim();
    await context.api.post('/swarm/unlock', { body: { UnlockKey: key } });
    return 0;
  },
});
