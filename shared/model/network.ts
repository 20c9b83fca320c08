// A network of the cluster: the user's spec and what the allocator resolved.
import type { Annotations, Id, Meta } from './meta.ts';

export interface IpamConfig {
  /** CIDR. */
  readonly subnet?: string;
  readonly range?: string;
  readonly gateway?: string;
  readonly auxAddresses: Readonly<Record<string, string>>;
}

export interface IpamOptions {
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly configs: readonly IpamConfig[];
}

export interface NetworkSpec extends Annotations {
  /** `overlay`, or for the predefined node-local ones `host`. */
  readonly driver: string;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly ipv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly ipam: IpamOptions;
}

/** Docker's driver option of overlay networks whose packets are encrypted between nodes. */
const ENCRYPTED_OPTION = 'encrypted';
const FALSE_VALUES: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'False', 'FALSE']);

/** True with `--opt encrypted`, whatever its value, but for those that Go's parser takes for "false" (as Docker). */
export function isEncrypted(driverOptions: Readonly<Record<string, string>>): boolean {
  const value = driverOptions[ENCRYPTED_OPTION];
  return value !== undefined && !FALSE_VALUES.has(value);
}

/** One subnet of a network, resolved: the gateway is the address tasks see as their router. */
export interface Subnet {
  readonly subnet: string;
  readonly gateway: string;
  readonly range?: string;
}

export interface Network {
  readonly id: Id;
  readonly meta: Meta;
  readonly spec: NetworkSpec;
  /** VXLAN network identifier, 4096 and up; absent until allocated. */
  readonly vni?: number;
  /** Empty until allocated. */
  readonly subnets: readonly Subnet[];
  /** Why allocation waits, e.g. no free subnet in the pool. */
  readonly allocationError?: string;
}
