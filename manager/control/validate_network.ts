// Is this network spec sound by itself? Pure checks; overlap with other networks is checked where the
// transaction is.
import {
  type Cidr,
  cidrHasCidr,
  cidrHasIp,
  cidrsOverlap,
  formatCidr,
  hasHostBits,
  parseCidr,
  parseIp,
} from '../../shared/model/cidr.ts';
import type { IpamConfig, IpamOptions, NetworkSpec } from '../../shared/model/network.ts';
import { invalid, notPermitted, notSupported } from './errors.ts';
import { checkDnsName, checkLabels } from './names.ts';

/** Names of the networks that every node has by itself. */
const PREDEFINED = ['host', 'none', 'bridge', 'default'];
const MTU_OPTION = 'com.docker.network.driver.mtu';
const MTU_MIN = { 4: 68, 6: 1280 } as const;
const MTU_MAX = 65_535;
/** Network, broadcast and gateway take three addresses; a service and its task need two more. */
const LONGEST_PREFIX = { 4: 29, 6: 125 } as const;

export function validateNetworkSpec(spec: NetworkSpec): void {
  checkDnsName(spec.name);
  checkLabels(spec);
  if (PREDEFINED.includes(spec.name)) {
    throw notPermitted(`operation is not permitted on predefined ${spec.name} network`);
  }
  if (spec.driver !== 'overlay') {
    throw invalid(`network driver '${spec.driver}' cannot span the swarm: use overlay`);
  }
  if (spec.ingress && spec.internal) {
    throw invalid('an ingress network cannot be internal');
  }
  if (spec.ingress && spec.attachable) {
    throw invalid('an ingress network cannot be attachable');
  }
  validateIpam(spec.ipam);
  validateMtu(spec);
}

/** Docker's option; RFC 791 and RFC 8200 say how small a link may be. */
function validateMtu({ driverOptions, ipv6 }: NetworkSpec): void {
  const text = driverOptions[MTU_OPTION];
  if (text === undefined) {
    return;
  }
  const mtu = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  const least = ipv6 ? MTU_MIN[6] : MTU_MIN[4];
  if (!(mtu >= least && mtu <= MTU_MAX)) {
    throw invalid(
      `invalid MTU '${text}' (${MTU_OPTION}): give a number from ${least}${ipv6 ? ' (IPv6)' : ''} to ${MTU_MAX}`,
    );
  }
}

function validateIpam(ipam: IpamOptions): void {
  if (ipam.driver !== 'default' && ipam.driver !== '') {
    throw notSupported(`IPAM driver '${ipam.driver}' is not supported: use default`);
  }
  const seen: Cidr[] = [];
  for (const config of ipam.configs) {
    const subnet = validateConfig(config);
    if (subnet === undefined) {
      continue;
    }
    if (seen.some((other) => cidrsOverlap(other, subnet))) {
      throw invalid(
        `ipam configuration: subnet ${config.subnet} overlaps with another one of the same network`,
      );
    }
    seen.push(subnet);
  }
}

function validateConfig(config: IpamConfig): Cidr | undefined {
  if (config.subnet === undefined) {
    if (config.range !== undefined || config.gateway !== undefined) {
      throw invalid('ipam configuration: a range or gateway needs a subnet');
    }
    return undefined;
  }
  const subnet = parseSubnet(config.subnet);
  if (config.range !== undefined) {
    const range = parseCidr(config.range);
    if (range === undefined || !cidrHasCidr(subnet, range)) {
      throw invalid(
        `ipam configuration: invalid range ${config.range}: it must be a part of ${config.subnet}`,
      );
    }
  }
  const addresses = [['gateway', config.gateway], ...Object.entries(config.auxAddresses)] as const;
  for (const [name, address] of addresses) {
    checkInside(subnet, name ?? '', address, config.subnet);
  }
  return subnet;
}

function parseSubnet(text: string): Cidr {
  const subnet = parseCidr(text);
  if (subnet === undefined) {
    throw invalid(`ipam configuration: invalid subnet ${text}: it must look like 10.1.0.0/24`);
  }
  if (hasHostBits(text)) {
    throw invalid(`invalid subnet ${text}: it should be ${formatCidr(subnet)}`);
  }
  const longest = LONGEST_PREFIX[subnet.family];
  if (subnet.length > longest) {
    throw invalid(`ipam configuration: subnet ${text} is too small for a network: use /${longest} or larger`);
  }
  return subnet;
}

function checkInside(subnet: Cidr, name: string, address: string | undefined, text: string): void {
  if (address === undefined) {
    return;
  }
  const ip = parseIp(address);
  if (ip === undefined || !cidrHasIp(subnet, ip) || (subnet.family === 4 && ip.value === subnet.base)) {
    throw invalid(`ipam configuration: invalid ${name} address ${address}: it must be inside ${text}`);
  }
}
