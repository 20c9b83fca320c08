// The host's namespace: ends of the networks' uplinks, transfer addresses, published ports, the underlay's
// MTU. Touches only links named sk-*, the table `inet skein` and two sysctls. "Host" is where the daemon lives.
import { closeSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/log.ts';
import { hasErrno } from '../../kernel/errors.ts';
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { openNamespace } from '../../kernel/namespace.ts';
import type { Request } from '../../kernel/netlink_message.ts';
import { NETLINK_ROUTE, NetlinkSocket } from '../../kernel/netlink_socket.ts';
import { applyNft } from '../../kernel/nft.ts';
import { deleteLink, putAddress, putNeighbour, putRoute, setLink } from '../../kernel/rtnetlink.ts';
import { findLink, hasRoute, readAddresses, readLinks } from '../../kernel/rtnetlink_read.ts';
import { differingSysctls, readSysctl, writeSysctls } from '../../kernel/sysctl.ts';
import { Coalescer } from '../coalescer.ts';
import { rangeExhausted } from '../errors.ts';
import {
  GATEWAY_MAC,
  HOST_LINK_PREFIX,
  hostCidr,
  hostLinkName,
  ipv4Range,
  ipv4Text,
  ipOf,
} from '../plan/addressing.ts';
import {
  TRANSFER_LENGTH,
  TRANSFER_LENGTH6,
  TRANSFER_RANGE,
  type Transfer,
  type TransferPair,
  transferPair6,
} from '../plan/transfer.ts';
import { type HostPort, hostTable } from '../table/nft_host.ts';
import { TABLE_NAME } from '../table/nft_network.ts';
import { TableKeeper } from '../table/table_keeper.ts';
import { closeForwarding, openForwarding } from './host_forwarding.ts';

const DEFAULT_MTU = 1500;
const MAIN_TABLE = 254;
/** The kernel's own default on machines of 4 GiB and more (nf_conntrack_core.c). */
const DEFAULT_TRACKED = 262_144;
/** Of the kernel's table for a namespace, one task may take the fourth part: a flood leaves room for the others. */
const TASKS_SHARE = 4;
const HOST_SYSCTLS = { 'net/ipv4/ip_forward': '1' } as const;
const FORWARDING6 = 'net/ipv6/conf/all/forwarding';

export interface HostSideDependencies {
  readonly clock: Clock;
  readonly log: Logger;
}

export interface HostSideOptions {
  readonly hostNamespace: NamespaceRef;
  /** Remembers transfers and ports across restarts of the daemon: until the views are back, they stay. */
  readonly recordDirectory: string;
  /** False: as on a kernel without. */
  readonly ipv6?: boolean;
}

/** What is remembered of one network. */
interface HostRecord {
  readonly networkId: string;
  readonly transfer: TransferPair;
  readonly ports: readonly HostPort[];
}

export class HostSide {
  /** False where the kernel has no IPv6 (`ipv6.disable=1`): networks are IPv4's alone then. */
  readonly kernelHasIpv6: boolean;
  /** False also where the host has it switched off: no way out and no published ports by IPv6. */
  readonly hasIpv6: boolean;
  /** Connections of one task that the kernel tracks at a time; those in TIME_WAIT do not count. */
  readonly connectionsPerTask: number;
  readonly socket: NetlinkSocket;
  /** Descriptor of the host's namespace, for links that have an end there. */
  readonly namespaceFd: number;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly transfers = new Map<string, TransferPair>();
  private readonly ports = new Map<string, readonly HostPort[]>();
  private readonly recordPath: string;
  private readonly ownsDescriptor: boolean;
  private closed = false;
  private readonly keeper: TableKeeper;
  private readonly runner: Coalescer;

  constructor({ clock, log }: HostSideDependencies, options: HostSideOptions) {
    const { hostNamespace, recordDirectory } = options;
    this.clock = clock;
    this.log = log;
    this.recordPath = join(recordDirectory, 'host.json');
    this.ownsDescriptor = typeof hostNamespace === 'string';
    this.namespaceFd = typeof hostNamespace === 'number' ? hostNamespace : openNamespace(hostNamespace);
    this.socket = new NetlinkSocket(this.namespaceFd, NETLINK_ROUTE);
    const disabled = readSysctl(this.namespaceFd, 'net/ipv6/conf/all/disable_ipv6');
    this.kernelHasIpv6 = options.ipv6 !== false && disabled !== '';
    this.hasIpv6 = this.kernelHasIpv6 && disabled === '0';
    const tracked = Number(readSysctl(this.namespaceFd, 'net/netfilter/nf_conntrack_max'));
    this.connectionsPerTask = Math.floor((tracked > 0 ? tracked : DEFAULT_TRACKED) / TASKS_SHARE);
    this.keeper = new TableKeeper(
      { clock, log },
      {
        namespace: this.namespaceFd,
        exclusive: false,
        recordPath: join(recordDirectory, 'host.table'),
      },
    );
    this.runner = new Coalescer(() => this.reconcile());
    for (const { networkId, transfer, ports } of this.readRecords()) {
      this.transfers.set(networkId, transfer);
      this.ports.set(networkId, ports);
    }
  }

  /** Forgets networks that did not survive the restart. */
  retain(networkIds: ReadonlySet<string>): Promise<void> {
    for (const networkId of [...this.transfers.keys()]) {
      if (!networkIds.has(networkId)) {
        this.removeLink(networkId);
        this.releaseTransfer(networkId);
      }
    }
    return this.runner.request();
  }

  /** Both ends' addresses of a network's uplink; the same for the life of the network on this node. */
  transferOf(networkId: string): Transfer {
    const held = this.transfers.get(networkId);
    if (held !== undefined) {
      return this.completed(held);
    }
    const { first, size } = ipv4Range(TRANSFER_RANGE);
    const taken = new Set(Array.from(this.transfers.values(), ({ host }) => host));
    for (let offset = 0; offset < size; offset += 2) {
      const transfer = { host: ipv4Text(first + offset), inside: ipv4Text(first + offset + 1) };
      if (!taken.has(transfer.host)) {
        this.transfers.set(networkId, transfer);
        this.writeRecords();
        return this.completed(transfer);
      }
    }
    throw rangeExhausted('transfer-exhausted', TRANSFER_RANGE);
  }

  /** Takes up the address that a living namespace already has. */
  adoptTransfer(networkId: string, inside: string): void {
    const { first } = ipv4Range(`${inside}/${TRANSFER_LENGTH}`);
    this.transfers.set(networkId, { host: ipv4Text(first), inside });
    this.writeRecords();
  }

  releaseTransfer(networkId: string): void {
    this.transfers.delete(networkId);
    this.ports.delete(networkId);
    this.writeRecords();
  }

  /** Removes a leftover of the same name: deleting a namespace is asynchronous and its links linger. */
  removeLink(networkId: string): void {
    const link = findLink(this.socket, hostLinkName(networkId));
    if (link !== undefined) {
      this.socket.execute([deleteLink(link.index, link.name)], ['ENODEV']);
    }
  }

  /** Sets up the host's end of an uplink; does nothing to what is right already. Returns what was not. */
  ensureLink(networkId: string): string[] {
    const name = hostLinkName(networkId);
    const link = findLink(this.socket, name);
    const transfer = this.transfers.get(networkId);
    if (link === undefined || transfer === undefined) {
      return [];
    }
    const { host, six } = this.completed(transfer);
    const wanted = [
      `${host}/${TRANSFER_LENGTH}`,
      ...(six === undefined ? [] : [`${six.host}/${TRANSFER_LENGTH6}`]),
    ];
    // Answers to connections from 127.0.0.1 to a published port come back by this link.
    const sysctls = this.writeDiffering({
      [`net/ipv4/conf/${name}/route_localnet`]: '1',
      ...(six !== undefined && { [`net/ipv6/conf/${name}/disable_ipv6`]: '0' }),
    });
    const present = readAddresses(this.socket).filter(({ index }) => index === link.index);
    const missing = wanted.filter((one) => !present.some(({ address }) => address === one));
    this.socket.execute([
      ...(link.up ? [] : [setLink(link.index, true)]),
      ...missing.map((address) => putAddress(link.index, address)),
      // The far end is known from the beginning: nobody asks for neighbours here.
      ...(six === undefined ? [] : reachInside(link.index, six.inside)),
    ]);
    return [
      ...(link.up ? [] : [`set link ${name} up`]),
      ...missing.map((address) => `put address ${address} dev ${name}`),
      ...sysctls.map((key) => `set sysctl ${key}`),
    ];
  }

  /** Ports of the host that lead into a network's namespace; settles when the host's table holds them. */
  setPorts(networkId: string, ports: readonly HostPort[]): Promise<void> {
    if (ports.length === 0) {
      this.ports.delete(networkId);
    } else {
      this.ports.set(networkId, ports);
    }
    this.writeRecords();
    return this.runner.request();
  }

  /** MTU of the link that has the address. */
  underlayMtu(vtepAddress: string): number {
    const [wanted] = ipOf([vtepAddress]);
    const address = readAddresses(this.socket).find((entry) => entry.address.split('/')[0] === wanted);
    const link = readLinks(this.socket).find(({ index }) => index === address?.index);
    return Math.min(link?.mtu ?? DEFAULT_MTU, 65_535);
  }

  /** Whether the host knows a way to the address. */
  hasRoute(address: string): boolean {
    return hasRoute(this.socket, address);
  }

  /** Mends drift of links, table, sysctls and forwarding policy; returns what differed, one line each. */
  async check(): Promise<string[]> {
    const differences: string[] = [];
    if (!(await this.keeper.verify())) {
      differences.push('change table inet skein');
    }
    const names = new Set(Array.from(this.transfers.keys(), hostLinkName));
    for (const link of readLinks(this.socket)) {
      if (link.name.startsWith(HOST_LINK_PREFIX) && !names.has(link.name)) {
        differences.push(`remove link ${link.name}`);
        this.socket.execute([deleteLink(link.index, link.name)], ['ENODEV']);
      }
    }
    for (const networkId of this.transfers.keys()) {
      differences.push(...this.ensureLink(networkId));
    }
    if (this.hasIpv6) {
      this.keepAdvertisements();
    }
    const sysctls = differingSysctls(this.namespaceFd, this.hostSysctls());
    differences.push(...Object.keys(sysctls).map((key) => `set sysctl ${key}`));
    await this.runner.request();
    await openForwarding({ clock: this.clock, log: this.log }, this.namespaceFd);
    return differences;
  }

  /** Waits for what runs and lets go of the namespace, whose state stays. */
  async close(): Promise<void> {
    await this.runner.idle();
    if (!this.closed) {
      this.closed = true;
      await this.keeper.close();
      this.socket.close();
      if (this.ownsDescriptor) {
        closeSync(this.namespaceFd);
      }
    }
  }

  /** Takes our table and links away. */
  async destroy(): Promise<void> {
    await this.runner.idle();
    for (const link of readLinks(this.socket).filter(({ name }) => name.startsWith(HOST_LINK_PREFIX))) {
      this.socket.execute([deleteLink(link.index, link.name)], ['ENODEV']);
    }
    await applyNft(
      this.clock,
      this.namespaceFd,
      `table inet ${TABLE_NAME} {}\ndelete table inet ${TABLE_NAME}\n`,
    );
    await closeForwarding(this.clock, this.namespaceFd);
    this.keeper.forget();
  }

  private completed(pair: TransferPair): Transfer {
    return this.hasIpv6 ? { ...pair, six: transferPair6(pair) } : pair;
  }

  /**
   * A router takes no router advertisements (RFC 4861) unless told to: what the host had its own addresses
   * and routes from must go on. Links that came later are told too, without a word.
   */
  private keepAdvertisements(): void {
    const accepting = readLinks(this.socket)
      .filter(({ name }) => !name.startsWith(HOST_LINK_PREFIX) && /^[\w.:-]+$/.test(name))
      .map(({ name }) => `net/ipv6/conf/${name}/accept_ra`)
      .filter((key) => readSysctl(this.namespaceFd, key) === '1');
    writeSysctls(this.namespaceFd, Object.fromEntries(accepting.map((key) => [key, '2'])));
  }

  private hostSysctls(): Readonly<Record<string, string>> {
    return this.hasIpv6 ? { ...HOST_SYSCTLS, [FORWARDING6]: '1' } : HOST_SYSCTLS;
  }

  private async reconcile(): Promise<void> {
    this.writeDiffering(this.hostSysctls());
    const transfers = Array.from(this.transfers.values(), (transfer) => this.completed(transfer));
    const insides = transfers.map(({ inside }) => inside).sort();
    const insides6 = transfers.flatMap(({ six }) => six?.inside ?? []).sort();
    const ports = Array.from(this.ports.values()).flat();
    await this.keeper.apply(hostTable(ports, insides, this.hasIpv6 ? insides6 : undefined));
  }

  private readRecords(): HostRecord[] {
    try {
      const records: HostRecord[] = JSON.parse(readFileSync(this.recordPath, 'utf8'));
      return records;
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) {
        return [];
      }
      throw error;
    }
  }

  private writeRecords(): void {
    const records: HostRecord[] = Array.from(this.transfers, ([networkId, transfer]) => ({
      networkId,
      transfer,
      ports: this.ports.get(networkId) ?? [],
    }));
    mkdirSync(dirname(this.recordPath), { recursive: true, mode: 0o700 });
    const temporary = `${this.recordPath}.new`;
    writeFileSync(temporary, JSON.stringify(records), { mode: 0o600 });
    renameSync(temporary, this.recordPath);
  }

  private writeDiffering(values: Readonly<Record<string, string>>): string[] {
    const differing = differingSysctls(this.namespaceFd, values);
    writeSysctls(this.namespaceFd, differing);
    return Object.keys(differing);
  }
}

function reachInside(index: number, inside: string): Request[] {
  const route = { destination: hostCidr(inside), table: MAIN_TABLE, type: 'unicast' as const, index };
  return [putNeighbour(index, inside, GATEWAY_MAC), putRoute(route)];
}
