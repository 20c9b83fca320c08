// The host's namespace: ends of the networks' uplinks, transfer addresses, published ports, the underlay's
// MTU. Touches only links named sk-*, the table `inet skein` and two sysctls. "Host" is where the daemon lives.
import { closeSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { hasErrno } from '../kernel/errors.ts';
import type { NamespaceRef } from '../kernel/namespace.ts';
import { openNamespace } from '../kernel/namespace.ts';
import { NETLINK_ROUTE, NetlinkSocket } from '../kernel/netlink-socket.ts';
import { applyNft } from '../kernel/nft.ts';
import { deleteLink, putAddress, setLink } from '../kernel/rtnetlink.ts';
import { findLink, readAddresses, readLinks } from '../kernel/rtnetlink-read.ts';
import { differingSysctls, writeSysctls } from '../kernel/sysctl.ts';
import { HOST_LINK_PREFIX, hostLinkName, ipv4Range, ipv4Text } from './addressing.ts';
import { Coalescer } from './coalescer.ts';
import { rangeExhausted } from './errors.ts';
import { closeForwarding, openForwarding } from './host-forwarding.ts';
import { type HostPort, hostTable } from './nft-host.ts';
import { TABLE_NAME } from './nft-network.ts';
import type { Transfer } from './plan.ts';
import { TableKeeper } from './table-keeper.ts';

/** RFC 2544's benchmark range: routed nowhere and hardly ever used inside a site. */
export const TRANSFER_RANGE = '198.18.0.0/16';
const DEFAULT_MTU = 1500;
const HOST_SYSCTLS = { 'net/ipv4/ip_forward': '1' } as const;

export interface HostSideDependencies {
  readonly clock: Clock;
  readonly log: Logger;
}

export interface HostSideOptions {
  readonly hostNamespace: NamespaceRef;
  /** Remembers transfers and ports across restarts of the daemon: until the views are back, they stay. */
  readonly recordDirectory: string;
}

/** What is remembered of one network. */
interface HostRecord {
  readonly networkId: string;
  readonly transfer: Transfer;
  readonly ports: readonly HostPort[];
}

export class HostSide {
  readonly socket: NetlinkSocket;
  /** Descriptor of the host's namespace, for links that have an end there. */
  readonly namespaceFd: number;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly transfers = new Map<string, Transfer>();
  private readonly ports = new Map<string, readonly HostPort[]>();
  private readonly recordPath: string;
  private readonly ownsDescriptor: boolean;
  private closed = false;
  private readonly keeper: TableKeeper;
  private readonly runner: Coalescer;

  constructor({ clock, log }: HostSideDependencies, { hostNamespace, recordDirectory }: HostSideOptions) {
    this.clock = clock;
    this.log = log;
    this.recordPath = join(recordDirectory, 'host.json');
    this.ownsDescriptor = typeof hostNamespace === 'string';
    this.namespaceFd = typeof hostNamespace === 'number' ? hostNamespace : openNamespace(hostNamespace);
    this.socket = new NetlinkSocket(this.namespaceFd, NETLINK_ROUTE);
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
      return held;
    }
    const { first, size } = ipv4Range(TRANSFER_RANGE);
    const taken = new Set(Array.from(this.transfers.values(), ({ host }) => host));
    for (let offset = 0; offset < size; offset += 2) {
      const transfer = { host: ipv4Text(first + offset), inside: ipv4Text(first + offset + 1) };
      if (!taken.has(transfer.host)) {
        this.transfers.set(networkId, transfer);
        this.writeRecords();
        return transfer;
      }
    }
    throw rangeExhausted('transfer-exhausted', TRANSFER_RANGE);
  }

  /** Takes up the address that a living namespace already has. */
  adoptTransfer(networkId: string, inside: string): void {
    const { first } = ipv4Range(`${inside}/31`);
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
    const wanted = `${transfer.host}/31`;
    const addressed = readAddresses(this.socket).some(
      ({ index, address }) => index === link.index && address === wanted,
    );
    this.socket.execute([
      ...(link.up ? [] : [setLink(link.index, true)]),
      ...(addressed ? [] : [putAddress(link.index, wanted)]),
    ]);
    // Answers to connections from 127.0.0.1 to a published port come back by this link.
    const routeLocal = this.writeDiffering({ [`net/ipv4/conf/${name}/route_localnet`]: '1' });
    return [
      ...(link.up ? [] : [`set link ${name} up`]),
      ...(addressed ? [] : [`put address ${wanted} dev ${name}`]),
      ...routeLocal.map((key) => `set sysctl ${key}`),
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
    const address = readAddresses(this.socket).find((entry) => entry.address.split('/')[0] === vtepAddress);
    const link = readLinks(this.socket).find(({ index }) => index === address?.index);
    return Math.min(link?.mtu ?? DEFAULT_MTU, 65_535);
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
    const sysctls = differingSysctls(this.namespaceFd, HOST_SYSCTLS);
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

  private async reconcile(): Promise<void> {
    this.writeDiffering(HOST_SYSCTLS);
    const insides = Array.from(this.transfers.values(), ({ inside }) => inside).sort();
    const ports = Array.from(this.ports.values()).flat();
    await this.keeper.apply(hostTable(TRANSFER_RANGE, ports, insides));
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
