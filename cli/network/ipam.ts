// Subnets with the ranges, gateways and auxiliary addresses that lie in them, as the API wants them grouped.
import { BlockList, isIP } from 'node:net';
import { UsageError } from '../errors.ts';
import type { Json } from '../service/scalars.ts';

/** @throws UsageError for subnets that overlap and for addresses that lie in none */
export function ipamConfigs(
  subnets: readonly string[],
  ranges: readonly string[],
  gateways: readonly string[],
  auxiliary: readonly string[],
): Json[] {
  if (subnets.length < ranges.length || subnets.length < gateways.length) {
    throw new UsageError('every ip-range or gateway must have a corresponding subnet');
  }
  const configs = subnets.map((subnet) => ({ subnet, config: { Subnet: subnet } as Json }));
  for (const [index, { subnet }] of configs.entries()) {
    const before = subnets.slice(0, index);
    if (before.some((other) => contains(other, base(subnet)) || contains(subnet, base(other)))) {
      throw new UsageError('multiple overlapping subnet configuration is not supported');
    }
  }
  const owner = (address: string, what: string): Json => {
    const found = configs.find(({ subnet }) => contains(subnet, address));
    if (found === undefined) {
      throw new UsageError(`no matching subnet for ${what} ${address}`);
    }
    return found.config;
  };
  for (const range of ranges) {
    owner(base(range), 'range')['IPRange'] = range;
  }
  for (const gateway of gateways) {
    owner(gateway, 'gateway')['Gateway'] = gateway;
  }
  for (const pair of auxiliary) {
    const [name = '', address = ''] = pair.split('=');
    const config = owner(address, 'aux-address');
    const present = config['AuxiliaryAddresses'];
    config['AuxiliaryAddresses'] = { ...(typeof present === 'object' ? present : {}), [name]: address };
  }
  return configs.map(({ config }) => config);
}

function base(cidr: string): string {
  return cidr.split('/')[0] ?? '';
}

function contains(subnet: string, address: string): boolean {
  const [network = '', bits = ''] = subnet.split('/');
  const family = isIP(network);
  const prefix = Number(bits);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || prefix > (family === 4 ? 32 : 128)) {
    throw new UsageError(`invalid subnet ${subnet}: write it as 10.20.0.0/24`);
  }
  if (isIP(address) === 0) {
    throw new UsageError(`invalid address ${address}`);
  }
  const list = new BlockList();
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, prefix, kind);
  return isIP(address) === family && list.check(address, kind);
}
