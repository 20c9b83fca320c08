// The balance plan in IPVS's words: services with weighted destinations, the marks that lead packets to
// them, and the difference between two such tables. Pure.
import { isIPv4 } from 'node:net';
import type { IpvsDestination, IpvsRequests, IpvsService } from '../../kernel/genetlink_ipvs.ts';
import { describeService } from '../../kernel/genetlink_ipvs.ts';
import type { Request } from '../../kernel/netlink_message.ts';
import { ipv4Number } from '../plan/addressing.ts';
import type { BalancePlan } from '../plan/balance_plan.ts';
import { type BalanceRules, nftBalanceRules } from '../table/nft_network.ts';
import type { NftChain, NftSet } from '../table/nft_table.ts';

const SCHEDULER = 'rr';
const PROTOCOL_NUMBER = { tcp: 6, udp: 17, sctp: 132 } as const;
/** Service marks carry this bit; node marks (nodeMark) stay below it. */
const SERVICE_MARK_BIT = 0x4000_0000;

export interface IpvsEntry {
  readonly service: IpvsService;
  readonly destinations: readonly IpvsDestination[];
}

/** By `describeService`. */
export type IpvsTable = ReadonlyMap<string, IpvsEntry>;

/** Of a VIP: from its address, so that it stays the same whatever else changes. */
export function vipMark(address: string): number {
  return (SERVICE_MARK_BIT | (ipv4Number(address) & 0x3fff_ffff)) >>> 0;
}

/** @param inside transfer address of the namespace, where published ports arrive */
export function planIpvs(plan: BalancePlan): Map<string, IpvsEntry> {
  const inside = plan.outbound?.source;
  const entries: IpvsEntry[] = ipv4Vips(plan).map(({ address, backends }) => ({
    service: { kind: 'mark', mark: vipMark(address), scheduler: SCHEDULER },
    destinations: backends.map((backend) => ({
      address: backend.address,
      port: 0,
      weight: backend.draining ? 0 : 1,
    })),
  }));
  for (const { protocol, published, target, backends } of inside === undefined ? [] : plan.ports) {
    entries.push({
      service: {
        kind: 'port',
        protocol: PROTOCOL_NUMBER[protocol],
        address: inside ?? '',
        port: published,
        scheduler: SCHEDULER,
      },
      destinations: backends.map((backend) => ({
        address: backend.address,
        port: target,
        weight: backend.draining ? 0 : 1,
      })),
    });
  }
  return new Map(
    entries
      // Without a destination that serves, the kernel itself refuses the connection at once.
      .filter(({ destinations }) => destinations.length > 0)
      .map((entry) => [describeService(entry.service), entry]),
  );
}

/** VIPs and ports of IPv6 are balanced by nft on every kernel: the marks above have room for IPv4 only. */
function ipv4Vips({ vips }: BalancePlan): BalancePlan['vips'] {
  return vips.filter(({ address }) => isIPv4(address));
}

/** Requests that turn `actual` into `desired`; a destination in use is changed, never taken out and put back. */
export function diffIpvs(actual: IpvsTable, desired: IpvsTable, requests: IpvsRequests): Request[] {
  const changes: Request[] = [];
  for (const [key, { service }] of actual) {
    if (!desired.has(key)) {
      changes.push(requests.removeService(service));
    }
  }
  for (const [key, { service, destinations }] of desired) {
    const present = actual.get(key);
    if (present === undefined) {
      changes.push(requests.addService(service));
    } else if (present.service.scheduler !== service.scheduler || present.service.odd === true) {
      changes.push(requests.setService(service));
    }
    const before = new Map((present?.destinations ?? []).map((item) => [destinationKey(item), item]));
    for (const destination of destinations) {
      const old = before.get(destinationKey(destination));
      before.delete(destinationKey(destination));
      if (old === undefined) {
        changes.push(requests.addDestination(service, destination));
      } else if (old.weight !== destination.weight || old.odd === true) {
        changes.push(requests.setDestination(service, destination));
      }
    }
    for (const destination of before.values()) {
      changes.push(requests.removeDestination(service, destination));
    }
  }
  return changes;
}

/** Plans keep the order of their parts, so equal tables are equal text; only then is the kernel left alone. */
export function sameTable(one: IpvsTable, other: IpvsTable): boolean {
  return one.size === other.size && [...one].every(([key, entry]) => sameEntry(entry, other.get(key)));
}

function sameEntry(one: IpvsEntry, other: IpvsEntry | undefined): boolean {
  return (
    other?.destinations.length === one.destinations.length &&
    one.destinations.every(({ address, port, weight }, index) => {
      const mate = other.destinations[index];
      return mate?.address === address && mate.port === port && mate.weight === weight;
    })
  );
}

function destinationKey({ address, port }: IpvsDestination): string {
  return `${address}:${port}`;
}

/** The namespace's table under IPVS: packets to a VIP get its mark; nothing is translated by nft. */
export function ipvsRules(plan: BalancePlan): BalanceRules {
  const marks = markRules(plan);
  if (plan.hairpin6 === undefined) {
    return marks;
  }
  const six = nftBalanceRules(plan, [6]);
  return {
    sets: new Map([...marks.sets, ...six.sets]),
    chains: new Map([...six.chains, ...marks.chains]),
  };
}

function markRules(plan: BalancePlan): BalanceRules {
  return {
    sets: new Map<string, NftSet>([
      [
        'vips',
        {
          kind: 'map',
          type: 'ipv4_addr : mark',
          elements: new Map(
            ipv4Vips(plan).map(({ address }) => [address, `0x${vipMark(address).toString(16)}`]),
          ),
        },
      ],
    ]),
    chains: new Map<string, NftChain>([
      [
        'choose',
        {
          hook: 'type filter hook prerouting priority mangle + 5; policy accept;',
          rules: ['meta l4proto { tcp, udp, sctp } meta mark set ip daddr map @vips'],
        },
      ],
    ]),
  };
}
