// Balancing by IPVS: marks in the namespace's nft table, services and weights by generic netlink.
import { type NamespaceRef, inNamespace } from '../kernel/namespace.ts';
import { NETLINK_GENERIC, NetlinkSocket } from '../kernel/netlink-socket.ts';
import {
  IpvsRequests,
  describeService,
  parseDestination,
  parseService,
  resolveFamily,
} from '../kernel/genetlink-ipvs.ts';
import type { Request } from '../kernel/netlink-message.ts';
import { writeSysctls } from '../kernel/sysctl.ts';
import type { BalancePlan } from './balance-plan.ts';
import type { Balancer } from './balancer.ts';
import { balancerUnavailable } from './errors.ts';
import { type IpvsEntry, type IpvsTable, diffIpvs, ipvsRules, planIpvs } from './ipvs-plan.ts';
import type { BalanceRules } from './nft-network.ts';

const FAMILY_NAME = 'IPVS';

/** `conntrack` 1 lets marks and address translation see balanced connections. */
const IPVS_SYSCTLS = { 'net/ipv4/vs/conntrack': '1' } as const;

export function hasIpvs(namespace: NamespaceRef): boolean {
  const socket = new NetlinkSocket(namespace, NETLINK_GENERIC);
  try {
    return resolveFamily(socket, FAMILY_NAME) !== undefined;
  } finally {
    socket.close();
  }
}

export class IpvsBalancer implements Balancer {
  readonly program = 'ipvs' as const;

  rules(plan: BalancePlan): BalanceRules {
    return ipvsRules(plan);
  }

  /** Reads the namespace's services and applies the difference. */
  reconcile(namespacePath: string, plan: BalancePlan): void {
    this.compare(namespacePath, plan, (socket, changes) => {
      writeSysctls(namespacePath, IPVS_SYSCTLS);
      socket.execute(changes);
    });
  }

  differences(namespacePath: string, plan: BalancePlan): string[] {
    return this.compare(namespacePath, plan, (_, changes) => changes.map(({ label }) => label));
  }

  private compare<T>(
    namespacePath: string,
    plan: BalancePlan,
    act: (socket: NetlinkSocket, changes: readonly Request[]) => T,
  ): T {
    return inNamespace(namespacePath, () => {
      const socket = new NetlinkSocket(namespacePath, NETLINK_GENERIC);
      try {
        const family = resolveFamily(socket, FAMILY_NAME);
        if (family === undefined) {
          throw balancerUnavailable(FAMILY_NAME);
        }
        const requests = new IpvsRequests(family);
        return act(socket, diffIpvs(readTable(socket, requests), planIpvs(plan), requests));
      } finally {
        socket.close();
      }
    });
  }
}

function readTable(socket: NetlinkSocket, requests: IpvsRequests): IpvsTable {
  const services = socket.query(requests.listServices()).flatMap((message) => parseService(message) ?? []);
  return new Map<string, IpvsEntry>(
    services.map((service) => [
      describeService(service),
      {
        service,
        destinations: socket
          .query(requests.listDestinations(service))
          .flatMap((message) => parseDestination(message) ?? []),
      },
    ]),
  );
}
