// The endpoint view: everything a node must know of one network it takes part in to program its
// kernel and answer DNS. Made by the dispatcher from the store, reconciled by worker/network.
import type { EndpointMode, PortConfig } from './endpoint.ts';
import type { Id } from './meta.ts';
import type { Subnet } from './network.ts';
import type { NetworkKey } from './network_keys.ts';

/** A node that takes part in the network (runs, or is about to run, one of its tasks). */
export interface ViewNode {
  readonly nodeId: Id;
  readonly overlayIndex: number;
  /** Underlay address of the VTEP. */
  readonly vtepAddress: string;
  /** See NodeEncryption; on encrypted networks, of nodes that can encrypt. */
  readonly incarnation?: string;
}

/** What a node of an encrypted network receives and sends with. */
export interface ViewEncryption {
  readonly keys: readonly NetworkKey[];
  readonly sending: number;
}

/**
 * `starting`: routed but not balanced (it needs the network before it is RUNNING);
 * `serving`: takes traffic; `draining`: keeps its connections, gets no new ones.
 */
export type EndpointState = 'starting' | 'serving' | 'draining';

export interface ViewEndpoint {
  readonly taskId: Id;
  readonly taskName: string;
  readonly slot: number;
  readonly nodeId: Id;
  /** Without prefix length, IPv4 first. */
  readonly addresses: readonly string[];
  readonly state: EndpointState;
  /** Names of this task alone (container hostname is not one of them). */
  readonly aliases: readonly string[];
}

/** Also a container that is no task, alone: without name and virtual addresses, all its names are its endpoint's. */
export interface ViewService {
  readonly serviceId: Id;
  readonly name: string;
  readonly mode: EndpointMode;
  /** Without prefix length; empty in dnsrr mode. */
  readonly virtualIps: readonly string[];
  /** Names besides the service's own on this network. */
  readonly aliases: readonly string[];
  /** Ingress-mode ports; filled on the ingress network only. */
  readonly ports: readonly PortConfig[];
  readonly endpoints: readonly ViewEndpoint[];
}

export interface NetworkView {
  readonly networkId: Id;
  /** Grows with every change of this network's view; acknowledged by the nodes. */
  readonly version: number;
  readonly name: string;
  readonly vni: number;
  readonly subnets: readonly Subnet[];
  readonly internal: boolean;
  readonly ingress: boolean;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly nodes: readonly ViewNode[];
  readonly services: readonly ViewService[];
  /** Present exactly on encrypted networks. */
  readonly encryption?: ViewEncryption;
}
