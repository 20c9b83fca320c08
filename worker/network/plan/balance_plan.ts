// What the balancer of one network namespace must do, whatever program carries it out. Pure data.
import type { PortProtocol } from '../../../shared/model/endpoint.ts';

export interface Backend {
  readonly address: string;
  /** Draining backends keep their connections and get no new ones. */
  readonly draining: boolean;
}

export interface BalancedVip {
  readonly serviceId: string;
  readonly address: string;
  readonly backends: readonly Backend[];
}

/** A published port that arrives at the namespace's transfer address. */
export interface BalancedPort {
  readonly protocol: PortProtocol;
  readonly published: number;
  readonly target: number;
  readonly backends: readonly Backend[];
  /** The same endpoints by IPv6: for callers of that family. */
  readonly backends6: readonly Backend[];
}

export interface BalancePlan {
  readonly vips: readonly BalancedVip[];
  /** Mesh ports (ingress network) and host-mode ports of local tasks. */
  readonly ports: readonly BalancedPort[];
  /** Source address for a task that reaches itself, and those tasks' addresses. */
  readonly hairpin: { readonly gateway: string; readonly addresses: readonly string[] } | undefined;
  /** The same for IPv6; absent on networks without. VIPs of both families stand in `vips`. */
  readonly hairpin6: { readonly gateway: string; readonly addresses: readonly string[] } | undefined;
  /** Way out: traffic from the subnets leaves the uplink with this source address. */
  readonly outbound: { readonly source: string; readonly subnets: readonly string[] } | undefined;
  /** The same for IPv6. */
  readonly outbound6: { readonly source: string; readonly subnets: readonly string[] } | undefined;
  /** Links of this node's tasks, none of which may have more connections at a time than so many. */
  readonly limited: {
    readonly links: readonly string[];
    readonly connections: number;
    /** Those of them that get no new connection at all. */
    readonly shut: readonly string[];
  };
  /** Ingress only: connections are marked by the VTEP they came from, replies carry the mark. */
  readonly peers: readonly { readonly mac: string; readonly mark: number }[];
}
