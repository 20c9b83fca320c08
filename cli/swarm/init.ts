// skein swarm init: this host becomes the first manager of a new swarm.
import { commaList, text, toggle, unsigned } from '../flags/flag.ts';
import { defineCommand } from '../command.ts';
import type { Info, Swarm } from '../client/types.ts';
import { changeSpec, SPEC_FLAGS } from './flags.ts';
import { joinInstructions, unlockInstructions } from './join_instructions.ts';

/** Each overlay network gets a /24 of the pool. */
const DEFAULT_SUBNET_BITS = 24;
const DEFAULT_LISTEN_ADDRESS = '0.0.0.0:2377';

export const command = defineCommand({
  usage: 'swarm init [OPTIONS]',
  summary: 'Initialize a swarm',
  examples: [
    ['swarm init --advertise-addr 192.168.99.121', 'make a swarm that other hosts reach at this address'],
    ['swarm init --force-new-cluster', 'recover when the other managers are lost for good'],
  ],
  flags: {
    ...SPEC_FLAGS,
    'advertise-addr': text('Advertised address (format: "<ip|interface>[:port]")'),
    availability: text('Availability of the node ("active", "pause", "drain") (default "active")'),
    'data-path-addr': text('Address or interface to use for data path traffic (format: "<ip|interface>")'),
    'data-path-port': unsigned('Port number to use for data path traffic (default 4789)'),
    'default-addr-pool': commaList('Default address pool in CIDR format', undefined, 'ipNetSlice'),
    'default-addr-pool-mask-length': unsigned('Default address pool subnet mask length (default 24)'),
    'force-new-cluster': toggle('Force create a new cluster from current state'),
    'listen-addr': text(
      `Listen address (format: "<ip|interface>[:port]") (default ${DEFAULT_LISTEN_ADDRESS})`,
    ),
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags, changed }) {
    const nodeId = await api.post<string>('/swarm/init', {
      body: {
        ListenAddr: flags['listen-addr'] ?? DEFAULT_LISTEN_ADDRESS,
        AdvertiseAddr: flags['advertise-addr'] ?? '',
        DataPathAddr: flags['data-path-addr'] ?? '',
        DataPathPort: flags['data-path-port'] ?? 0,
        DefaultAddrPool: flags['default-addr-pool'],
        SubnetSize: flags['default-addr-pool-mask-length'] ?? DEFAULT_SUBNET_BITS,
        ForceNewCluster: flags['force-new-cluster'],
        Availability: flags.availability?.toLowerCase() ?? '',
        AutoLockManagers: flags.autolock,
        Spec: changeSpec({}, flags, changed),
      },
    });
    stdout.write(`Swarm initialized: current node (${nodeId}) is now a manager.\n\n`);
    const [swarm, info] = await Promise.all([api.get<Swarm>('/swarm'), api.get<Info>('/info')]);
    stdout.write(joinInstructions('worker', swarm, info));
    stdout.write(
      `To add a manager to this swarm, run 'skein swarm join-token manager' and follow the instructions.\n`,
    );
    if (flags.autolock) {
      const { UnlockKey: key = '' } = await api.get<{ readonly UnlockKey?: string }>('/swarm/unlockkey');
      stdout.write(unlockInstructions(key));
    }
    return 0;
  },
});
