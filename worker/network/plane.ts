// The node's networking as the agent sees it: views in, sandboxes out. Composes the networks' namespaces,
// the host's side, the tasks' sandboxes and their name servers; owns the 30 s comparison against drift.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { NodeEncryption } from '../../shared/model/network_keys.ts';
import type { NetworkView } from '../../shared/model/view.ts';
import { type Random, systemRandom } from '../../shared/random.ts';
import { type NamespaceRef, homeNamespace } from '../kernel/namespace.ts';
import type { AttachRequest, NetworkPlane, NetworkReport, OverlayIdentity, Sandbox } from './api.ts';
import type { BalancerProgram } from './balance/balancer.ts';
import { chooseBalancer } from './balance/balancer_choice.ts';
import { ChangeSignal } from './change_signal.ts';
import { HOST_DIFFERENCES, reportOf } from './check_report.ts';
import { DriftWatch } from './drift_watch.ts';
import { Upstream } from './dns/upstream.ts';
import { Encryption } from './encryption/encryption.ts';
import { testNetworks } from './encryption/self_test.ts';
import { openXfrm } from './encryption/xfrm_kernel.ts';
import { viewMissing } from './errors.ts';
import { readResolvConf } from './host/host_resolv_conf.ts';
import { HostSide } from './host/host_side.ts';
import { NetworkNamespace } from './namespace/network_namespace.ts';
import { namespaceName, removeStrays } from './namespace/strays.ts';
import { LOCAL_NETWORK_ID, localView } from './plan/local_network.ts';
import { networkIdsOf, nodeLocal } from './sandbox/node_local.ts';
import { SandboxKeeper } from './sandbox/sandbox_keeper.ts';

/** A task's networks must be known by then; the managers send views before tasks. */
const VIEW_WAIT_MS = 10_000;
const APPLY_RETRY_MS = 200;

export interface LinuxNetworkPlaneDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  /** Absent: the system's. */
  readonly random?: Random;
}

export interface LinuxNetworkPlaneOptions {
  /** Namespaces are pinned in `netns/` below it, small records kept in `network/`. */
  readonly execRoot: string;
  /** Path or descriptor; absent: the namespace that this process was started in. */
  readonly hostNamespace?: NamespaceRef;
  /** `auto`: IPVS where the kernel has it, else nft. */
  readonly balancer?: BalancerProgram | 'auto';
  /** False: as on a kernel without IPv6. */
  readonly ipv6?: boolean;
  /** Where the host's name servers are listed. */
  readonly resolvConfPath?: string;
}

type AppliedListener = (networkId: Id, version: number) => void;

export class LinuxNetworkPlane implements NetworkPlane {
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly options: LinuxNetworkPlaneOptions;
  private readonly networks = new Map<Id, NetworkNamespace>();
  private readonly listeners = new Set<AppliedListener>();
  /** A view or the identity is new. */
  private readonly changes: ChangeSignal;
  private readonly leaving = new Set<Id>();
  private readonly host: HostSide;
  private readonly encryption: Encryption;
  private readonly sandboxes: SandboxKeeper;
  private readonly balancerProgram: ReturnType<typeof chooseBalancer>;
  private identity: OverlayIdentity | undefined;
  private readonly drift: DriftWatch;
  private stopped = false;
  private isRecovered = false;
  /** Networks on their way out; the next of the same id waits for it. */
  private readonly ending = new Map<Id, Promise<void>>();

  constructor({ clock, log, random }: LinuxNetworkPlaneDependencies, options: LinuxNetworkPlaneOptions) {
    this.clock = clock;
    this.changes = new ChangeSignal({ clock });
    this.drift = new DriftWatch({ clock, log, check: () => this.check() });
    this.log = log;
    this.options = options;
    const hostNamespace = options.hostNamespace ?? homeNamespace();
    this.host = new HostSide(
      { clock, log },
      {
        ...{ hostNamespace, recordDirectory: join(options.execRoot, 'network') },
        ...(options.ipv6 !== undefined && { ipv6: options.ipv6 }),
      },
    );
    this.encryption = new Encryption(
      { clock, log, random: random ?? systemRandom, open: () => openXfrm(this.host.namespaceFd) },
      { recordPath: join(options.execRoot, 'network', 'encryption.json') },
    );
    this.balancerProgram = chooseBalancer(options.balancer ?? 'auto', this.host.namespaceFd);
    this.sandboxes = new SandboxKeeper(
      {
        clock,
        log,
        host: this.host,
        upstream: new Upstream({ clock }, { hostNamespace: this.host.namespaceFd }),
        network: (networkId) => this.networks.get(networkId),
        networkFor: (networkId) => this.networkFor(networkId),
      },
      {
        directory: join(options.execRoot, 'netns'),
        recordDirectory: join(options.execRoot, 'network'),
        hostResolvConf: () => readResolvConf(this.options.resolvConfPath),
      },
    );
  }

  /** Which program balances on this node. */
  get balancer(): BalancerProgram {
    return this.balancerProgram.program;
  }

  async start(): Promise<void> {
    this.log.info({ balancer: this.balancer }, 'networking starts');
    this.encryption.start();
    this.recover();
    await this.host.check();
    this.drift.start();
  }

  /** Leaves namespaces, links and tables as they are: containers outlive the daemon. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.drift.stop();
    this.changes.wake();
    this.sandboxes.close();
    await Promise.all(this.ending.values());
    await Promise.all(Array.from(this.networks.values(), (network) => network.close()));
    this.encryption.close();
    await this.host.close();
  }

  /** Removes everything that is ours on this node (`swarm leave`, end of a lab). Instead of `stop`: the plane is used up. */
  async destroyAll(): Promise<void> {
    if (!this.stopped) {
      this.recover();
      this.sandboxes.destroyAll();
      await this.destroyNetworks(new Set());
      await this.host.destroy();
      await this.host.close();
      rmSync(join(this.options.execRoot, 'network'), { recursive: true, force: true });
    }
  }

  /** As `destroyAll`, but for the node's own network and the sandboxes on it: the next plane finds them as after a restart. */
  async destroyOverlays(): Promise<void> {
    if (!this.stopped) {
      this.recover();
      this.sandboxes.close();
      const kept = new Set([LOCAL_NETWORK_ID]);
      await this.destroyNetworks(kept);
      await this.host.retain(kept);
      await this.host.close();
    }
  }

  private async destroyNetworks(kept: ReadonlySet<Id>): Promise<void> {
    this.stopped = true;
    this.drift.stop();
    this.changes.wake();
    await Promise.all(
      Array.from(this.networks.values(), (network) =>
        kept.has(network.networkId) ? network.close() : network.destroy(),
      ),
    );
    this.networks.clear();
    await Promise.all(this.ending.values());
    this.encryption.destroy();
    this.encryption.close();
    removeStrays(join(this.options.execRoot, 'netns'), kept);
  }

  setIdentity(identity: OverlayIdentity): void {
    this.identity = identity;
    this.encryption.setIdentity(identity);
    for (const network of this.networks.values()) {
      network.setIdentity(identity);
    }
    this.changes.wake();
  }

  setView(view: NetworkView): void {
    this.recover();
    this.leaving.delete(view.networkId);
    this.encryption.setView(view);
    this.networkFor(view.networkId).setView(view);
    this.sandboxes.viewsChanged();
    this.changes.wake();
  }

  removeView(networkId: Id): void {
    this.leaving.add(networkId);
    this.endIfUnused(networkId);
  }

  onApplied(listener: AppliedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onEncryption(listener: (encryption: NodeEncryption) => void): () => void {
    return this.encryption.onState(listener);
  }

  async attach(wanted: AttachRequest, signal: AbortSignal): Promise<Sandbox> {
    const local = nodeLocal(wanted, () => readResolvConf(this.options.resolvConfPath));
    if (local.kind === 'host') {
      return local.sandbox;
    }
    const { request, isolated } = local;
    if (!isolated) {
      if (request.networks.length === 0) {
        this.ensureLocalNetwork();
      }
      await this.waitForNetworks(networkIdsOf(request), signal);
    }
    signal.throwIfAborted();
    return this.sandboxes.attach(request, isolated);
  }

  shut(taskId: Id): Promise<void> {
    return this.sandboxes.shut(taskId);
  }

  farewell(taskId: Id, limitMs: number): Promise<void> {
    return this.sandboxes.farewell(taskId, limitMs);
  }

  async detach(taskId: Id): Promise<void> {
    const networkIds = await this.sandboxes.detach(taskId);
    for (const networkId of networkIds) {
      this.endIfUnused(networkId);
    }
  }

  async readopt(
    requests: readonly AttachRequest[],
    concerns: (taskId: Id) => boolean = () => true,
  ): Promise<void> {
    this.recover();
    const locals = requests.map((request) =>
      nodeLocal(request, () => readResolvConf(this.options.resolvConfPath)),
    );
    this.sandboxes.readopt(
      locals.flatMap((local) => (local.kind === 'host' ? [] : [local.request])),
      concerns,
    );
    await this.networks.get(LOCAL_NETWORK_ID)?.ready();
  }

  async retainViews(networkIds: ReadonlySet<Id>): Promise<void> {
    this.recover();
    for (const { networkId } of [...this.networks.values()]) {
      if (networkId !== LOCAL_NETWORK_ID && !networkIds.has(networkId)) {
        this.removeView(networkId);
      }
    }
    const kept = new Set([...networkIds, ...this.networks.keys(), ...this.ending.keys()]);
    removeStrays(join(this.options.execRoot, 'netns'), kept);
    this.encryption.complete();
    await this.host.retain(kept);
  }

  /** Compares the kernel with the plans of all networks, mends, and returns what differed. */
  async check(): Promise<Readonly<Record<Id, readonly string[]>>> {
    const found: Record<Id, readonly string[]> = {};
    const parts = [[HOST_DIFFERENCES, this.host] as const, ...this.networks];
    for (const [networkId, part] of parts) {
      const differences = [...(part === this.host ? this.encryption.check() : []), ...(await part.check())];
      if (differences.length > 0) {
        found[networkId] = differences;
        this.log.warn({ networkId, differences }, 'the network differed from its plan: mended');
      }
    }
    return found;
  }

  /** `check`, told network by network, those without difference too. */
  async report(): Promise<readonly NetworkReport[]> {
    const found = await this.check();
    const { clock, encryption } = this;
    const networks = [...this.networks.values()];
    return reportOf(found, networks, await testNetworks({ clock, encryption }, networks));
  }

  /** Once, before any plan is made: what of the last daemon's work lives on. */
  private recover(): void {
    if (this.isRecovered) {
      return;
    }
    this.isRecovered = true;
    this.sandboxes.recover();
    if (this.networks.has(LOCAL_NETWORK_ID)) {
      this.ensureLocalNetwork();
    }
  }

  private networkFor(networkId: Id): NetworkNamespace {
    const held = this.networks.get(networkId);
    if (held !== undefined) {
      return held;
    }
    const name = namespaceName(networkId);
    const network = new NetworkNamespace(
      {
        clock: this.clock,
        log: this.log,
        host: this.host,
        encryption: this.encryption,
        balancer: this.balancerProgram,
        onApplied: (id, version) => this.applied(id, version),
      },
      {
        networkId,
        path: join(this.options.execRoot, 'netns', name),
        recordPath: join(this.options.execRoot, 'network', `${name}.table`),
        previous: this.ending.get(networkId) ?? Promise.resolve(),
      },
    );
    this.networks.set(networkId, network);
    if (this.identity !== undefined) {
      network.setIdentity(this.identity);
    }
    return network;
  }

  private ensureLocalNetwork(): void {
    const network = this.networkFor(LOCAL_NETWORK_ID);
    if (network.view === undefined) {
      network.setView(localView(this.host.hasIpv6));
    }
  }

  private async waitForNetworks(networkIds: readonly Id[], signal: AbortSignal): Promise<void> {
    const deadline = this.clock.monotonic() + VIEW_WAIT_MS;
    for (const networkId of networkIds) {
      this.encryption.refuseClearText(this.networks.get(networkId)?.view);
      while (!(this.networks.get(networkId)?.isPlannable ?? false)) {
        const left = deadline - this.clock.monotonic();
        if (left <= 0 || this.stopped) {
          throw viewMissing(networkId, VIEW_WAIT_MS);
        }
        await this.changes.next(left, signal);
        this.encryption.refuseClearText(this.networks.get(networkId)?.view);
      }
      await this.waitUntilApplied(networkId, deadline, signal);
    }
  }

  /** What the kernel refuses is often only late: a namespace of the same network may still be ending. */
  private async waitUntilApplied(networkId: Id, deadline: number, signal: AbortSignal): Promise<void> {
    while (true) {
      const network = this.networks.get(networkId);
      if (network === undefined || network.isApplied) {
        return;
      }
      try {
        await network.ready();
      } catch (error) {
        if (this.clock.monotonic() >= deadline) {
          throw error;
        }
        await this.clock.sleep(APPLY_RETRY_MS, signal);
      }
    }
  }

  private applied(networkId: Id, version: number): void {
    if (networkId === LOCAL_NETWORK_ID) {
      return;
    }
    for (const listener of this.listeners) {
      listener(networkId, version);
    }
  }

  private endIfUnused(networkId: Id): void {
    const network = this.networks.get(networkId);
    if (network === undefined || network.taskCount > 0 || !this.leaving.has(networkId)) {
      return;
    }
    this.leaving.delete(networkId);
    this.networks.delete(networkId);
    const end = network
      .destroy()
      .catch((error: unknown) => {
        const reason = errorMessage(error);
        this.log.error({ networkId, reason }, 'a network could not be removed from this node');
      })
      .finally(() => {
        this.ending.delete(networkId);
        if (!this.networks.has(networkId)) {
          this.encryption.removeView(networkId);
        }
      });
    this.ending.set(networkId, end);
  }
}
