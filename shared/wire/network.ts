// Codec of networks: the user's spec and the resolved subnets.
import type { IpamConfig, Network, NetworkSpec, Subnet } from '../model/network.ts';
import type { Mutable } from './fields.ts';
import { nonEmpty, required } from './fields.ts';
import type { IpamConfig__Output } from './generated/skein/v1/IpamConfig.ts';
import type { Network__Output } from './generated/skein/v1/Network.ts';
import type { NetworkSpec__Output } from './generated/skein/v1/NetworkSpec.ts';
import type { Subnet__Output } from './generated/skein/v1/Subnet.ts';
import { decodeAnnotations, decodeMeta, encodeAnnotations, encodeMeta } from './meta.ts';
import type { Encoded } from './schema.ts';

function encodeIpamConfig(config: IpamConfig): Encoded<IpamConfig__Output> {
  return {
    subnet: config.subnet,
    range: config.range,
    gateway: config.gateway,
    auxAddresses: config.auxAddresses,
  };
}

function decodeIpamConfig(wire: IpamConfig__Output): IpamConfig {
  const config: Mutable<IpamConfig> = { auxAddresses: wire.auxAddresses };
  if (wire.subnet !== undefined) {
    config.subnet = wire.subnet;
  }
  if (wire.range !== undefined) {
    config.range = wire.range;
  }
  if (wire.gateway !== undefined) {
    config.gateway = wire.gateway;
  }
  return config;
}

export function encodeNetworkSpec(spec: NetworkSpec): Encoded<NetworkSpec__Output> {
  const { ipam } = spec;
  return {
    annotations: encodeAnnotations(spec),
    driver: spec.driver,
    driverOptions: spec.driverOptions,
    ipv6: spec.ipv6,
    internal: spec.internal,
    attachable: spec.attachable,
    ingress: spec.ingress,
    ipam: { driver: ipam.driver, options: ipam.options, configs: ipam.configs.map(encodeIpamConfig) },
  };
}

export function decodeNetworkSpec(wire: NetworkSpec__Output): NetworkSpec {
  const ipam = required(wire.ipam, 'NetworkSpec.ipam');
  return {
    ...decodeAnnotations(wire.annotations, 'NetworkSpec'),
    driver: wire.driver,
    driverOptions: wire.driverOptions,
    ipv6: wire.ipv6,
    internal: wire.internal,
    attachable: wire.attachable,
    ingress: wire.ingress,
    ipam: { driver: ipam.driver, options: ipam.options, configs: ipam.configs.map(decodeIpamConfig) },
  };
}

export function encodeSubnet(subnet: Subnet): Encoded<Subnet__Output> {
  return { subnet: subnet.subnet, gateway: subnet.gateway, range: subnet.range };
}

export function decodeSubnet(wire: Subnet__Output): Subnet {
  const { subnet, gateway, range } = wire;
  return range === undefined ? { subnet, gateway } : { subnet, gateway, range };
}

export function encodeNetwork(network: Network): Encoded<Network__Output> {
  return {
    id: network.id,
    meta: encodeMeta(network.meta),
    spec: encodeNetworkSpec(network.spec),
    vni: network.vni,
    subnets: network.subnets.map(encodeSubnet),
    allocationError: network.allocationError,
  };
}

export function decodeNetwork(wire: Network__Output): Network {
  const network: Mutable<Network> = {
    id: nonEmpty(wire.id, 'Network.id'),
    meta: decodeMeta(wire.meta, 'Network'),
    spec: decodeNetworkSpec(required(wire.spec, 'Network.spec')),
    subnets: wire.subnets.map(decodeSubnet),
  };
  if (wire.vni !== undefined) {
    network.vni = wire.vni;
  }
  if (wire.allocationError !== undefined) {
    network.allocationError = wire.allocationError;
  }
  return network;
}
