// The manager's parts list: raft under the store, the services over both, and the loops of the leader.
// Reads from top to bottom as it is built; nothing here decides anything.
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { SkeinError } from '../shared/errors.ts';
import { loadIdentity, saveIdentity } from '../shared/identity/files.ts';
import { CurrentIdentity, type Identity } from '../shared/identity/identity.ts';
import { IdentityWatcher } from '../shared/identity/watcher.ts';
import { Sealing } from '../shared/identity/sealing.ts';
import type { Startable } from '../shared/lifecycle.ts';
import type { Logger } from '../shared/log.ts';
import type { ManagerService, ManagerState } from '../shared/protocol/control.ts';
import type { LogService } from '../shared/protocol/logs.ts';
import type { ManagerConfig } from '../shared/protocol/manager_process.ts';
import type { CallContext } from '../shared/protocol/peer.ts';
import type { RaftTransportService } from '../shared/protocol/raft.ts';
import type { Random } from '../shared/random.ts';
import { client } from '../shared/rpc/client.ts';
import { type LeaderRoute, toLeader } from '../shared/rpc/forward.ts';
import { TlsListener } from '../shared/rpc/listener_tls.ts';
import { UnixListener } from '../shared/rpc/listener_unix.ts';
import type { MethodTable } from '../shared/rpc/method.ts';
import { RpcServer } from '../shared/rpc/server.ts';
import { backupMethods } from '../shared/wire/methods/backup.ts';
import { caMethods } from '../shared/wire/methods/ca.ts';
import { controlMethods } from '../shared/wire/methods/control.ts';
import { dispatcherMethods } from '../shared/wire/methods/dispatcher.ts';
import { logMethods } from '../shared/wire/methods/logs.ts';
import { managerMethods } from '../shared/wire/methods/manager.ts';
import { raftTransportMethods } from '../shared/wire/methods/raft.ts';
import { raftMembershipMethods } from '../shared/wire/methods/raft_membership.ts';
import { createIngressNetwork } from './allocator/ingress_network.ts';
import { readBackup, replaceManagers, seedRaft } from './backup/restore.ts';
import { BackupMaker } from './backup/service.ts';
import { createCluster, firstManager, type NewCluster } from './ca/bootstrap.ts';
import { isRevoked } from './ca/server.ts';
import { hostLives } from './host_probe.ts';
import { lateRaft, raftStarting } from './late_raft.ts';
import { waitingForLeader } from './leader_wait.ts';
import { LockKeeper } from './lock_keeper.ts';
import { Leadership } from './leadership.ts';
import type { LogBroker } from './logs/broker.ts';
import { type MemberFile, readMember, writeMember } from './member_file.ts';
import { managerParts } from './parts.ts';
import { PeerConnections } from './peers.ts';
import { ConsensusNode } from './raft/node.ts';
import { realDisk } from './raft/storage/disk.ts';
import { openDataKey } from './raft/storage/key.ts';
import { RaftStorage } from './raft/storage/storage.ts';
import { StreamTransport } from './raft/transport/transport.ts';
import { requireRoom } from './room.ts';
import type { ReplicatedStore } from './store/store.ts';

export interface ManagerDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The process must end: the disk failed, or an invariant broke. */
  readonly onFatal: (error: unknown) => void;
  /** Autolock was turned on: the daemon seals the certificate's key with this lock key. */
  readonly onLock: (lockKey: Uint8Array) => void;
}

/** Leading takes one election; a founder leads at once. */
const BOOTSTRAP_TIMEOUT_MS = 20_000;
/** The leader probes this manager, adds it and may send it a snapshot first. */
const JOIN_TIMEOUT_MS = 30_000;
const RAFT_ID_BYTES = 6;

export class Manager implements Startable {
  private readonly dependencies: ManagerDependencies;
  private readonly config: ManagerConfig;
  private running: Running | undefined;

  constructor(dependencies: ManagerDependencies, config: ManagerConfig) {
    this.dependencies = dependencies;
    this.config = config;
  }

  get nodeId(): string {
    return this.running?.identity.get().nodeId ?? '';
  }

  async start(): Promise<void> {
    const { start } = this.config;
    await mkdir(dirname(this.config.socket), { recursive: true, mode: 0o711 });
    if (start.kind === 'bootstrap') {
      await this.found(start);
    } else if (start.kind === 'restore') {
      await this.restore(start);
    } else {
      const identity = await loadIdentity(this.config.certificates, this.dependencies.clock.now(), {
        allowExpired: true,
        lock: this.lock(),
      });
      await this.enter(identity);
    }
  }

  async stop(): Promise<void> {
    const { running } = this;
    this.running = undefined;
    if (running === undefined) {
      return;
    }
    // Leadership goes first, so that the others need not wait for a time-out.
    await running.raft?.stop();
    await running.leadership?.set(false);
    await Promise.all([running.cluster.stop(), running.local.stop()]);
    await running.watcher.stop();
    await running.keeper.stop();
    running.peers.close();
  }

  private lock(): Sealing | undefined {
    const { lockKey } = this.config;
    return lockKey === undefined
      ? undefined
      : new Sealing(Buffer.from(lockKey, 'base64'), this.dependencies.random);
  }

  private async found(start: Extract<ManagerConfig['start'], { kind: 'bootstrap' }>): Promise<void> {
    const { clock, random } = this.dependencies;
    const created = await createCluster(
      { clock, random },
      {
        address: hostOf(this.config.advertiseAddress),
        settings: start.settings,
        availability: start.availability,
        defaultAddressPool: start.defaultAddressPool,
        subnetSize: start.subnetSize,
        dataPathPort: start.dataPathPort,
      },
    );
    await rm(this.config.directory, { recursive: true, force: true });
    const running = this.build(created.identity);
    await running.cluster.start();
    await saveIdentity(this.config.certificates, created.identity);
    const member = { raftId: drawRaftId(random), members: [] };
    await writeMember(this.config.directory, member);
    await this.startRaft(running, member, { kind: 'bootstrap' });
    await this.commitFirst(running, created);
    await running.keeper.start();
    await running.local.start();
  }

  /** A cluster from a backup. Everything of the file is read before anything is written. */
  private async restore(start: Extract<ManagerConfig['start'], { kind: 'restore' }>): Promise<void> {
    const { clock, random } = this.dependencies;
    const { directory, certificates, advertiseAddress } = this.config;
    const restored = await readBackup(start.file, start.secret);
    const place = { address: hostOf(advertiseAddress), availability: start.availability };
    const { node, identity } = await firstManager(restored.cluster, place, clock.now(), random);
    await rm(directory, { recursive: true, force: true });
    const running = this.build(identity);
    await running.cluster.start();
    await saveIdentity(certificates, identity);
    const member = { raftId: drawRaftId(random), members: [] };
    await writeMember(directory, member);
    const self = { raftId: member.raftId, nodeId: identity.nodeId, address: advertiseAddress };
    await seedRaft({ random }, { directory, lock: this.lock(), member: self }, restored);
    await this.startRaft(running, member, start);
    await leading(running, AbortSignal.timeout(BOOTSTRAP_TIMEOUT_MS));
    await replaceManagers(running.store, node);
    await running.keeper.start();
    await running.local.start();
  }

  /** Joins with an id that it then keeps, or goes on under the one it has. */
  private async enter(identity: Identity): Promise<void> {
    const { start } = this.config;
    const running = this.build(identity);
    await running.cluster.start();
    let member = await readMember(this.config.directory);
    if (member === undefined) {
      const managers = start.kind === 'join' || start.kind === 'restart' ? start.managers : [];
      member = await this.join(running, managers);
      await writeMember(this.config.directory, member);
    }
    await this.startRaft(running, member, start);
    await running.keeper.start();
    await running.local.start();
  }

  private build(identity: Identity): Running {
    const running = new Running(this.dependencies, this.config, identity, this.lock());
    this.running = running;
    return running;
  }

  private async startRaft(
    running: Running,
    member: MemberFile,
    start: { readonly kind: ManagerConfig['start']['kind'] },
  ): Promise<void> {
    await running.startRaft(member, start.kind);
  }

  private async join(running: Running, managers: readonly string[]): Promise<MemberFile> {
    const signal = AbortSignal.timeout(JOIN_TIMEOUT_MS);
    const failures: unknown[] = [];
    // A manager that joins anew still knows its own address as one of theirs: it cannot let itself in.
    for (const address of managers.filter((candidate) => candidate !== this.config.advertiseAddress)) {
      try {
        const remote = client(raftMembershipMethods, running.peers.get(address, ''));
        const { raftId, members } = await remote.join(
          { address: this.config.advertiseAddress },
          localContext(signal),
        );
        return { raftId, members };
      } catch (error) {
        failures.push(error);
      }
    }
    throw (
      failures[0] ??
      new SkeinError('unavailable', 'no-managers', 'no manager of the cluster is known to this node')
    );
  }

  /** The cluster's first entry: the cluster itself, this node, and the network of the routing mesh. */
  private async commitFirst(running: Running, created: NewCluster): Promise<void> {
    await leading(running, AbortSignal.timeout(BOOTSTRAP_TIMEOUT_MS));
    await running.store.update((tx) => {
      tx.create('cluster', created.cluster);
      tx.create('node', created.node);
      createIngressNetwork(tx, this.dependencies.random);
    });
  }
}

/** Everything of one manager that runs; made by `Manager`, which knows in which order it starts. */
class Running {
  readonly identity: CurrentIdentity;
  readonly watcher: IdentityWatcher;
  readonly keeper: LockKeeper;
  readonly peers: PeerConnections;
  readonly store: ReplicatedStore;
  readonly cluster: RpcServer;
  readonly local: RpcServer;
  raft: ConsensusNode | undefined;
  leadership: Leadership | undefined;
  private transport: StreamTransport | undefined;
  private leads = false;
  private readonly dependencies: ManagerDependencies;
  private readonly config: ManagerConfig;
  private readonly createLoops: () => readonly Startable[];
  private readonly listener: TlsListener;

  constructor(
    dependencies: ManagerDependencies,
    config: ManagerConfig,
    identity: Identity,
    lock: Sealing | undefined,
  ) {
    this.dependencies = dependencies;
    this.config = config;
    const { clock, random, log } = dependencies;
    this.identity = new CurrentIdentity(identity);
    this.watcher = new IdentityWatcher(
      { identity: this.identity, clock, log, lock: () => this.keeper.lock },
      { directory: config.certificates },
    );
    this.peers = new PeerConnections({ clock, identity: this.identity });
    const raft = lateRaft(() => this.raft);
    const { store, ca, control, dispatcher, logs, membership, createLoops } = managerParts({
      clock,
      random,
      log,
      raft,
      leaderAddress: () => this.leaderAddress(),
      probe: (address, nodeId, signal) => this.probe(address, nodeId, signal),
      hostLives: (address) => hostLives(clock, address),
    });
    this.store = store;
    this.createLoops = createLoops;
    this.keeper = new LockKeeper(
      { store, clock, random, log: log.child({ part: 'lock' }), onLock: dependencies.onLock },
      { directory: config.directory, lock },
    );

    const atLeader = <Service extends object>(table: MethodTable<Service>, service: Service): Service =>
      waitingForLeader(
        table,
        toLeader(table, service, () => this.route(table)),
        { raft, clock },
      );
    this.listener = new TlsListener(
      { identity: this.identity, clock, log, isRevoked: (nodeId) => isRevoked(store.view, nodeId) },
      hostAndPort(config.listenAddress),
    );
    this.cluster = new RpcServer({ listener: this.listener, clock, log });
    this.local = new RpcServer({ listener: new UnixListener({}, { path: config.socket }), clock, log });
    const manager: ManagerService = { getState: async () => this.state() };
    const atLeaderControl = atLeader(controlMethods, control);
    const atLeaderLogs = atLeader(logMethods, logs);
    const atLeaderMembership = atLeader(raftMembershipMethods, membership);
    for (const server of [this.cluster, this.local]) {
      server.serve(caMethods, atLeader(caMethods, ca));
      server.serve(controlMethods, atLeaderControl);
      server.serve(raftMembershipMethods, atLeaderMembership);
      server.serve(managerMethods, manager);
      // Agents follow the leader themselves: a manager that does not lead tells them where it is.
      server.serve(logMethods, server === this.local ? atLeaderLogs : agentsStay(atLeaderLogs, logs));
    }
    this.local.serve(backupMethods, new BackupMaker({ store, raft, clock, random }));
    this.cluster.serve(dispatcherMethods, dispatcher);
    this.cluster.serve(raftTransportMethods, this.lateTransport());
    store.watch((event) => {
      if (event.kind === 'restored' || event.commit.changes.some((change) => change.table === 'cluster')) {
        this.listener.recheck();
      }
    });
  }

  async startRaft(member: MemberFile, kind: ManagerConfig['start']['kind']): Promise<void> {
    const { clock, random, log, onFatal } = this.dependencies;
    const { directory, advertiseAddress } = this.config;
    const { nodeId } = this.identity.get();
    await requireRoom(directory);
    const dataKey = await openDataKey(realDisk, random, directory, this.keeper.lock);
    const storage = new RaftStorage({ disk: realDisk, random }, { directory, dataKey });
    const connect = (address: string, peerId: string): RaftTransportService =>
      client(raftTransportMethods, this.peers.get(address, peerId));
    const logger = log.child({ part: 'raft' });
    this.transport = new StreamTransport(
      { clock, random, logger, connect },
      { raftId: member.raftId, address: advertiseAddress, nodeId },
    );
    const { raftId, members } = member;
    this.raft = new ConsensusNode(
      {
        clock,
        random,
        logger,
        storage,
        transport: this.transport,
        stateMachine: this.store,
        defer: (callback) => setImmediate(callback),
        onFatal,
      },
      {
        first:
          kind === 'bootstrap'
            ? { kind: 'bootstrap', member: { raftId, nodeId, address: advertiseAddress } }
            : { kind: 'join', raftId, members },
        transferOnStop: true,
        forceNewCluster: kind === 'force-new-cluster',
      },
    );
    const leadership = new Leadership({ log, createLoops: this.createLoops });
    this.leadership = leadership;
    this.raft.onLeadership(({ leader }) => {
      this.leads = leader;
      leadership.set(leader).catch(onFatal);
    });
    await this.raft.start();
    await this.watcher.start();
  }

  get leader(): boolean {
    return this.leads;
  }

  private lateTransport(): RaftTransportService {
    const now = () => {
      if (this.transport === undefined) {
        throw raftStarting();
      }
      return this.transport.service;
    };
    return {
      messages: async (batches, context) => now().messages(batches, context),
      snapshot: async (parts, context) => now().snapshot(parts, context),
    };
  }

  private route<Service>(table: MethodTable<Service>): LeaderRoute<Service> {
    if (this.leads) {
      return { kind: 'here' };
    }
    const status = this.raft?.status();
    const leader = status?.members.find((member) => member.raftId === status.leaderId);
    if (status === undefined || leader === undefined || leader.raftId === status.raftId) {
      return { kind: 'none' };
    }
    const service = client(table, this.peers.get(leader.address, leader.nodeId), { forwardPeer: true });
    return { kind: 'elsewhere', address: leader.address, service };
  }

  private leaderAddress(): string {
    const status = this.raft?.status();
    return status?.members.find((member) => member.raftId === status.leaderId)?.address ?? '';
  }

  private async probe(address: string, nodeId: string, signal: AbortSignal): Promise<void> {
    await client(managerMethods, this.peers.get(address, nodeId)).getState(localContext(signal));
  }

  private state(): ManagerState {
    const { nodeId } = this.identity.get();
    const status = this.raft?.status();
    if (status === undefined) {
      return { nodeId, leader: false, leaderNodeId: '', leaderAddress: '', managers: 0, hasQuorum: false };
    }
    const leader = status.members.find((member) => member.raftId === status.leaderId);
    return {
      nodeId,
      leader: this.leads,
      leaderNodeId: leader?.nodeId ?? '',
      leaderAddress: leader?.address ?? '',
      managers: status.members.length,
      hasQuorum: leader !== undefined,
    };
  }
}

/** Operators' subscriptions are passed on; `listen` and `publish` of agents are answered here or refused. */
function agentsStay(forwarded: LogService, local: LogBroker): LogService {
  return {
    subscribe: forwarded.subscribe.bind(forwarded),
    listen: local.listen.bind(local),
    publish: local.publish.bind(local),
  };
}

async function leading(running: Running, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    if (running.leader) {
      resolve();
      return;
    }
    const unsubscribe = running.raft?.onLeadership(({ leader }) => {
      if (leader) {
        unsubscribe?.();
        resolve();
      }
    });
    signal.addEventListener(
      'abort',
      () => reject(new SkeinError('timeout', 'no-leader', 'the first manager did not come to lead in time')),
      {
        once: true,
      },
    );
  });
}

function drawRaftId(random: Random): number {
  return Math.max(
    1,
    random.bytes(RAFT_ID_BYTES).reduce((value, byte) => value * 256 + byte, 0),
  );
}

function localContext(signal: AbortSignal): CallContext {
  return { peer: { kind: 'local' }, signal };
}

function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}

function hostOf(address: string): string {
  return hostAndPort(address).host;
}
