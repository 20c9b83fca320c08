// Networks between the Engine API's JSON and the model.
import { notImplemented } from '../errors.ts';
import type { Network, NetworkSpec } from '../../../shared/model/network.ts';
import type { Service } from '../../../shared/model/service.ts';
import { isTerminal, type Task } from '../../../shared/model/task.ts';
import { compact, type Fields, mapOrNothing, textOrNothing, timestamp } from './fields.ts';

/** Networks every node has of its own; services may name them. */
export const PREDEFINED_NETWORKS = ['host', 'none'] as const;

export function isPredefined(name: string): boolean {
  return PREDEFINED_NETWORKS.some((predefined) => predefined === name);
}

export function readNetworkSpec(json: Fields): NetworkSpec {
  if (json.boolean('ConfigOnly') || json.section('ConfigFrom').string('Network') !== '') {
    throw notImplemented('config-only networks (--config-only, --config-from)');
  }
  if (json.optionalBoolean('EnableIPv4') === false) {
    throw notImplemented('networks without IPv4 (--ipv4=false); --ipv6 adds IPv6 beside it');
  }
  const ipam = json.section('IPAM');
  return {
    name: json.string('Name'),
    labels: json.stringMap('Labels'),
    driver: textOrNothing(json.optionalString('Driver')) ?? 'overlay',
    driverOptions: json.stringMap('Options'),
    ipv6: json.boolean('EnableIPv6'),
    internal: json.boolean('Internal'),
    attachable: json.boolean('Attachable'),
    ingress: json.boolean('Ingress'),
    ipam: {
      driver: textOrNothing(ipam.optionalString('Driver')) ?? 'default',
      options: ipam.stringMap('Options'),
      configs: ipam.objects('Config').map((item) => {
        const subnet = textOrNothing(item.optionalString('Subnet'));
        const range = textOrNothing(item.optionalString('IPRange'));
        const gateway = textOrNothing(item.optionalString('Gateway'));
        return {
          auxAddresses: item.stringMap('AuxiliaryAddresses'),
          ...(subnet !== undefined && { subnet }),
          ...(range !== undefined && { range }),
          ...(gateway !== undefined && { gateway }),
        };
      }),
    },
  };
}

/** The form of `GET /networks`. */
export function writeNetwork(network: Network): Record<string, unknown> {
  const { spec } = network;
  return compact({
    Name: spec.name,
    Id: network.id,
    Created: timestamp(network.meta.createdAt),
    Scope: 'swarm',
    Driver: spec.driver,
    EnableIPv4: true,
    EnableIPv6: spec.ipv6,
    IPAM: {
      Driver: spec.ipam.driver,
      Options: mapOrNothing(spec.ipam.options) ?? null,
      Config: network.subnets.map((item) =>
        compact({ Subnet: item.subnet, IPRange: item.range, Gateway: item.gateway }),
      ),
    },
    Internal: spec.internal,
    Attachable: spec.attachable,
    Ingress: spec.ingress,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: null,
    Options: {
      ...spec.driverOptions,
      ...(network.vni !== undefined && {
        'com.docker.network.driver.overlay.vxlanid_list': String(network.vni),
      }),
    },
    Labels: spec.labels,
    ...(network.allocationError !== undefined && { Status: { AllocationError: network.allocationError } }),
  });
}

/** `verbose` adds who is reachable on the network, by service. */
export function writeNetworkServices(
  networkId: string,
  services: readonly Service[],
  tasks: readonly Task[],
): Record<string, unknown> {
  const entries = services.flatMap((service) => {
    const vip = service.endpoint?.virtualIps.find((item) => item.networkId === networkId);
    const members = tasks.filter(
      (task) =>
        task.serviceId === service.id &&
        !isTerminal(task.status.state) &&
        task.networks.some((attachment) => attachment.networkId === networkId),
    );
    if (vip === undefined && members.length === 0) {
      return [];
    }
    const ports = (service.endpoint?.ports ?? []).map(
      (port) => `Target: ${port.target}, Publish: ${port.published}`,
    );
    const value = {
      VIP: withoutPrefix(vip?.address ?? ''),
      Ports: ports,
      LocalLBIndex: 0,
      Tasks: members.map((task) => ({
        Name: task.name,
        EndpointID: task.id,
        EndpointIP: withoutPrefix(
          task.networks.find((item) => item.networkId === networkId)?.addresses[0] ?? '',
        ),
        Info: { 'Host IP': task.nodeId },
      })),
    };
    return [[service.spec.name, value] as const];
  });
  return Object.fromEntries(entries);
}

function withoutPrefix(cidr: string): string {
  return cidr.replace(/\/.*$/, '');
}

/** The node-local networks as `GET /networks` shows them; asked for with scope=swarm they say swarm. */
export function writePredefined(
  name: string,
  scope: 'local' | 'swarm',
  created: number,
): Record<string, unknown> {
  return {
    Name: name,
    Id: name,
    Created: timestamp(created),
    Scope: scope,
    Driver: name === 'none' ? 'null' : name,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: {},
    Labels: {},
  };
}

/** A task's attachment carries its whole network in the API. */
export function writeAttachedNetwork(network: Network): Record<string, unknown> {
  const { spec } = network;
  return {
    ID: network.id,
    Version: { Index: network.meta.version },
    CreatedAt: timestamp(network.meta.createdAt),
    UpdatedAt: timestamp(network.meta.updatedAt),
    Spec: compact({
      Name: spec.name,
      Labels: spec.labels,
      DriverConfiguration: { Name: spec.driver },
      Ingress: spec.ingress || undefined,
      Attachable: spec.attachable || undefined,
      Internal: spec.internal || undefined,
      IPv6Enabled: spec.ipv6 || undefined,
      Scope: 'swarm',
    }),
    DriverState: compact({
      Name: spec.driver,
      Options:
        network.vni === undefined
          ? undefined
          : { 'com.docker.network.driver.overlay.vxlanid_list': String(network.vni) },
    }),
    IPAMOptions: {
      Driver: { Name: spec.ipam.driver },
      Configs: network.subnets.map((item) => ({ Subnet: item.subnet, Gateway: item.gateway })),
    },
  };
}
