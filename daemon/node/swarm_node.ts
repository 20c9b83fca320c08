// This node's life in a cluster: init, join, leave, promotion and demotion, renewal of its certificate.
// It starts and stops the manager process and the agent as the node's role and state ask; what they do is
// theirs to know.
import { join } from 'node:path';
import { errorMessage } from '../../shared/errors.ts';
import type { CurrentIdentity, Identity } from '../../shared/identity/identity.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { NodeRole } from '../../shared/model/node.ts';
import type { BackupService } from '../../shared/protocol/backup.ts';
import type { ControlService, ManagerState } from '../../shared/protocol/control.ts';
import type { LogService } from '../../shared/protocol/logs.ts';
import type { ManagerConfig, ManagerStart } from '../../shared/protocol/manager_process.ts';
import type { Random } from '../../shared/random.ts';
import type { NetworkReport } from '../../worker/network/api.ts';
import type {
  InitRequest,
  JoinRequest,
  LocalNode,
  LocalNodeState,
  NodeBackend,
  RestoreRequest,
} from '../api/backend.ts';
import { hostOf, interfacesOf, resolveAddresses } from '../host_addresses.ts';
import {
  alreadyInSwarm,
  leaveLockedNeedsForce,
  noSwarm,
  notAManager,
  notInSwarm,
  notLocked,
} from './errors.ts';
import type { Renewals } from './certificate_keeper.ts';
import { IdentityStore } from './identity_store.ts';
import { type AgentHandle, Membership } from './membership.ts';
import {
  type LocalManager,
  ManagerSupervisor,
  type ManagerSupervisorDependencies,
} from './manager_supervisor.ts';
import { bootstrapStart, remotesOf, stateNow } from './entry.ts';
import { leaveRaft } from './leave_raft.ts';
import { usableManager } from './usable_manager.ts';
import { localContext } from './local_manager.ts';
import { NodeLock } from './node_lock.ts';
import { addressesOf, type NodeState, StateFile } from './state_file.ts';

export interface Enrolment extends Renewals {
  join(request: {
    readonly addresses: readonly string[];
    readonly token: string;
    readonly availability: JoinRequest['availability'];
  }): Promise<Identity>;
}

export interface SwarmNodeDependencies extends ManagerSupervisorDependencies {
  readonly random: Random;
  readonly enrolment: Enrolment;
  readonly createAgent: (identity: CurrentIdentity, state: NodeState) => AgentHandle;
  /** Ends the containers and networks of a membership that was never taken up. */
  readonly endRemains: () => Promise<void>;
}

export interface SwarmNodeOptions {
  readonly root: string;
  readonly managerSocket: string;
  readonly hostname: string;
  readonly logLevel: ManagerConfig['logLevel'];
  /** VXLAN port of a cluster made here without one. */
  readonly dataPathPort: number;
}

/** The longest the local manager may take to say how it stands. */
const LOCAL_CALL_MS = 5_000;

export class SwarmNode implements NodeBackend, Startable {
  private readonly dependencies: SwarmNodeDependencies;
  private readonly options: SwarmNodeOptions;
  private readonly file: StateFile;
  private readonly identities: IdentityStore;
  private readonly manager: ManagerSupervisor;
  private readonly lock: NodeLock;
  private membership: Membership | undefined;
  private localState: LocalNodeState = 'inactive';
  /** Init, join, leave and role changes never overlap. */
  private queue: Promise<unknown> = Promise.resolve();
  constructor(dependencies: SwarmNodeDependencies, options: SwarmNodeOptions) {
    this.dependencies = dependencies;
    this.options = options;
    this.file = new StateFile(join(options.root, 'swarm'));
    const directory = join(options.root, 'manager');
    const certificates = join(options.root, 'certificates');
    this.lock = new NodeLock(dependencies, { directory });
    this.identities = new IdentityStore(
      { clock: dependencies.clock, lock: this.lock },
      { directory: certificates },
    );
    this.manager = new ManagerSupervisor(dependencies, {
      directory,
      certificates,
      socket: options.managerSocket,
      logLevel: options.logLevel,
      lockKey: () => this.lock.sealing?.key,
      onLock: (lockKey) => this.onLock(lockKey),
    });
  }

  /** Takes up the membership of before, if there was one. A manager that cannot start leaves the worker running. */
  async start(): Promise<void> {
    const state = await this.file.load();
    if (state === undefined) {
      return;
    }
    if (await this.lock.load()) {
      this.localState = 'locked';
      this.dependencies.log.warn({}, 'this manager is locked: unlock it with skein swarm unlock');
      return;
    }
    await this.takeUp(state);
  }

  private async takeUp(before: NodeState): Promise<void> {
    const state = stateNow(before);
    if (state !== before) {
      const { advertiseAddress } = state;
      this.dependencies.log.info(
        { before: before.advertiseAddress, advertiseAddress },
        'this machine has another address',
      );
      await this.file.save(state);
    }
    const identity = await this.identities.ofBefore();
    if (identity.role === 'manager') {
      await this.manager.resume(state);
    } else {
      // A demotion that was cut short may have left raft's state: its id must never be used again.
      await this.manager.forget();
    }
    await this.enter(identity, state);
  }

  async stop(): Promise<void> {
    await this.queue.catch(() => undefined);
    this.membership?.holdRole();
    await this.manager.stop();
    await this.membership?.stop();
  }

  status(): LocalNode {
    const { membership } = this;
    const identity = membership?.identity.get();
    return {
      state: this.localState,
      nodeId: identity?.nodeId ?? '',
      nodeAddress: membership === undefined ? '' : hostOf(membership.state.advertiseAddress),
      clusterId: identity?.clusterId ?? '',
      controlAvailable: membership !== undefined && this.manager.local !== undefined,
      error: this.manager.error,
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

  restore({ file, secret, ...addresses }: RestoreRequest): Promise<Id> {
    const start = { kind: 'restore', file, secret, availability: 'active' } as const;
    return this.exclusive(() => this.foundCluster(addresses, start));
  }

  leave(request: { readonly force: boolean }): Promise<void> {
    return this.exclusive(() => this.leaveCluster(request.force));
  }

  unlock(unlockKey: string): Promise<void> {
    return this.exclusive(async () => {
      const state = await this.file.load();
      if (this.localState !== 'locked' || state === undefined) {
        throw notLocked();
      }
      this.lock.unlock(unlockKey);
      await this.takeUp(state);
      this.dependencies.log.info({}, 'this manager is unlocked');
    });
  }

  control(): ControlService {
    return this.localManager().control;
  }

  logs(): LogService {
    return this.localManager().logs;
  }

  /** @throws SkeinError `not-in-swarm` */
  async checkNetworks(): Promise<readonly NetworkReport[]> {
    if (this.membership === undefined) {
      throw noSwarm();
    }
    return this.membership.checkNetworks();
  }

  backup(): BackupService {
    return this.localManager().backup;
  }

  managerState(): Promise<ManagerState> {
    return this.localManager().getState(localContext(LOCAL_CALL_MS));
  }

  private localManager(): LocalManager {
    const { localState, membership, manager } = this;
    return usableManager({ localState, role: membership?.role, local: manager.local, error: manager.error });
  }

  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work, work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private bootstrap(request: InitRequest): Promise<Id> {
    return this.foundCluster(request, bootstrapStart(request, this.options));
  }

  /** This node becomes the only manager of a new cluster, or of a restored one. */
  private async foundCluster(
    request: Parameters<typeof resolveAddresses>[0],
    start: Extract<ManagerStart, { kind: 'bootstrap' | 'restore' }>,
  ): Promise<Id> {
    this.refuseInSwarm();
    const addresses = resolveAddresses(request);
    return this.entering(async () => {
      const state: NodeState = { ...addresses, interfaces: interfacesOf(addresses), managers: [] };
      const nodeId = await this.manager.start(state, start);
      const full = { ...state, managers: [{ nodeId, address: addresses.advertiseAddress }] };
      await this.file.save(full);
      const identity = await this.identities.fresh();
      await this.identities.save(identity);
      await this.enter(identity, full);
      return nodeId;
    });
  }

  private refuseInSwarm(): void {
    if (this.membership !== undefined || this.localState === 'locked') {
      throw alreadyInSwarm();
    }
  }

  private async forceNewCluster(request: InitRequest): Promise<Id> {
    const { membership } = this;
    if (membership?.role !== 'manager') {
      throw notAManager();
    }
    const addresses = resolveAddresses({
      listenAddr: request.listenAddr || membership.state.listenAddress,
      advertiseAddr: request.advertiseAddr || membership.state.advertiseAddress,
      dataPathAddr: request.dataPathAddr || membership.state.dataPathAddress,
    });
    const { nodeId } = membership;
    await this.manager.stop();
    const interfaces = interfacesOf(addresses);
    const managers = [{ nodeId, address: addresses.advertiseAddress }];
    await membership.setState({ ...addresses, interfaces, managers });
    return this.manager.start(membership.state, { kind: 'force-new-cluster' });
  }

  private async joinCluster(request: JoinRequest): Promise<void> {
    this.refuseInSwarm();
    const remotes = remotesOf(request);
    const addresses = resolveAddresses(request);
    await this.entering(async () => {
      const identity = await this.dependencies.enrolment.join({
        addresses: remotes,
        token: request.joinToken,
        availability: request.availability,
      });
      await this.identities.save(identity);
      const managers = remotes.map((address) => ({ nodeId: '', address }));
      const state = { ...addresses, interfaces: interfacesOf(addresses), managers };
      if (identity.role === 'manager') {
        await this.manager.start(state, { kind: 'join', managers: remotes });
      }
      await this.file.save(state);
      await this.enter(identity, state);
    });
  }

  /** Runs an init or join; one that fails leaves the node as it was, in no cluster. */
  private async entering<T>(work: () => Promise<T>): Promise<T> {
    await this.clearRemains();
    this.localState = 'pending';
    try {
      const result = await work();
      await this.membership?.untilKnown();
      return result;
    } catch (error) {
      await this.manager.stop();
      this.localState = 'inactive';
      await this.file.remove();
      await this.clearRemains();
      throw error;
    }
  }

  private async enter(identity: Identity, state: NodeState): Promise<void> {
    const { clock, log, enrolment, createAgent } = this.dependencies;
    const { identities, file } = this;
    const onRole = (role: NodeRole): Promise<void> => this.exclusive(() => this.changeRole(role));
    this.membership = new Membership(
      { clock, log, renewals: enrolment, createAgent, identities, file, onRole },
      { identity, state },
    );
    await this.membership.start();
    this.localState = 'active';
  }

  private onLock(lockKey: Uint8Array): void {
    this.lock.adopt(lockKey);
    const { membership } = this;
    if (membership !== undefined) {
      this.identities.save(membership.identity.get()).catch((error: unknown) => {
        this.dependencies.log.error({ error: errorMessage(error) }, "cannot seal the certificate's key yet");
      });
    }
  }

  private async changeRole(role: NodeRole): Promise<void> {
    const { membership } = this;
    if (membership === undefined) {
      return;
    }
    await this.manager.stop();
    // A worker's key lies in the open: it is written so before the lock that opens it goes.
    this.lock.forget();
    await this.identities.save(membership.identity.get());
    await this.manager.forget();
    if (role === 'manager') {
      const managers = addressesOf(membership.state);
      await this.manager.startInsistently(membership.state, { kind: 'join', managers });
    }
  }

  private async leaveCluster(force: boolean): Promise<void> {
    if (this.localState === 'locked') {
      await this.leaveLocked(force);
      return;
    }
    const { membership } = this;
    if (membership === undefined) {
      throw notInSwarm();
    }
    const { role, nodeId } = membership;
    if (role !== 'manager' || force) {
      await membership.handOver();
    }
    if (role === 'manager') {
      await leaveRaft({ manager: () => this.localManager(), log: this.dependencies.log }, { nodeId, force });
    }
    membership.holdRole();
    await this.manager.stop();
    await membership.leave();
    this.membership = undefined;
    this.localState = 'inactive';
    await this.file.remove();
    await this.clearRemains();
    this.dependencies.log.info({}, 'this node has left the swarm');
  }

  /** Without its key a manager cannot take itself out of raft: the others are told nothing. */
  private async leaveLocked(force: boolean): Promise<void> {
    if (!force) {
      throw leaveLockedNeedsForce();
    }
    await this.dependencies.endRemains();
    this.localState = 'inactive';
    await this.file.remove();
    await this.clearRemains();
    this.dependencies.log.warn({}, 'this node has left a swarm that it could not unlock');
  }

  private async clearRemains(): Promise<void> {
    this.lock.forget();
    await this.identities.remove();
    await this.manager.forget();
  }
}
