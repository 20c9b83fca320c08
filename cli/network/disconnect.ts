// skein network disconnect
import { defineCommand } from '../command.ts';
import { toggle } from '../flags/flag.ts';

export const command = defineCommand({
  usage: 'network disconnect [OPTIONS] NETWORK CONTAINER',
  summary: 'Disconnect a container from a network',
  examples: [['network disconnect backend 3f5a', 'detach a container']],
  flags: { force: toggle('Force the container to disconnect from a network', 'f') },
  args: { min: 2, max: 2 },
  async run({ api }, { flags, args: [network = '', container = ''] }) {
    await api.post(`/networks/${encodeURIComponent(network)}/disconnect`, {
      body: { Container: container, Force: flags.force },
    });
    return 0;
  },
});
