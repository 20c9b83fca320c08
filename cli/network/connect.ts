// skein network connect
import { defineCommand } from '../command.ts';
import { commaList, list, text } from '../flags/flag.ts';
import { toMap } from '../opts/pairs.ts';

export const command = defineCommand({
  usage: 'network connect [OPTIONS] NETWORK CONTAINER',
  summary: 'Connect a container to a network',
  examples: [['network connect backend 3f5a', 'attach a container']],
  flags: {
    alias: commaList('Add network-scoped alias for the container'),
    'driver-opt': list('driver options for the network', undefined, 'strings'),
    ip: text('IPv4 address (e.g., "172.30.100.104")'),
    ip6: text('IPv6 address (e.g., "2001:db8::33")'),
  },
  args: { min: 2, max: 2 },
  async run({ api }, { flags, args: [network = '', container = ''] }) {
    await api.post(`/networks/${encodeURIComponent(network)}/connect`, {
      body: {
        Container: container,
        EndpointConfig: {
          Aliases: flags.alias,
          DriverOpts: toMap(flags['driver-opt']),
          IPAMConfig: { IPv4Address: flags.ip ?? '', IPv6Address: flags.ip6 ?? '' },
        },
      },
    });
    return 0;
  },
});
