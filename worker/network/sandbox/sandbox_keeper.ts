// Tasks' sandboxes: a namespace each, its interfaces, its host-mode ports and its name server. Making one
// is a few synchronous netlink batches; nothing here knows of views beyond what a network tells.
import { join } from 'node:path';
import type { Clock } from '../../../shared/clock.ts';
import { SkeinError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Id } from '../../../shared/model/meta.ts';
import type { NetworkView } from '../../../shared/model/view.ts';
import { createNamespace, isNamespace, removeNamespace } from '../../kernel/namespace.ts';
import { NETLINK_ROUTE, NetlinkSocket } from '../../kernel/netlink_socket.ts';
import { writeSysctls } from '../../kernel/sysctl.ts';
import type { AttachRequest, Sandbox } from '../api.ts';
import { Resolver } from '../dns/resolver.ts';
import type { Upstream } from '../dns/upstream.ts';
import { addressMissing, addressOutside, hostPortInternal } from '../errors.ts';
import { HostPorts } from '../host/host_ports.ts';
import type { HostSide } from '../host/host_side.ts';
import type { TaskPort } from '../namespace/link_maker.ts';
import type { NetworkNamespace } from '../namespace/network_namespace.ts';
import { cidrContains, ipv4Of, ipv6Of } from '../plan/addressing.ts';
import { LOCAL_NETWORK_ID, freeLocalAddress, localAddress6 } from '../plan/local_network.ts';
import { subnets6Of, subnetsOf } from '../plan/plan.ts';
import { lastWordsArrive, undelivered } from './last_words.ts';
import {
  RESOLVER_ADDRESS,
  type SandboxInterface,
  type SandboxNetwork,
  planInterfaces,
  resolvConf,
  sandboxRequests,
  sandboxSysctls,
  upstreamServers,
} from './sandbox_plan.ts';
import { type SandboxRecord, SandboxRecords } from './sandbox_records.ts';

const DNS_PORT = 53;

interface Attachment {
  readonly networkId: Id;
  readonly address: string;
  readonly address6?: string;
}

interface Held {
  readonly sandbox: Sandbox;
  readonly networkIds: readonly Id[];
  readonly addresses: readonly string[];
  readonly resolver: Resolver;
}

export interface SandboxKeeperDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: HostSide;
  readonly upstream: Upstream;
  readonly network: (networkId: Id) => NetworkNamespace | undefined;
  /** Makes it if need be. */
  readonly networkFor: (networkId: Id) => NetworkNamespace;
}

export interface SandboxKeeperOptions {
  readonly directory: string;
  readonly recordDirectory: string;
  readonly hostResolvConf: () => string;
}

export class SandboxKeeper {
  private readonly dependencies: SandboxKeeperDependencies;
  private readonly options: SandboxKeeperOptions;
  private readonly held = new Map<Id, Held>();
  /** Attachments under way, so that a second call for the same task joins the first. */
  private readonly attaching = new Map<Id, Promise<Sandbox>>();
  private readonly hostPorts: HostPorts;
  /** Found on disk and not claimed yet. */
  private readonly records: SandboxRecords;
  private readonly recovered = new Map<Id, SandboxRecord>();

  constructor(dependencies: SandboxKeeperDependencies, options: SandboxKeeperOptions) {
    this.dependencies = dependencies;
    this.options = options;
    this.records = new SandboxRecords(options.recordDirectory);
    this.hostPorts = new HostPorts(dependencies.host.namespaceFd, dependencies.host.hasIpv6);
  }

  /**
   * Needs the request's networks applied.
   * @param isolated nothing but a loopback
   */
  attach(request: AttachRequest, isolated = false): Promise<Sandbox> {
    const held = this.held.get(request.taskId);
    if (held !== undefined) {
      return Promise.resolve(held.sandbox);
    }
    const underway = this.attaching.get(request.taskId);
    if (underway !== undefined) {
      return underway;
    }
    const attempt = this.make(request, isolated).finally(() => this.attaching.delete(request.taskId));
    this.attaching.set(request.taskId, attempt);
    return attempt;
  }

  /** Settles when the kernel lets no new connection through to the task. */
  async shut(taskId: Id): Promise<void> {
    const networkIds = this.held.get(taskId)?.networkIds ?? [];
    await Promise.all(networkIds.map((networkId) => this.dependencies.network(networkId)?.shutTask(taskId)));
  }

  async farewell(taskId: Id, limitMs: number): Promise<void> {
    const held = this.held.get(taskId);
    held?.resolver.close();
    const { clock, log } = this.dependencies;
    if (held !== undefined && !(await lastWordsArrive(clock, held.sandbox.netnsPath, limitMs))) {
      log.info({ taskId, limitMs }, 'clients have not taken all that the task sent them');
    }
  }

  /** Returns the networks that the task was on; its host-mode ports lead nowhere any more. Idempotent. */
  async detach(taskId: Id): Promise<readonly Id[]> {
    await this.attaching.get(taskId)?.catch(() => undefined);
    const held = this.held.get(taskId);
    this.held.delete(taskId);
    held?.resolver.close();
    const lingers = held !== undefined && undelivered(held.sandbox.netnsPath) > 0;
    for (const networkId of held?.networkIds ?? []) {
      this.dependencies.network(networkId)?.detachTask(taskId, lingers);
    }
    this.discard(taskId);
    if ((held?.sandbox.ports.length ?? 0) > 0) {
      const networks = (held?.networkIds ?? []).map((networkId) => this.dependencies.network(networkId));
      await Promise.all(networks.map((network) => network?.ready()));
    }
    return held?.networkIds ?? [];
  }

  /**
   * Finds the sandboxes that outlived the last daemon, so that no plan is made without them. Their name
   * servers wait for `readopt`, which tells what the request of each was.
   */
  recover(): void {
    for (const [taskId, record] of this.records.all()) {
      if (!isNamespace(this.pathOf(taskId))) {
        this.discard(taskId);
        continue;
      }
      this.recovered.set(taskId, record);
      this.hostPorts.adopt(taskId, record.ports);
      for (const item of record.interfaces) {
        this.dependencies.networkFor(item.networkId).adoptTask(this.toPort(taskId, item, record));
      }
    }
  }

  /** Opens the name servers of recovered sandboxes that live on, and removes the others that the caller answers for. */
  readopt(requests: readonly AttachRequest[], concerns: (taskId: Id) => boolean): void {
    for (const request of requests) {
      const record = this.recovered.get(request.taskId);
      if (record === undefined) {
        this.dependencies.log.warn(
          { taskId: request.taskId },
          'the task has no network namespace to take up',
        );
      } else if (!this.held.has(request.taskId)) {
        this.recovered.delete(request.taskId);
        this.hold(request, record);
      }
    }
    for (const [taskId, record] of [...this.recovered].filter(([id]) => concerns(id))) {
      this.recovered.delete(taskId);
      for (const { networkId } of record.interfaces) {
        this.dependencies.network(networkId)?.detachTask(taskId);
      }
      this.discard(taskId);
    }
  }

  /** A view is new: name servers may have waited for it. */
  viewsChanged(): void {
    for (const { resolver } of this.held.values()) {
      resolver.viewsChanged();
    }
  }

  /** Ends the name servers and leaves the namespaces. */
  close(): void {
    for (const { resolver } of this.held.values()) {
      resolver.close();
    }
    this.held.clear();
  }

  destroyAll(): void {
    const taskIds = [...this.held.keys(), ...this.recovered.keys()];
    this.close();
    for (const taskId of taskIds) {
      this.discard(taskId);
    }
  }

  private async make(request: AttachRequest, isolated: boolean): Promise<Sandbox> {
    const { taskId } = request;
    const path = this.pathOf(taskId);
    const networks = (isolated ? [] : this.attachmentsOf(request)).map((item) => this.toSandboxNetwork(item));
    const interfaces = planInterfaces(networks);
    const way = interfaces.find(({ isDefault }) => isDefault);
    if (request.hostPorts.length > 0 && way === undefined) {
      throw hostPortInternal(taskId);
    }
    const record: SandboxRecord = { ports: this.hostPorts.claim(taskId, request.hostPorts), interfaces };
    try {
      removeNamespace(path);
      createNamespace(path);
      this.records.write(taskId, record);
      writeSysctls(
        path,
        sandboxSysctls(
          request.sysctls,
          interfaces.some(({ six }) => six !== undefined),
          this.dependencies.host.kernelHasIpv6,
        ),
      );
      for (const item of interfaces) {
        this.networkOf(item.networkId).attachTask(this.toPort(taskId, item, record));
      }
      this.configure(path, interfaces);
      const held = this.hold(request, record);
      if (way !== undefined && record.ports.length > 0) {
        await this.networkOf(way.networkId).ready();
      }
      return held.sandbox;
    } catch (error) {
      this.held.get(taskId)?.resolver.close();
      this.held.delete(taskId);
      for (const { networkId } of interfaces) {
        this.dependencies.network(networkId)?.detachTask(taskId);
      }
      this.discard(taskId);
      throw error;
    }
  }

  private toPort(taskId: Id, item: SandboxInterface, record: SandboxRecord): TaskPort {
    return {
      attachment: {
        taskId,
        address: item.address,
        ...(item.six !== undefined && { address6: item.six.address }),
        hostPorts: item.isDefault ? record.ports : [],
      },
      namespacePath: this.pathOf(taskId),
      interfaceName: item.name,
      interfaceIndex: item.index,
      restore: () => {
        if (this.held.has(taskId)) {
          this.configure(this.pathOf(taskId), [item]);
        }
      },
    };
  }

  private configure(path: string, interfaces: readonly SandboxInterface[]): void {
    const socket = new NetlinkSocket(path, NETLINK_ROUTE);
    try {
      socket.execute(sandboxRequests(interfaces), ['EEXIST']);
    } finally {
      socket.close();
    }
  }

  private hold(request: AttachRequest, { ports, interfaces }: SandboxRecord): Held {
    const path = this.pathOf(request.taskId);
    const networkIds = interfaces.map(({ networkId }) => networkId);
    const hostResolvConf = this.options.hostResolvConf();
    const servers = upstreamServers(request.dns, hostResolvConf);
    const resolver = new Resolver(
      {
        clock: this.dependencies.clock,
        log: this.dependencies.log,
        upstream: this.dependencies.upstream,
        views: () => this.viewsOf(networkIds),
        isComplete: () => this.viewsOf(networkIds).length === networkIds.length,
      },
      { namespace: path, address: RESOLVER_ADDRESS, port: DNS_PORT, servers, kept: request.kept },
    );
    resolver.open();
    const names = [request.hostname, request.taskName].filter((name) => name !== '').join(' ');
    const addresses = interfaces.flatMap(({ address, six }) =>
      six === undefined ? [address] : [address, six.address],
    );
    const held: Held = {
      sandbox: {
        netnsPath: path,
        resolvConf: resolvConf(request.dns, hostResolvConf),
        hostsLines: addresses.map((address) => `${address}\t${names}`),
        ports,
        keep: () => resolver.descriptors,
      },
      networkIds,
      addresses,
      resolver,
    };
    this.held.set(request.taskId, held);
    return held;
  }

  private viewsOf(networkIds: readonly Id[]): NetworkView[] {
    return networkIds.flatMap((networkId) => this.dependencies.network(networkId)?.view ?? []);
  }

  private attachmentsOf(request: AttachRequest): Attachment[] {
    if (request.networks.length === 0) {
      const taken = new Set(Array.from(this.held.values()).flatMap(({ addresses }) => addresses));
      const address = freeLocalAddress(taken);
      const six = this.dependencies.host.hasIpv6 && { address6: localAddress6(address) };
      return [{ networkId: LOCAL_NETWORK_ID, address, ...six }];
    }
    return request.networks.map(({ networkId, addresses }) => {
      const [address] = ipv4Of(addresses);
      if (address === undefined) {
        throw addressMissing(request.taskId, networkId);
      }
      const [address6] = ipv6Of(addresses);
      return { networkId, address, ...(address6 !== undefined && { address6 }) };
    });
  }

  private toSandboxNetwork({ address6, ...item }: Attachment): SandboxNetwork {
    const network = this.networkOf(item.networkId);
    const { view } = network;
    const subnet = (view === undefined ? [] : subnetsOf(view)).find((one) =>
      cidrContains(one.subnet, item.address),
    );
    const subnet6 =
      view === undefined || address6 === undefined
        ? undefined
        : subnets6Of(view).find((one) => cidrContains(one.subnet, address6));
    if (view === undefined || subnet === undefined) {
      throw addressOutside(item.address, item.networkId);
    }
    return {
      ...item,
      prefixLength: Number(subnet.subnet.split('/')[1]),
      gateway: subnet.gateway,
      internal: view.internal,
      ingress: view.ingress,
      mtu: network.mtu,
      ...(subnet6 !== undefined && address6 !== undefined && { six: { address: address6, ...subnet6 } }),
    };
  }

  private networkOf(networkId: Id): NetworkNamespace {
    const network = this.dependencies.network(networkId);
    if (network === undefined) {
      throw new SkeinError('unavailable', 'network-gone', `network ${networkId} left this node meanwhile`);
    }
    return network;
  }

  private discard(taskId: Id): void {
    this.hostPorts.release(taskId);
    removeNamespace(this.pathOf(taskId));
    this.records.remove(taskId);
  }

  private pathOf(taskId: Id): string {
    return join(this.options.directory, taskId);
  }
}
