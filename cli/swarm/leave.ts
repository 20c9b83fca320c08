// skein swarm leave: this host stops being a node.
import { defineCommand } from '../command.ts';
import { toggle } from '../flags/flag.ts';

export const command = defineCommand({
  usage: 'swarm leave [OPTIONS]',
  summary: 'Leave the swarm',
  examples: [
    ['swarm leave', 'take a worker out of its swarm'],
    ['swarm leave --force', 'take out a manager, though the swarm may lose its quorum'],
  ],
  flags: { force: toggle('Force this node to leave the swarm, ignoring warnings', 'f') },
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags }) {
    await api.post('/swarm/leave', { query: { force: flags.force } });
    stdout.write('Node left the swarm.\n');
    return 0;
  },
});
