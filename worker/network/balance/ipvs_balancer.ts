// Balancing by IPVS: marks in the namespace's nft table, services and weights by generic netlink.
import { existsSync } from 'node:fs';
import {
  IpvsRequests,
  type IpvsTimeouts,
  describeService,
  parseDestination,
  parseService,
  parseTimeouts,
  resolveFamily,
} from '../../kernel/genetlink_ipvs.ts';
import { type NamespaceRef, inNamespace } from '../../kernel/namespace.ts';
import type { Request } from '../../kernel/netlink_message.ts';
import { NETLINK_GENERIC, NetlinkSocket } from '../../kernel/netlink_socket.ts';
import { differingSysctls, writeSysctls } from '../../kernel/sysctl.ts';
import { balancerUnavailable } from '../errors.ts';
import type { BalancePlan } from '../plan/balance_plan.ts';
import type { BalanceRules } from '../table/nft_network.ts';
import type { Balancer } from './balancer.ts';
import { type IpvsEntry, type IpvsTable, diffIpvs, ipvsRules, planIpvs, sameTable } from './ipvs_plan.ts';

const FAMILY_NAME = 'IPVS';

/**
 * `conntrack` lets marks and address translation see balanced connections. `expire_nodest_conn` ends connections
 * whose endpoint is gone: without it their packets are dropped in silence until a time-out.
 */
const IPVS_SYSCTLS = { 'net/ipv4/vs/conntrack': '1', 'net/ipv4/vs/expire_nodest_conn': '1' } as const;

/** As long as connection tracking itself remembers: IPVS's own 900 s would cut idle connections. */
const IPVS_TIMEOUTS: IpvsTimeouts = { tcp: 432_000, tcpFin: 120, udp: 300 };

/** There once the module is loaded. */
const TABLE_FILE = '/proc/thread-self/net/ip_vs';

export function hasIpvs(namespace: NamespaceRef): boolean {
  const socket = new NetlinkSocket(namespace, NETLINK_GENERIC);
  try {
    return resolveFamily(socket, FAMILY_NAME) !== undefined;
  } finally {
    socket.close();
  }
}

/** Removes all services of a namespace; does nothing where IPVS is not loaded, and loads nothing. */
export function clearIpvs(namespacePath: string): void {
  inNamespace(namespacePath, () => {
    if (existsSync(TABLE_FILE)) {
      withIpvs(namespacePath, (socket, requests) => {
        const table = readTable(socket, requests);
        if (table.size > 0) {
          writeSysctls(namespacePath, IPVS_SYSCTLS);
          socket.execute(diffIpvs(table, new Map(), requests));
        }
      });
    }
  });
}

export class IpvsBalancer implements Balancer {
  readonly program = 'ipvs' as const;
  /** What each namespace's kernel holds as far as we know; a change is compared with this, not with the kernel. */
  private readonly known = new Map<string, IpvsTable>();

  rules(plan: BalancePlan): BalanceRules {
    return ipvsRules(plan);
  }

  reconcile(namespacePath: string, plan: BalancePlan): void {
    const desired = planIpvs(plan);
    const known = this.known.get(namespacePath);
    this.known.delete(namespacePath);
    if (known === undefined || !sameTable(known, desired)) {
      withIpvs(namespacePath, (socket, requests) => {
        if (known === undefined) {
          writeSysctls(namespacePath, IPVS_SYSCTLS);
          socket.execute(timeoutChanges(socket, requests));
        }
        socket.execute(diffIpvs(known ?? readTable(socket, requests), desired, requests));
      });
    }
    this.known.set(namespacePath, desired);
  }

  differences(namespacePath: string, plan: BalancePlan): string[] {
    return withIpvs(namespacePath, (socket, requests) => {
      const changes = [
        ...timeoutChanges(socket, requests),
        ...diffIpvs(readTable(socket, requests), planIpvs(plan), requests),
      ];
      const sysctls = Object.keys(differingSysctls(namespacePath, IPVS_SYSCTLS));
      if (changes.length + sysctls.length > 0) {
        this.known.delete(namespacePath);
      }
      return [...changes.map(({ label }) => label), ...sysctls.map((key) => `set sysctl ${key}`)];
    });
  }

  forget(namespacePath: string): void {
    this.known.delete(namespacePath);
  }
}

/** @throws SkeinError `balancer-unavailable` when the kernel has no IPVS */
function withIpvs<T>(namespacePath: string, act: (socket: NetlinkSocket, requests: IpvsRequests) => T): T {
  return inNamespace(namespacePath, () => {
    const socket = new NetlinkSocket(namespacePath, NETLINK_GENERIC);
    try {
      const family = resolveFamily(socket, FAMILY_NAME);
      if (family === undefined) {
        throw balancerUnavailable(FAMILY_NAME);
      }
      return act(socket, new IpvsRequests(family));
    } finally {
      socket.close();
    }
  });
}

function timeoutChanges(socket: NetlinkSocket, requests: IpvsRequests): Request[] {
  const [answer] = socket.query(requests.getTimeouts());
  const { tcp, tcpFin, udp } = answer === undefined ? { tcp: 0, tcpFin: 0, udp: 0 } : parseTimeouts(answer);
  const isSame = tcp === IPVS_TIMEOUTS.tcp && tcpFin === IPVS_TIMEOUTS.tcpFin && udp === IPVS_TIMEOUTS.udp;
  return isSame ? [] : [requests.setTimeouts(IPVS_TIMEOUTS)];
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
