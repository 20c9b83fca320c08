// skein swarm unlock-key: shows or rotates the key that opens a manager's state after a restart.
import type { Swarm } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { toggle } from '../flags/flag.ts';
import { OBJECT_FORMAT, objectPrinter } from '../format/object.ts';
import { unlockInstructions } from './join_instructions.ts';

export const command = defineCommand({
  usage: 'swarm unlock-key [OPTIONS]',
  summary: 'Manage the unlock key',
  examples: [['swarm unlock-key -q', 'print the key alone']],
  flags: {
    format: OBJECT_FORMAT,
    quiet: toggle('Only display token', 'q'),
    rotate: toggle('Rotate unlock key'),
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags }) {
    if (flags.rotate) {
      const { Version, Spec } = await api.get<Swarm>('/swarm');
      await api.post('/swarm/update', {
        query: { version: Version.Index, rotateManagerUnlockKey: true },
        body: Spec,
      });
    }
    const { UnlockKey: key = '' } = await api.get<{ readonly UnlockKey?: string }>('/swarm/unlockkey');
    if (flags.format === undefined || flags.quiet) {
      stdout.write(flags.quiet ? `${key}\n` : unlockInstructions(key));
    } else {
      objectPrinter(stdout, flags.format)({ UnlockKey: key });
    }
    return 0;
  },
});
