// From the endpoint view of a network to the desired state of its namespace on this node: links, routes,
// neighbours, forwarding entries, rules, and what the balancer must do. The plan is made of pieces, one for the
// node, one a local task and one a service, so that a change of one needs no other. Pure; knows no netlink.
import { isIPv4 } from 'node:net';
import type { PortConfig } from '../../../shared/model/endpoint.ts';
import type { NetworkView, ViewEndpoint, ViewNode, ViewService } from '../../../shared/model/view.ts';
import type { OverlayIdentity } from '../api.ts';
import {
  GATEWAY_MAC,
  LOOPBACK,
  UPLINK,
  VXLAN_LINK,
  hostCidr,
  innerAddress,
  innerAddress6,
  ipOf,
  ipv4Of,
  ipv6Of,
  nodeMark,
  returnPriority,
  returnTable,
  subnetTest,
  taskLinkName,
  taskMac,
  vtepMac,
} from './addressing.ts';
import type { Backend, BalancePlan, BalancedPort, BalancedVip } from './balance_plan.ts';
import { planOwnInner, planPeerInner, portOf } from './encrypted.ts';
import { type KernelObject, type KernelState, keyOf } from './kernel_state.ts';
import { HOST_MAC, TRANSFER_LENGTH, TRANSFER_LENGTH6, type Transfer } from './transfer.ts';
import { reachablePeers } from './underlay.ts';

const MAIN_TABLE = 254;
const ANYWHERE = '0.0.0.0/0';
const ANYWHERE6 = '::/0';

/** A task of this node on the network. */
export interface LocalAttachment {
  readonly taskId: string;
  readonly address: string;
  /** Of networks with IPv6. */
  readonly address6?: string;
  /** Host-mode ports as bound; only on the network that carries the task's default route. */
  readonly hostPorts: readonly PortConfig[];
  /** About to stop while others may still lead callers here: new connections get no answer. */
  readonly isShut?: boolean;
}

export interface NetworkPlanInput {
  readonly view: NetworkView;
  /** Absent for the node-local network, which has no peers. */
  readonly identity: OverlayIdentity | undefined;
  readonly locals: readonly LocalAttachment[];
  /** Absent for internal networks. */
  readonly transfer: Transfer | undefined;
  /** Of the overlay: what fits one packet of the underlay after encapsulation. */
  readonly mtu: number;
  readonly uplinkMtu: number;
  /** How many connections of one task the kernel may be made to track. */
  readonly connectionsPerTask: number;
}

export interface NetworkPlan {
  readonly state: KernelState;
  readonly balance: BalancePlan;
}

/** What one task or service adds to the plan; the node's own piece balances nothing. */
export interface PlanPiece {
  readonly objects: readonly KernelObject[];
  readonly vips: readonly BalancedVip[];
  readonly ports: readonly BalancedPort[];
}

/** The plan from nothing. Where pieces want the same object otherwise, the node's and the tasks' come first. */
export function planNetwork(input: NetworkPlanInput): NetworkPlan {
  const around = surroundingsOf(input);
  const pieces = [
    planNode(input),
    ...input.locals.map((local) => planTask(local, input)),
    ...input.view.services.map((service) => planService(service, around)),
  ];
  const state = new Map<string, KernelObject>();
  for (const object of pieces.flatMap(({ objects }) => objects)) {
    const key = keyOf(object);
    if (!state.has(key)) {
      state.set(key, object);
    }
  }
  return { state, balance: planBalance(input, pieces) };
}

/** Links, routes and neighbours that do not depend on tasks and services. */
export function planNode(input: NetworkPlanInput): PlanPiece {
  return { objects: [...planOwn(input), ...planUplink(input), ...planPeers(input)], vips: [], ports: [] };
}

/** A task of this node: its link, and its host-mode ports. */
export function planTask(local: LocalAttachment, { mtu, transfer }: NetworkPlanInput): PlanPiece {
  return {
    objects: planLocal(local, mtu),
    vips: [],
    ports: transfer === undefined ? [] : hostPorts(local),
  };
}

/** All that the piece of a service depends on besides the service. */
export interface Surroundings {
  readonly peers: ReadonlyMap<string, ViewNode>;
  readonly isInside: (address: string) => boolean;
  /** Ports of the mesh are balanced here. */
  readonly hasPorts: boolean;
}

export function surroundingsOf(input: NetworkPlanInput): Surroundings {
  const subnets = [...subnetsOf(input.view), ...subnets6Of(input.view)];
  return {
    peers: new Map(peersOf(input).map((node) => [node.nodeId, node])),
    isInside: subnetTest(subnets.map(({ subnet }) => subnet)),
    hasPorts: input.view.ingress && input.transfer !== undefined,
  };
}

/** A service: its virtual addresses, the ways to its endpoints on other nodes, and how it is balanced. */
export function planService(service: ViewService, around: Surroundings): PlanPiece {
  const virtual = ipOf(service.virtualIps);
  return {
    objects: [
      ...virtual.map((address) => ({ type: 'address' as const, link: LOOPBACK, address: hostCidr(address) })),
      ...service.endpoints.flatMap((endpoint) => planRemote(endpoint, around)),
    ],
    vips: virtual.map((address) => ({
      serviceId: service.serviceId,
      address,
      backends: backendsOf(service.endpoints, isIPv4(address)),
    })),
    ports: around.hasPorts ? meshPorts(service) : [],
  };
}

interface GatewaySubnet {
  readonly subnet: string;
  readonly gateway: string;
}

/** IPv4 subnets of the view; the first one's gateway stands for the namespace. */
export function subnetsOf(view: NetworkView): readonly GatewaySubnet[] {
  return view.subnets
    .filter(({ subnet }) => !subnet.includes(':'))
    .map(({ subnet, gateway }) => ({ subnet, gateway: gateway.split('/')[0] ?? gateway }));
}

/** The same of IPv6. */
export function subnets6Of(view: NetworkView): readonly GatewaySubnet[] {
  return view.subnets.flatMap(({ subnet, gateway }) => {
    const [base] = ipv6Of([subnet]);
    const [router] = ipv6Of([gateway]);
    return base === undefined || router === undefined
      ? []
      : [{ subnet: `${base}/${subnet.split('/')[1] ?? ''}`, gateway: router }];
  });
}

/** The view as a kernel without IPv6 can carry it out. */
export function withoutIpv6(view: NetworkView): NetworkView {
  const isV4 = (address: string): boolean => !address.includes(':');
  return {
    ...view,
    subnets: view.subnets.filter(({ subnet }) => isV4(subnet)),
    services: view.services.map((service) => ({
      ...service,
      virtualIps: service.virtualIps.filter(isV4),
      endpoints: service.endpoints.map((endpoint) => ({
        ...endpoint,
        addresses: endpoint.addresses.filter(isV4),
      })),
    })),
  };
}

function planOwn({ view, identity, mtu }: NetworkPlanInput): KernelObject[] {
  const subnets = [...subnetsOf(view), ...subnets6Of(view)];
  return [
    ...subnets.map(({ gateway }) => ({
      type: 'address' as const,
      link: LOOPBACK,
      address: hostCidr(gateway),
    })),
    // What no endpoint holds is answered with "host unreachable" instead of leaving by the uplink.
    ...subnets.map(({ subnet }) => ({
      type: 'route' as const,
      destination: subnet,
      table: MAIN_TABLE,
      kind: 'unreachable' as const,
    })),
    ...(identity === undefined
      ? []
      : [
          {
            type: 'link' as const,
            name: VXLAN_LINK,
            kind: 'vxlan' as const,
            mac: vtepMac(identity.overlayIndex),
            mtu,
            vxlan: { vni: view.vni, local: plain(identity.vtepAddress), port: portOf(view, identity) },
          },
          ...planOwnInner(view, identity.overlayIndex),
        ]),
  ];
}

/** As the kernel's tables show it. */
function plain(address: string): string {
  return ipOf([address])[0] ?? address;
}

function planUplink(input: NetworkPlanInput): KernelObject[] {
  const { transfer, uplinkMtu } = input;
  if (transfer === undefined) {
    return [];
  }
  const six = transfer6Of(input);
  return [
    { type: 'link', name: UPLINK, kind: 'uplink', mac: GATEWAY_MAC, mtu: uplinkMtu },
    { type: 'address', link: UPLINK, address: `${transfer.inside}/${TRANSFER_LENGTH}` },
    {
      type: 'route',
      destination: ANYWHERE,
      table: MAIN_TABLE,
      kind: 'unicast',
      via: transfer.host,
      link: UPLINK,
    },
    ...(six === undefined
      ? []
      : ([
          { type: 'address', link: UPLINK, address: `${six.inside}/${TRANSFER_LENGTH6}` },
          { type: 'neighbour', link: UPLINK, address: six.host, mac: HOST_MAC },
          { ...wayOut(ANYWHERE6, MAIN_TABLE, six.host), link: UPLINK },
        ] satisfies KernelObject[])),
  ];
}

function wayOut(destination: string, table: number, via: string) {
  return { type: 'route' as const, destination, table, kind: 'unicast' as const, via };
}

/** Of networks with IPv6, on hosts that have it. */
function transfer6Of({ view, transfer }: NetworkPlanInput): Transfer['six'] {
  return subnets6Of(view).length > 0 ? transfer?.six : undefined;
}

function peersOf({ view, identity }: NetworkPlanInput): readonly ViewNode[] {
  return identity === undefined ? [] : reachablePeers(view, identity);
}

function planPeers(input: NetworkPlanInput): KernelObject[] {
  const hasV6 = subnets6Of(input.view).length > 0;
  return peersOf(input).flatMap((node): KernelObject[] => {
    const mac = vtepMac(node.overlayIndex);
    const inner = innerAddress(node.overlayIndex);
    const inner6 = innerAddress6(node.overlayIndex);
    const reach: KernelObject[] = [
      ...planPeerInner(input.view, node.overlayIndex),
      { type: 'neighbour', link: VXLAN_LINK, address: inner, mac },
      { type: 'forwarding', link: VXLAN_LINK, mac, address: plain(node.vtepAddress) },
      ...(hasV6 ? [{ type: 'neighbour' as const, link: VXLAN_LINK, address: inner6, mac }] : []),
    ];
    if (!input.view.ingress) {
      return reach;
    }
    const table = returnTable(node.overlayIndex);
    const rule = {
      type: 'rule' as const,
      priority: returnPriority(node.overlayIndex),
      fwmark: nodeMark(node.overlayIndex),
      table,
    };
    return [
      ...reach,
      { ...wayOut(ANYWHERE, table, inner), link: VXLAN_LINK },
      rule,
      ...(hasV6
        ? [
            { ...wayOut(ANYWHERE6, table, inner6), link: VXLAN_LINK },
            { ...rule, six: true as const },
          ]
        : []),
    ];
  });
}

/** The namespace's side of a task's interface. */
export function planLocal(local: LocalAttachment, mtu: number): KernelObject[] {
  const link = taskLinkName(local.taskId);
  return [
    { type: 'link', name: link, kind: 'task', mac: GATEWAY_MAC, mtu },
    ...localAddresses(local).flatMap((address): KernelObject[] => [
      { type: 'neighbour', link, address, mac: taskMac(local.address) },
      { type: 'route', destination: hostCidr(address), table: MAIN_TABLE, kind: 'unicast', link },
    ]),
  ];
}

function localAddresses({ address, address6 }: LocalAttachment): string[] {
  return address6 === undefined ? [address] : [address, address6];
}

function planRemote(endpoint: ViewEndpoint, { peers, isInside }: Surroundings): KernelObject[] {
  const node = peers.get(endpoint.nodeId);
  return node === undefined
    ? []
    : ipOf(endpoint.addresses)
        .filter(isInside)
        .map((address) => ({
          type: 'route' as const,
          destination: hostCidr(address),
          table: MAIN_TABLE,
          kind: 'unicast' as const,
          via: isIPv4(address) ? innerAddress(node.overlayIndex) : innerAddress6(node.overlayIndex),
          link: VXLAN_LINK,
        }));
}

/** What the pieces want balanced, and what holds for the whole network. */
export function planBalance(input: NetworkPlanInput, pieces: readonly PlanPiece[]): BalancePlan {
  const { view, transfer } = input;
  const subnets = subnetsOf(view);
  const gateway = subnets[0]?.gateway;
  const addresses = input.locals.map((local) => local.address).sort();
  const gateway6 = subnets6Of(view)[0]?.gateway;
  const addresses6 = input.locals.flatMap(({ address6 }) => address6 ?? []).sort();
  const six = transfer6Of(input);
  return {
    vips: pieces.flatMap(({ vips }) => vips),
    ports: pieces.flatMap(({ ports }) => ports),
    hairpin: gateway === undefined ? undefined : { gateway, addresses },
    hairpin6: gateway6 === undefined ? undefined : { gateway: gateway6, addresses: addresses6 },
    outbound:
      transfer === undefined
        ? undefined
        : { source: transfer.inside, subnets: subnets.map(({ subnet }) => subnet) },
    outbound6:
      six === undefined
        ? undefined
        : { source: six.inside, subnets: subnets6Of(view).map(({ subnet }) => subnet) },
    limited: {
      links: input.locals.map(({ taskId }) => taskLinkName(taskId)).sort(),
      connections: input.connectionsPerTask,
      shut: input.locals.filter(({ isShut }) => isShut === true).map(({ taskId }) => taskLinkName(taskId)),
    },
    peers: view.ingress
      ? peersOf(input).map((node) => ({ mac: vtepMac(node.overlayIndex), mark: nodeMark(node.overlayIndex) }))
      : [],
  };
}

function backendsOf(endpoints: readonly ViewEndpoint[], isV4 = true): Backend[] {
  return endpoints
    .filter((endpoint) => endpoint.state !== 'starting')
    .flatMap((endpoint) =>
      (isV4 ? ipv4Of : ipv6Of)(endpoint.addresses).map((address) => ({
        address,
        draining: endpoint.state === 'draining',
      })),
    )
    .sort((one, other) => (one.address < other.address ? -1 : 1));
}

/** Ports that any node of the cluster answers on; only the ingress network has them. */
function meshPorts(service: ViewService): BalancedPort[] {
  return service.ports
    .filter((port) => port.mode === 'ingress' && port.published !== 0)
    .map((port) => ({
      protocol: port.protocol,
      published: port.published,
      target: port.target,
      backends: backendsOf(service.endpoints),
      backends6: backendsOf(service.endpoints, false),
    }));
}

function hostPorts(local: LocalAttachment): BalancedPort[] {
  return local.hostPorts.map((port) => ({
    protocol: port.protocol,
    published: port.published,
    target: port.target,
    backends: [{ address: local.address, draining: false }],
    backends6: local.address6 === undefined ? [] : [{ address: local.address6, draining: false }],
  }));
}
