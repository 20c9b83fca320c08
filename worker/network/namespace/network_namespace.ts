// One network on this node: keeps its namespace as the plan says. Changes of links, routes and neighbours
// are synchronous netlink batches against the state applied last; nft follows, coalesced, in one process.
import type { Clock, Timer } from '../../../shared/clock.ts';
import { assert, errorMessage } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import { isEncrypted } from '../../../shared/model/network.ts';
import type { NetworkView } from '../../../shared/model/view.ts';
import { forgetConnections, forgetConnectionsWhere } from '../../kernel/conntrack.ts';
import { createNamespace, isNamespace, removeNamespace } from '../../kernel/namespace.ts';
import type { OverlayIdentity } from '../api.ts';
import type { Balancer } from '../balance/balancer.ts';
import { Coalescer } from '../coalescer.ts';
import type { Encryption } from '../encryption/encryption.ts';
import type { HostSide } from '../host/host_side.ts';
import { UPLINK, subnetTest, taskLinkName } from '../plan/addressing.ts';
import {
  type KernelObject,
  type LinkObject,
  appliedTo,
  describeObject,
  diff,
  keyOf,
} from '../plan/kernel_state.ts';
import { type NetworkPlan, planLocal, subnets6Of, subnetsOf } from '../plan/plan.ts';
import { PlanMemory, type PlanStep, balancedAddresses, changesOf } from '../plan/plan_memory.ts';
import type { HostPort } from '../table/nft_host.ts';
import { networkTable } from '../table/nft_network.ts';
import { TableKeeper } from '../table/table_keeper.ts';
import { CarriedView } from './carried_view.ts';
import { type TaskPort, makeLink } from './link_maker.ts';
import { NamespaceKernel } from './namespace_kernel.ts';
import { mendSettings } from './namespace_settings.ts';
import { namespaceSysctls } from './namespace_sysctls.ts';

/** A failed reconciliation is tried again after this. */
const RETRY_MS = 1000;
/** A task's own limits in the table: with the view that tells of it, which mostly comes sooner, or after this. */
const LIMITS_MS = 250;

export interface NetworkNamespaceDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: HostSide;
  readonly encryption: Pick<Encryption, 'require' | 'unavailable'>;
  readonly balancer: Balancer;
  /** Called when the kernel matches a version. */
  readonly onApplied: (networkId: string, version: number) => void;
}

export interface NetworkNamespaceOptions {
  readonly networkId: string;
  readonly path: string;
  readonly recordPath: string;
  /** Settles when an earlier namespace of the same network is gone. */
  readonly previous: Promise<void>;
}

export class NetworkNamespace {
  readonly networkId: string;
  private readonly dependencies: NetworkNamespaceDependencies;
  private readonly options: NetworkNamespaceOptions;
  private readonly keeper: TableKeeper;
  private readonly runner: Coalescer;
  private readonly ports = new Map<string, TaskPort>();
  private kernel: NamespaceKernel | undefined;
  private readonly carried: CarriedView;
  /** What the kernel holds as far as we know; undefined forces a look. */
  private applied: Map<string, KernelObject> | undefined;
  /** True while `applied` is what the last step of `memory` wanted: then only what a step touches is compared. */
  private synced = false;
  private readonly memory = new PlanMemory();
  /** What the host was told to publish last. */
  private published = '';
  /** Endpoints that went and whose connections are to be forgotten; undefined before the first change. */
  private gone: Set<string> | undefined;
  private retry: Timer | undefined;
  private limits: Timer | undefined;
  private closed = false;

  constructor(dependencies: NetworkNamespaceDependencies, options: NetworkNamespaceOptions) {
    this.dependencies = dependencies;
    this.options = options;
    this.networkId = options.networkId;
    this.carried = new CarriedView(dependencies.host);
    this.keeper = new TableKeeper(
      { clock: dependencies.clock, log: dependencies.log },
      { namespace: options.path, exclusive: true, recordPath: options.recordPath },
    );
    this.runner = new Coalescer(() => this.reconcile());
  }

  /** Of the namespace. */
  get path(): string {
    return this.options.path;
  }

  get view(): NetworkView | undefined {
    return this.carried.view;
  }

  get mtu(): number {
    return this.carried.mtu;
  }

  get taskCount(): number {
    return this.ports.size;
  }

  setView(view: NetworkView): void {
    this.carried.setView(view);
    this.update();
  }

  setIdentity(identity: OverlayIdentity): void {
    this.carried.setIdentity(identity);
    this.update();
  }

  /** What stands in this network's way here, a line each: found out when asked, and not skein's to mend. */
  problems(): string[] {
    return this.carried.problems();
  }

  /** Settles when what was set before this call is in the kernel; rejects when the kernel refused it. */
  ready(): Promise<void> {
    return this.runner.request();
  }

  /** True when a plan can be made, and carried out. */
  get isPlannable(): boolean {
    const isHindered = this.isEncrypted && this.dependencies.encryption.unavailable !== undefined;
    return this.carried.isPlannable && !isHindered;
  }

  private get isEncrypted(): boolean {
    return isEncrypted(this.view?.driverOptions ?? {});
  }

  get isApplied(): boolean {
    return this.applied !== undefined;
  }

  /** A task's interface exists already (after a restart of the daemon). */
  adoptTask(port: TaskPort): void {
    this.ports.set(port.attachment.taskId, port);
  }

  /** Makes the veth pair and the namespace's side of it. Synchronous: a few netlink batches. */
  attachTask(port: TaskPort): void {
    const kernel = this.kernel;
    assert(kernel !== undefined && this.applied !== undefined, 'attachTask needs an applied network');
    this.ports.set(port.attachment.taskId, port);
    const objects = planLocal(port.attachment, this.mtu);
    try {
      kernel.apply(
        objects.map((object) => ({ action: 'put' as const, object })),
        (link) => this.makeLink(kernel, link),
      );
    } catch (error) {
      this.ports.delete(port.attachment.taskId);
      this.applied = undefined;
      throw error;
    }
    for (const object of objects) {
      this.applied.set(keyOf(object), object);
    }
    this.limits ??= this.dependencies.clock.after(LIMITS_MS, () => {
      this.limits = undefined;
      this.update();
    });
  }

  /** No new connection to the task; settles when the kernel follows. */
  async shutTask(taskId: string): Promise<void> {
    const port = this.ports.get(taskId);
    if (port !== undefined) {
      this.ports.set(taskId, { ...port, attachment: { ...port.attachment, isShut: true } });
      await this.ready();
    }
  }

  /**
   * Forgets the task; its link goes with its namespace, its route and neighbour entry go now.
   * @param lingers sockets keep the namespace alive: the link goes now too, though that takes the kernel longer
   */
  detachTask(taskId: string, lingers = false): void {
    const port = this.ports.get(taskId);
    if (port === undefined) {
      return;
    }
    this.ports.delete(taskId);
    const { kernel, applied } = this;
    if (kernel === undefined || applied === undefined) {
      return;
    }
    const objects = planLocal(port.attachment, this.mtu);
    const going = objects.filter(({ type }) => lingers || type !== 'link');
    kernel.expectEnd(taskLinkName(taskId));
    kernel.apply(
      going.map((object) => ({ action: 'remove', object })),
      () => undefined,
    );
    for (const object of objects) {
      applied.delete(keyOf(object));
    }
    this.update();
  }

  /** Compares kernel and plan anew. Returns what differed, one line each. */
  async check(): Promise<string[]> {
    if (!this.isPlannable || this.closed) {
      return [];
    }
    const differences: string[] = [];
    const { kernel } = this;
    if (kernel !== undefined) {
      this.applied = kernel.read();
      this.synced = false;
      const { plan } = this.plan();
      differences.push(
        ...diff(this.applied, plan.state).map(({ action, object }) => `${action} ${describeObject(object)}`),
        ...this.dependencies.balancer.differences(this.options.path, plan.balance),
      );
      differences.push(...mendSettings(this.options.path, this.sysctls(), this.isEncrypted));
      if (!(await this.keeper.verify())) {
        differences.push('change table inet skein');
      }
    }
    await this.runner.request();
    return differences;
  }

  /** Stops reconciling and leaves the kernel as it is. */
  async close(): Promise<void> {
    this.closed = true;
    this.retry?.cancel();
    this.limits?.cancel();
    await this.runner.idle();
    await this.keeper.close();
    this.kernel?.close();
    this.kernel = undefined;
  }

  /** Removes the namespace and all that is in it. */
  async destroy(): Promise<void> {
    this.closed = true;
    this.retry?.cancel();
    this.limits?.cancel();
    await this.runner.idle();
    await this.dependencies.host.setPorts(this.networkId, []);
    this.kernel?.removeLinks();
    this.kernel?.close();
    this.kernel = undefined;
    this.keeper.forget();
    this.dependencies.balancer.forget(this.options.path);
    removeNamespace(this.options.path);
    this.dependencies.host.releaseTransfer(this.networkId);
  }

  private update(): void {
    if (!this.closed && this.isPlannable) {
      this.runner.request().catch((error: unknown) => this.failed(error));
    }
  }

  private failed(error: unknown): void {
    this.dependencies.log.error(
      { networkId: this.networkId, reason: errorMessage(error) },
      'the network could not be set up; trying again',
    );
    this.applied = undefined;
    this.retry?.cancel();
    this.retry = this.dependencies.clock.after(RETRY_MS, () => this.update());
  }

  private async reconcile(): Promise<void> {
    await this.options.previous;
    this.carried.measure();
    const { view } = this;
    if (view === undefined || !this.isPlannable || this.closed) {
      return;
    }
    if (this.isEncrypted) {
      this.dependencies.encryption.require(view);
    }
    const kernel = this.openKernel(view);
    if (kernel.wasTouched()) {
      // Somebody else changed links, routes or the like: what we remember may be wrong.
      this.applied = undefined;
    }
    this.synced &&= this.applied !== undefined;
    const applied = this.applied ?? kernel.read();
    const step = this.plan();
    const { plan } = step;
    const changes = changesOf(applied, step, this.synced);
    this.applied = undefined;
    this.synced = false;
    kernel.apply(changes, (link) => this.makeLink(kernel, link));
    this.applied = appliedTo(applied, changes);
    this.synced = true;
    this.dependencies.balancer.reconcile(this.options.path, plan.balance);
    const table = networkTable(plan.balance, this.dependencies.balancer.rules(plan.balance));
    await this.keeper.apply(table);
    this.forgetGone(plan);
    const transfer = view.internal ? undefined : this.dependencies.host.transferOf(this.networkId);
    if (transfer !== undefined) {
      await this.publish(
        plan.balance.ports.map(({ protocol, published }) => ({
          ...{ protocol, published, to: transfer.inside },
          ...(plan.balance.outbound6 !== undefined && { to6: plan.balance.outbound6.source }),
        })),
      );
    }
    this.dependencies.onApplied(this.networkId, view.version);
  }

  private async publish(ports: readonly HostPort[]): Promise<void> {
    const signature = JSON.stringify([this.dependencies.host.transferOf(this.networkId), ports]);
    if (signature !== this.published) {
      await this.dependencies.host.setPorts(this.networkId, ports);
      this.published = signature;
    }
  }

  /**
   * Connections to endpoints that are no more: their next packet is refused or finds a living endpoint,
   * instead of waiting for a time-out. Draining endpoints keep theirs.
   */
  private forgetGone(plan: NetworkPlan): void {
    const { gone } = this;
    this.gone = new Set();
    if (gone === undefined) {
      this.forgetStrangers(new Set(balancedAddresses(plan.balance)));
    } else if (gone.size > 0) {
      const count = forgetConnections(this.options.path, [...gone]);
      this.dependencies.log.debug(
        { networkId: this.networkId, gone: [...gone], count },
        'endpoints are gone',
      );
    }
  }

  /** At the first change after a start: endpoints may have gone while no daemon looked. */
  private forgetStrangers(now: ReadonlySet<string>): void {
    const { view } = this;
    if (view === undefined) {
      return;
    }
    const isInside = subnetTest([...subnetsOf(view), ...subnets6Of(view)].map(({ subnet }) => subnet));
    forgetConnectionsWhere(this.options.path, (target) => isInside(target) && !now.has(target));
  }

  private plan(): PlanStep {
    const { view } = this;
    assert(view !== undefined, 'a plan needs a view');
    const step = this.memory.next({
      view,
      identity: this.carried.identity,
      locals: Array.from(this.ports.values(), ({ attachment }) => attachment),
      transfer: view.internal ? undefined : this.dependencies.host.transferOf(this.networkId),
      mtu: this.mtu,
      uplinkMtu: this.carried.uplinkMtu,
      connectionsPerTask: this.dependencies.host.connectionsPerTask,
    });
    for (const address of step.gone) {
      this.gone?.add(address);
    }
    for (const address of step.balanced) {
      this.gone?.delete(address);
    }
    return step;
  }

  private sysctls(): Readonly<Record<string, string>> {
    return namespaceSysctls(this.carried.isDual, this.dependencies.host.kernelHasIpv6);
  }

  private openKernel(view: NetworkView): NamespaceKernel {
    if (this.kernel !== undefined) {
      return this.kernel;
    }
    const { path } = this.options;
    this.dependencies.balancer.forget(path);
    if (!isNamespace(path)) {
      createNamespace(path);
    }
    mendSettings(path, this.sysctls(), this.isEncrypted);
    const kernel = new NamespaceKernel(path);
    this.applied = kernel.read();
    if (!view.internal) {
      for (const object of this.applied.values()) {
        if (object.type === 'address' && object.link === UPLINK && !object.address.includes(':')) {
          this.dependencies.host.adoptTransfer(this.networkId, object.address.split('/')[0] ?? '');
        }
      }
    }
    this.kernel = kernel;
    return kernel;
  }

  private makeLink(kernel: NamespaceKernel, link: LinkObject): void {
    const port = Array.from(this.ports.values()).find(
      ({ attachment }) => taskLinkName(attachment.taskId) === link.name,
    );
    const { networkId, path, isEncrypted, dependencies } = this;
    makeLink({ kernel, host: dependencies.host, networkId, path, port, isEncrypted }, link);
  }
}
