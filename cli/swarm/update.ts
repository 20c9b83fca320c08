// skein swarm update: changes the settings of the whole swarm.
import type { Swarm } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../errors.ts';
import { changeSpec, SPEC_FLAGS } from './flags.ts';

export const command = defineCommand({
  usage: 'swarm update [OPTIONS]',
  summary: 'Update the swarm',
  examples: [
    ['swarm update --task-history-limit 2', 'keep two dead tasks of each slot'],
    ['swarm update --cert-expiry 720h', 'give node certificates thirty days'],
  ],
  flags: SPEC_FLAGS,
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags, changed }) {
    const names = Object.keys(SPEC_FLAGS).filter(
      (name): name is keyof typeof SPEC_FLAGS => name in SPEC_FLAGS,
    );
    if (!names.some((name) => changed(name))) {
      throw new UsageError('nothing to update: give at least one option');
    }
    const { Version, Spec } = await api.get<Swarm>('/swarm');
    await api.post('/swarm/update', {
      query: { version: Version.Index },
      body: changeSpec(Spec, flags, changed),
    });
    stdout.write('Swarm updated.\n');
    return 0;
  },
});
