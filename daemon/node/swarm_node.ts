// This node's life in a cluster: init, join, leave, promotion and demotion, renewal of its certificate.
// It starts and stops the manager process and the agent as the node's role and state ask; what they do is
// theirs to know.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import { loadIdentity, removeIdentity, saveIdentity } from '../../shared/identity/files.ts';
import { CurrentIdentity, type Identity } from '../../shared/identity/identity.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { NodeRole } from '../../shared/model/node.ts';
import type { ControlService, ManagerState } from '../../shared/protocol/control.ts';
import type { ManagerPeer } from '../../shared/protocol/dispatcher.ts';
import type { LogService } from '../../shared/protocol/logs.ts';
import type { ManagerConfig, ManagerStart } from '../../shared/protocol/manager_process.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { RaftMembershipService } from '../../shared/protocol/raft.ts';
import type { InitRequest, JoinRequest, LocalNode, LocalNodeState, NodeBackend } from '../api/backend.ts';
import { DEFAULT_CLUSTER_PORT, joinHostPort, parseHostPort, resolveAddresses } from '../host_addresses.ts';
import {
  alreadyInSwarm,
  leaveNeedsForce,
  managerNotReady,
  noSwarm,
  notAManager,
  notInSwarm,
} from './errors.ts';
import { type NodeState, StateFile } from './state_file.ts';

/** What the agent tells of its session with the managers. */
export interface SessionNews {
  readonly desiredRole: NodeRole;
  readonly managers: readonly ManagerPeer[];
}

export interface AgentHandle extends Startable {
  onSession(listener: (news: SessionNews) => void): () => void;
  /** Instead of `stop`: ends every task, takes the networks down and forgets both. */
  leave(): Promise<void>;
}

export interface ManagerHandle {
  readonly running: boolean;
  start(config: ManagerConfig): Promise<Id>;
  stop(): Promise<void>;
}

/** The services of this node's own manager, over its socket. */
export interface LocalManager {
  readonly control: ControlService;
  readonly logs: LogService;
  readonly membership: RaftMembershipService;
  getState(context: CallContext): Promise<ManagerState>;
  close(): void;
}

export interface Enrolment {
  join(request: {
    readonly addresses: readonly string[];
    readonly token: string;
    readonly availability: JoinRequest['availability'];
  }): Promise<Identity>;
  renew(identity: Identity, addresses: readonly string[]): Promise<Identity>;
  /** Epoch ms at which the identity is to be renewed. */
  renewAt(identity: Identity): number;
}

export interface SwarmNodeDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly enrolment: Enrolment;
  readonly createAgent: (identity: CurrentIdentity, state: NodeState) => AgentHandle;
  readonly createManager: (onCrash: () => void) => ManagerHandle;
  readonly connectLocal: (socket: string) => LocalManager;
}

export interface SwarmNodeOptions {
  readonly root: string;
  readonly managerSocket: string;
  readonly hostname: string;
  readonly logLevel: ManagerConfig['logLevel'];
  /** VXLAN port of a cluster made here without one. */
  readonly dataPathPort: number;
}

const DEFAULT_ADDRESS_POOL = '10.0.0.0/8';
const DEFAULT_SUBNET_SIZE = 24;
/** A failed renewal or role change is tried again after this long, doubling up to the greatest. */
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 60_000;
/** The longest the local manager may take to say how it stands. */
const LOCAL_CALL_MS = 5_000;
/** A leaving manager takes itself out of raft within this long, or leaves all the same when forced. */
const LEAVE_RAFT_MS = 5_000;

interface Membership {
  readonly identity: CurrentIdentity;
  readonly agent: AgentHandle;
  state: NodeState;
}

export class SwarmNode implements NodeBackend, Startable {
  private readonly dependencies: SwarmNodeDependencies;
  private readonly options: SwarmNodeOptions;
  private readonly file: StateFile;
  private readonly certificates: string;
  private readonly managerDirectory: string;
  private membership: Membership | undefined;
  private manager: ManagerHandle | undefined;
  private local: LocalManager | undefined;
  private localState: LocalNodeState = 'inactive';
  private error = '';
  private desiredRole: NodeRole | undefined;
  private renewal: Timer | undefined;
  private retryMs = RETRY_FIRST_MS;
  /** Init, join, leave and role changes never overlap. */
  private queue: Promise<unknown> = Promise.resolve();
  private stopping = false;

  constructor(dependencies: SwarmNodeDependencies, options: SwarmNodeOptions) {
    this.dependencies = dependencies;
    this.options = options;
    this.file = new StateFile(join(options.root, 'swarm'));
    this.certificates = join(options.root, 'certificates');
    this.managerDirectory = join(options.root, 'manager');
  }

  /** Takes up the membership of before, if there was one. A manager that cannot start leaves the worker running. */
  async start(): Promise<void> {
    const state = await this.file.load();
    if (state === undefined) {
      return;
    }
    const identity = await loadIdentity(this.certificates, this.dependencies.clock.now(), {
      allowExpired: true,
    });
    await this.activate(identity, state, { kind: 'restart', managers: addressesOf(state) });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.renewal?.cancel();
    await this.queue.catch(() => undefined);
    await this.stopManager();
    await this.membership?.agent.stop();
  }

  status(): LocalNode {
    const { membership } = this;
    const identity = membership?.identity.get();
    return {
      state: this.localState,
      nodeId: identity?.nodeId ?? '',
      nodeAddress: membership === undefined ? '' : hostOf(membership.state.advertiseAddress),
      clusterId: identity?.clusterId ?? '',
      controlAvailable: this.local !== undefined && this.manager?.running === true,
      error: this.error,
      remoteManagers: membership?.state.managers ?? [],
    };
  }

  init(request: InitRequest): Promise<Id> {
    return this.exclusive(() =>
      request.forceNewCluster ? this.forceNewCluster(request) : this.bootstrap(request),
    );
  }

  join(request: JoinRequest): Promise<void> {
    return this.exclusive(() => this.joinCluster(request));
  }

  leave(request: { readonly force: boolean }): Promise<void> {
    return this.exclusive(() => this.leaveCluster(request.force));
  }

  control(): ControlService {
    return this.localManager().control;
  }

  logs(): LogService {
    return this.localManager().logs;
  }

  managerState(): Promise<ManagerState> {
    return this.localManager().getState({
      peer: { kind: 'local' },
      signal: AbortSignal.timeout(LOCAL_CALL_MS),
    });
  }

  private localManager(): LocalManager {
    if (this.membership === undefined) {
      throw noSwarm();
    }
    if (this.membership.identity.get().role !== 'manager') {
      throw notAManager();
    }
    if (this.local === undefined || this.manager?.running !== true) {
      throw managerNotReady();
    }
    return this.local;
  }

  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work, work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async bootstrap(request: InitRequest): Promise<Id> {
    if (this.membership !== undefined) {
      throw alreadyInSwarm();
    }
    const addresses = resolveAddresses(request);
    await this.clearRemains();
    const state: NodeState = {
      listenAddress: addresses.listen,
      advertiseAddress: addresses.advertise,
      dataPathAddress: addresses.dataPath,
      managers: [],
    };
    this.localState = 'pending';
    try {
      const nodeId = await this.startManager(state, {
        kind: 'bootstrap',
        availability: request.availability,
        hostname: this.options.hostname,
        defaultAddressPool:
          request.defaultAddressPool.length > 0 ? request.defaultAddressPool : [DEFAULT_ADDRESS_POOL],
        subnetSize: request.subnetSize || DEFAULT_SUBNET_SIZE,
        dataPathPort: request.dataPathPort || this.options.dataPathPort,
        settings: request.spec,
      });
      const full = { ...state, managers: [{ nodeId, address: addresses.advertise }] };
      await this.file.save(full);
      await this.enter(await loadIdentity(this.certificates, this.dependencies.clock.now()), full);
      return nodeId;
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  private async forceNewCluster(request: InitRequest): Promise<Id> {
    const { membership } = this;
    if (membership === undefined || membership.identity.get().role !== 'manager') {
      throw notAManager();
    }
    const addresses = resolveAddresses({
      listenAddr: request.listenAddr || membership.state.listenAddress,
      advertiseAddr: request.advertiseAddr || membership.state.advertiseAddress,
      dataPathAddr: request.dataPathAddr || membership.state.dataPathAddress,
    });
    const { nodeId } = membership.identity.get();
    await this.stopManager();
    membership.state = {
      listenAddress: addresses.listen,
      advertiseAddress: addresses.advertise,
      dataPathAddress: addresses.dataPath,
      managers: [{ nodeId, address: addresses.advertise }],
    };
    await this.file.save(membership.state);
    await this.startManager(membership.state, { kind: 'force-new-cluster' });
    return nodeId;
  }

  private async joinCluster(request: JoinRequest): Promise<void> {
    if (this.membership !== undefined) {
      throw alreadyInSwarm();
    }
    if (request.remoteAddrs.length === 0) {
      throw new SkeinError('invalid', 'no-remote', 'at least 1 RemoteAddr is required to join');
    }
    const remotes = request.remoteAddrs.map((address) => {
      const { host, port } = parseHostPort(address, 'remote address', DEFAULT_CLUSTER_PORT);
      return joinHostPort(host, port);
    });
    const addresses = resolveAddresses(request);
    await this.clearRemains();
    this.localState = 'pending';
    try {
      const identity = await this.dependencies.enrolment.join({
        addresses: remotes,
        token: request.joinToken,
        availability: request.availability,
      });
      await saveIdentity(this.certificates, identity);
      const state: NodeState = {
        listenAddress: addresses.listen,
        advertiseAddress: addresses.advertise,
        dataPathAddress: addresses.dataPath,
        managers: remotes.map((address) => ({ nodeId: '', address })),
      };
      if (identity.role === 'manager') {
        await this.startManager(state, { kind: 'join', managers: remotes });
      }
      await this.file.save(state);
      await this.enter(identity, state);
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  private async leaveCluster(force: boolean): Promise<void> {
    const { membership } = this;
    if (membership === undefined) {
      throw notInSwarm();
    }
    if (membership.identity.get().role === 'manager') {
      await this.leaveRaft(membership.identity.get().nodeId, force);
    }
    this.renewal?.cancel();
    await this.stopManager();
    await membership.agent.leave();
    this.membership = undefined;
    this.desiredRole = undefined;
    this.localState = 'inactive';
    this.error = '';
    await this.file.remove();
    await this.clearRemains();
    this.dependencies.log.info({}, 'this node has left the swarm');
  }

  /** Without force it only counts and refuses; forced, it takes itself out while that keeps the quorum. */
  private async leaveRaft(nodeId: Id, force: boolean): Promise<void> {
    let managers = 1;
    let reachable = 1;
    try {
      const nodes = await this.localManager().control.listNodes(
        { filters: { role: ['manager'] } },
        localContext(LOCAL_CALL_MS),
      );
      const members = nodes.filter((node) => node.managerStatus !== undefined);
      managers = Math.max(1, members.length);
      reachable = members.filter((node) => node.managerStatus?.reachability === 'reachable').length;
    } catch (error) {
      this.dependencies.log.warn({ error: errorMessage(error) }, 'cannot count the managers');
    }
    if (!force) {
      throw leaveNeedsForce(managers, reachable);
    }
    if (managers > 1) {
      try {
        await this.localManager().membership.leave({ nodeId }, localContext(LEAVE_RAFT_MS));
      } catch (error) {
        this.dependencies.log.warn({ error: errorMessage(error) }, 'leaving without being taken out of raft');
      }
    }
  }

  private async activate(identity: Identity, state: NodeState, start: ManagerStart): Promise<void> {
    if (identity.role === 'manager') {
      try {
        await this.startManager(state, start);
      } catch (error) {
        this.error = errorMessage(error);
        this.dependencies.log.error({ error: this.error }, 'the manager cannot start');
        this.superviseLater();
      }
    }
    await this.enter(identity, state);
  }

  private async enter(identity: Identity, state: NodeState): Promise<void> {
    const current = new CurrentIdentity(identity);
    const agent = this.dependencies.createAgent(current, state);
    this.membership = { identity: current, agent, state };
    agent.onSession((news) => this.onSession(news));
    await agent.start();
    this.localState = 'active';
    this.planRenewal(this.dependencies.enrolment.renewAt(identity) - this.dependencies.clock.now());
  }

  private async startManager(state: NodeState, start: ManagerStart): Promise<Id> {
    this.manager ??= this.dependencies.createManager(() => this.onManagerCrash());
    const nodeId = await this.manager.start({
      directory: this.managerDirectory,
      certificates: this.certificates,
      socket: this.options.managerSocket,
      listenAddress: state.listenAddress,
      advertiseAddress: state.advertiseAddress,
      logLevel: this.options.logLevel,
      start,
    });
    this.local ??= this.dependencies.connectLocal(this.options.managerSocket);
    this.error = '';
    this.retryMs = RETRY_FIRST_MS;
    return nodeId;
  }

  private async stopManager(): Promise<void> {
    await this.manager?.stop();
    this.local?.close();
    this.local = undefined;
  }

  private onManagerCrash(): void {
    this.dependencies.log.error({}, 'the manager process ended unexpectedly; starting it again');
    this.superviseLater();
  }

  private superviseLater(): void {
    const delay = this.retryMs;
    this.retryMs = Math.min(this.retryMs * 2, RETRY_LAST_MS);
    this.dependencies.clock.after(delay, () => {
      void this.exclusive(async () => {
        const { membership } = this;
        if (this.stopping || membership === undefined || membership.identity.get().role !== 'manager') {
          return;
        }
        try {
          await this.startManager(membership.state, {
            kind: 'restart',
            managers: addressesOf(membership.state),
          });
        } catch (error) {
          this.error = errorMessage(error);
          this.dependencies.log.error({ error: this.error }, 'the manager cannot start');
          this.superviseLater();
        }
      });
    });
  }

  private onSession(news: SessionNews): void {
    const { membership } = this;
    if (membership === undefined) {
      return;
    }
    this.desiredRole = news.desiredRole;
    if (
      JSON.stringify(news.managers) !== JSON.stringify(membership.state.managers) &&
      news.managers.length > 0
    ) {
      membership.state = { ...membership.state, managers: news.managers };
      this.file.save(membership.state).catch((error: unknown) => {
        this.dependencies.log.warn({ error: errorMessage(error) }, 'cannot write down the managers');
      });
    }
    if (news.desiredRole !== membership.identity.get().role) {
      this.planRenewal(0);
    }
  }

  private planRenewal(delayMs: number): void {
    this.renewal?.cancel();
    this.renewal = this.dependencies.clock.after(Math.max(0, delayMs), () => {
      void this.exclusive(() => this.renewNow());
    });
  }

  /** Gets a new certificate and, where its role differs, starts or ends the manager. */
  private async renewNow(): Promise<void> {
    const { membership, dependencies } = this;
    if (membership === undefined || this.stopping) {
      return;
    }
    const before = membership.identity.get();
    try {
      const renewed = await dependencies.enrolment.renew(before, addressesOf(membership.state));
      await saveIdentity(this.certificates, renewed);
      membership.identity.set(renewed);
      if (renewed.role !== before.role) {
        await this.changeRole(renewed.role, membership);
      }
      this.retryMs = RETRY_FIRST_MS;
      this.planRenewal(
        this.desiredRole !== undefined && this.desiredRole !== renewed.role
          ? RETRY_FIRST_MS
          : dependencies.enrolment.renewAt(renewed) - dependencies.clock.now(),
      );
    } catch (error) {
      dependencies.log.warn({ error: errorMessage(error) }, 'cannot renew the certificate yet');
      this.planRenewal(this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, RETRY_LAST_MS);
    }
  }

  private async changeRole(role: NodeRole, membership: Membership): Promise<void> {
    this.dependencies.log.info({ role }, "this node's role changes");
    if (role === 'manager') {
      await rm(this.managerDirectory, { recursive: true, force: true });
      try {
        await this.startManager(membership.state, { kind: 'join', managers: addressesOf(membership.state) });
      } catch (error) {
        this.error = errorMessage(error);
        this.dependencies.log.error({ error: this.error }, 'the manager cannot start');
        this.superviseLater();
      }
      return;
    }
    await this.stopManager();
    await rm(this.managerDirectory, { recursive: true, force: true });
  }

  /** A failed init or join leaves the node as it was. */
  private async abandon(): Promise<void> {
    await this.stopManager();
    this.localState = 'inactive';
    await this.file.remove();
    await this.clearRemains();
  }

  private async clearRemains(): Promise<void> {
    await removeIdentity(this.certificates);
    await rm(this.managerDirectory, { recursive: true, force: true });
  }
}

function addressesOf(state: NodeState): string[] {
  return state.managers.map((manager) => manager.address);
}

function hostOf(address: string): string {
  return parseHostPort(address, 'address', DEFAULT_CLUSTER_PORT).host;
}

function localContext(timeoutMs: number): CallContext {
  return { peer: { kind: 'local' }, signal: AbortSignal.timeout(timeoutMs) };
}
