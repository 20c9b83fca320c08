// skein network create: an overlay network of the whole swarm.
import { defineCommand } from '../command.ts';
import { CliError, UsageError } from '../errors.ts';
import { commaList, list, text, toggle } from '../flags/flag.ts';
import { toMap } from '../opts/pairs.ts';
import { ipamConfigs } from './ipam.ts';

export const command = defineCommand({
  usage: 'network create [OPTIONS] NETWORK',
  summary: 'Create a network',
  examples: [
    ['network create --driver overlay backend', 'a network that spans all nodes'],
    [
      'network create -d overlay --subnet 10.20.0.0/24 --gateway 10.20.0.1 backend',
      'with addresses of your choice',
    ],
  ],
  flags: {
    attachable: toggle('Enable manual container attachment'),
    'aux-address': list('Auxiliary IPv4 or IPv6 addresses used by Network driver', undefined, 'map'),
    'config-from': text('The network from which to copy the configuration'),
    'config-only': toggle('Create a configuration only network'),
    driver: text('Driver to manage the Network (default "overlay", the only one of the swarm)', 'd'),
    gateway: commaList('IPv4 or IPv6 Gateway for the master subnet', undefined, 'ipSlice'),
    ingress: toggle('Create swarm routing-mesh network'),
    internal: toggle('Restrict external access to the network'),
    'ip-range': commaList('Allocate container ip from a sub-range', undefined, 'ipNetSlice'),
    'ipam-driver': text('IP Address Management Driver (default "default")'),
    'ipam-opt': list('Set IPAM driver specific options', undefined, 'map'),
    ipv4: toggle('Enable or disable IPv4 address assignment', undefined, true),
    ipv6: toggle('Enable or disable IPv6 address assignment'),
    label: list('Set metadata on a network'),
    opt: list('Set driver specific options', 'o', 'map'),
    scope: text("Control the network's scope"),
    subnet: commaList('Subnet in CIDR format that represents a network segment'),
  },
  args: { min: 1, max: 1 },
  async run({ api, stdout, stderr }, { flags, args: [name = ''], changed }) {
    if (name === '') {
      throw new UsageError('the network needs a name');
    }
    const created = await api.post<{ readonly Id: string; readonly Warning?: string }>('/networks/create', {
      body: {
        Name: name,
        Driver: flags.driver ?? 'overlay',
        Scope: flags.scope ?? '',
        Options: toMap(flags.opt),
        Labels: toMap(flags.label),
        Internal: flags.internal,
        Attachable: flags.attachable,
        Ingress: flags.ingress,
        EnableIPv6: flags.ipv6,
        ...(changed('ipv4') && { EnableIPv4: flags.ipv4 }),
        ConfigOnly: flags['config-only'],
        ...(flags['config-from'] !== undefined && { ConfigFrom: { Network: flags['config-from'] } }),
        IPAM: {
          Driver: flags['ipam-driver'] ?? 'default',
          Options: toMap(flags['ipam-opt']),
          Config: ipamConfigs(flags.subnet, flags['ip-range'], flags.gateway, flags['aux-address']),
        },
      },
    });
    if (created === undefined) {
      throw new CliError('the daemon did not name the network it made');
    }
    if (created.Warning) {
      stderr.write(`WARNING: ${created.Warning}\n`);
    }
    stdout.write(`${created.Id}\n`);
    return 0;
  },
});
