// skein swarm unlock: gives a locked manager the key of its state.
import { defineCommand } from '../command.ts';
import { readAll } from '../client/client.ts';

/** Longer than any key. */
const KEY_LIMIT_BYTES = 64 * 1024;

export const command = defineCommand({
  usage: 'swarm unlock',
  summary: 'Unlock swarm',
  examples: [['swarm unlock < key.txt', 'unlock with a key from a file']],
  flags: {},
  args: { min: 0, max: 0 },
  async run({ api, stdin, stdout }) {
    if (stdin.isTTY === true) {
      stdout.write('Please enter unlock key: ');
    }
    const key = (await readAll(stdin, KEY_LIMIT_BYTES)).trim();
    await api.post('/swarm/unlock', { body: { UnlockKey: key } });
    return 0;
  },
});
