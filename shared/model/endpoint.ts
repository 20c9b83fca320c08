// How a service or task is reached: ports, VIP mode, network attachments.
import type { Id } from './meta.ts';

export type PortProtocol = 'tcp' | 'udp' | 'sctp';
export type PublishMode = 'ingress' | 'host';
export type EndpointMode = 'vip' | 'dnsrr';

export interface PortConfig {
  readonly name: string;
  readonly protocol: PortProtocol;
  readonly target: number;
  /** 0 in a spec asks the allocator for a free one (30000-32767). */
  readonly published: number;
  readonly mode: PublishMode;
}

export interface EndpointSpec {
  readonly mode: EndpointMode;
  readonly ports: readonly PortConfig[];
}

/** In a spec: a network that the tasks join. `target` is a network id or name as the user gave it. */
export interface NetworkAttachmentConfig {
  readonly target: string;
  readonly aliases: readonly string[];
  readonly driverOptions: Readonly<Record<string, string>>;
}

/** On a task: what the allocator made of an attachment. `host` and `none` have no addresses. */
export interface NetworkAttachment {
  readonly networkId: Id;
  /** CIDRs, IPv4 first. Empty until allocated. */
  readonly addresses: readonly string[];
  readonly aliases: readonly string[];
}
