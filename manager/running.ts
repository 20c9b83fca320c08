// Everything of one manager that runs, in the order in which it is put together: the store and the services over
// raft, the servers, raft itself. Nothing here decides anything; `manager.ts` says when each part starts.
import type { Clock } from '../shared/clock.ts';
import { CurrentIdentity, type Identity } from '../shared/identity/identity.ts';
import { IdentityWatcher } from '../shared/identity/watcher.ts';
import type { Sealing } from '../shared/identity/sealing.ts';
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
import { BackupMaker } from './backup/service.ts';
import { isRevoked } from './ca/server.ts';
import { hostLives } from './host_probe.ts';
import { lateRaft, raftStarting } from './late_raft.ts';
import { waitingForLeader } from './leader_wait.ts';
import { LockKeeper } from './lock_keeper.ts';
import { Leadership } from './leadership.ts';
import type { LogBroker } from './logs/broker.ts';
import type { MemberFile } from './member_file.ts';
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

/** Everything of one manager that runs; made by `Manager`, which knows in which order it starts. */
export class Running {
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
      defer: (callback) => setImmediate(callback),
      leaderAddress: () => this.leaderAddress(),
      managerAddresses: () => this.raft?.status().members.map(({ address }) => address) ?? [],
      probe: (address, nodeId, signal) => this.probe(address, nodeId, signal),
      hostLives: (address) => hostLives(clock, address),
      heard: () => this.transport?.addresses() ?? new Map(),
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
    // On a connection of its own: one that was refused a moment ago would say so again at once.
    const connection = this.peers.open(address, nodeId);
    try {
      await client(managerMethods, connection).getState(localContext(signal));
    } finally {
      connection.close();
    }
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

export function localContext(signal: AbortSignal): CallContext {
  return { peer: { kind: 'local' }, signal };
}

export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}
