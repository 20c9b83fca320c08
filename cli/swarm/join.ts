// skein swarm join: this host becomes a node of a swarm; the token says in which role.
import type { Info } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { text } from '../flags/flag.ts';

const DEFAULT_LISTEN_ADDRESS = '0.0.0.0:2377';

export const command = defineCommand({
  usage: 'swarm join [OPTIONS] HOST:PORT',
  summary: 'Join a swarm as a node and/or manager',
  examples: [
    [
      'swarm join --token SWMTKN-1-… 192.168.99.121:2377',
      'join with the token that join-token shows on a manager',
    ],
  ],
  flags: {
    'advertise-addr': text('Advertised address (format: "<ip|interface>[:port]")'),
    availability: text('Availability of the node ("active", "pause", "drain") (default "active")'),
    'data-path-addr': text('Address or interface to use for data path traffic (format: "<ip|interface>")'),
    'listen-addr': text(
      `Listen address (format: "<ip|interface>[:port]") (default ${DEFAULT_LISTEN_ADDRESS})`,
    ),
    token: text('Token for entry into the swarm'),
  },
  args: { min: 1, max: 1 },
  async run({ api, stdout }, { flags, args }) {
    await api.post('/swarm/join', {
      body: {
        JoinToken: flags.token ?? '',
        ListenAddr: flags['listen-addr'] ?? DEFAULT_LISTEN_ADDRESS,
        AdvertiseAddr: flags['advertise-addr'] ?? '',
        DataPathAddr: flags['data-path-addr'] ?? '',
        RemoteAddrs: args,
        Availability: flags.availability?.toLowerCase() ?? '',
      },
    });
    const info = await api.get<Info>('/info');
    const role = info.Swarm?.ControlAvailable === true ? 'manager' : 'worker';
    stdout.write(`This node joined a swarm as a ${role}.\n`);
    return 0;
  },
});
