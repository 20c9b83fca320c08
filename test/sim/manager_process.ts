// One manager's process: the parts list of `manager/running.ts` over a simulated disk and network. Only what makes
// certificates, sockets and TLS is left out; who calls is told by the network instead of by a certificate.

import { decideRole } from '../../manager/ca/role.ts';
import { lateRaft } from '../../manager/late_raft.ts';
import { waitingForLeader } from '../../manager/leader_wait.ts';
import { Leadership } from '../../manager/leadership.ts';
import { type ManagerParts, managerParts } from '../../manager/parts.ts';
import type { StateMachine } from '../../manager/raft/api.ts';
import type { RaftCore } from '../../manager/raft/core/raft.ts';
import { ConsensusNode } from '../../manager/raft/node.ts';
import type { ConsensusOptions } from '../../manager/raft/options.ts';
import { openDataKey } from '../../manager/raft/storage/key.ts';
import { RaftStorage } from '../../manager/raft/storage/storage.ts';
import type { Transport } from '../../manager/raft/transport/api.ts';
import { StreamTransport } from '../../manager/raft/transport/transport.ts';
import type { Clock } from '../../shared/clock.ts';
import { SkeinError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { NodeRole } from '../../shared/model/node.ts';
import type { ControlService, ManagerService } from '../../shared/protocol/control.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { RaftMember, RaftMembershipService, RaftTransportService } from '../../shared/protocol/raft.ts';
import type { Random } from '../../shared/random.ts';
import { type LeaderRoute, toLeader } from '../../shared/rpc/forward.ts';
import type { MethodTable } from '../../shared/rpc/method.ts';
import { controlMethods } from '../../shared/wire/methods/control.ts';
import { dispatcherMethods } from '../../shared/wire/methods/dispatcher.ts';
import { managerMethods } from '../../shared/wire/methods/manager.ts';
import { raftTransportMethods } from '../../shared/wire/methods/raft.ts';
import { raftMembershipMethods } from '../../shared/wire/methods/raft_membership.ts';
import type { SimDisk } from './disk.ts';
import type { Place } from './network.ts';
import type { Caller, Rpc } from './rpc.ts';
import type { Scope } from './world.ts';

export interface MemberRecord {
  readonly raftId: number;
  readonly members: readonly RaftMember[];
}

export interface ManagerDependencies {
  readonly scope: Scope;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly disk: SimDisk;
  readonly rpc: Rpc;
  readonly place: Place;
  readonly nodeId: string;
  readonly clusterId: string;
  readonly placeOf: (nodeId: string) => Place | undefined;
  readonly makeTransport: (raftId: number, members: () => readonly RaftMember[]) => Transport;
  readonly wrap: (store: StateMachine) => StateMachine;
  readonly onFatal: (error: unknown) => void;
}

export const DIRECTORY = '/raft';

/** The renewal of a certificate, without the certificate: which role the node gets. */
export interface RenewalService {
  renew(request: { readonly nodeId: string }, context: CallContext): Promise<NodeRole>;
}
export const renewalMethods = {
  renew: { kind: 'unary', path: '/sim/Renew', timeoutMs: 10_000 },
} as unknown as MethodTable<RenewalService>;

export class ManagerProcess {
  readonly parts: ManagerParts;
  readonly control: ControlService;
  raft: ConsensusNode | undefined;
  leads = false;
  private readonly on: ManagerDependencies;
  private transport: Transport | undefined;

  constructor(dependencies: ManagerDependencies) {
    this.on = dependencies;
    const { clock, random, log, rpc, place, scope } = dependencies;
    const raft = lateRaft(() => this.raft);
    this.parts = managerParts({
      clock,
      random,
      log,
      raft,
      defer: (callback) => void clock.after(0, callback),
      leaderAddress: () => this.leader()?.address ?? '',
      managerAddresses: () => this.raft?.status().members.map(({ address }) => address) ?? [],
      probe: async (address, _nodeId, signal) => {
        await rpc
          .client(managerMethods, this.caller(), placeOfAddress(address))
          .getState(this.context(signal));
      },
    });
    const atLeader = <Service extends object>(table: MethodTable<Service>, service: Service): Service =>
      waitingForLeader(
        table,
        toLeader(table, service, () => this.route(table)),
        { raft, clock },
      );
    this.control = atLeader(controlMethods, this.parts.control);
    const manager: ManagerService = {
      getState: async () => ({
        nodeId: dependencies.nodeId,
        leader: this.leads,
        leaderNodeId: this.leader()?.nodeId ?? '',
        leaderAddress: this.leader()?.address ?? '',
        managers: 0,
        hasQuorum: this.leader() !== undefined,
      }),
    };
    const services = new Map<object, object>([
      [controlMethods, this.control],
      [raftMembershipMethods, atLeader<RaftMembershipService>(raftMembershipMethods, this.parts.membership)],
      [managerMethods, manager],
      [dispatcherMethods, this.parts.dispatcher],
      [renewalMethods, atLeader(renewalMethods, { renew: (request) => this.renew(request.nodeId) })],
      [raftTransportMethods, this.lateTransport()],
    ]);
    rpc.listen(place, { scope, services });
  }

  get core(): RaftCore | undefined {
    return this.raft === undefined ? undefined : (Reflect.get(this.raft, 'core') as RaftCore | undefined);
  }

  /** Asks the given managers to let this one in. */
  async join(managers: readonly string[], address: string): Promise<MemberRecord> {
    let failure: unknown = new SkeinError('unavailable', 'no-managers', 'no manager is known');
    for (const manager of managers) {
      try {
        const remote = this.on.rpc.client(raftMembershipMethods, this.caller(), placeOfAddress(manager));
        return await remote.join({ address }, this.context());
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async start(
    member: MemberRecord,
    address: string,
    bootstrap: boolean,
    options: Partial<ConsensusOptions>,
  ): Promise<void> {
    const { clock, random, log, disk, scope, onFatal, nodeId } = this.on;
    const view = disk.for(scope);
    const dataKey = await openDataKey(view, random, DIRECTORY);
    const { segmentBytes } = { segmentBytes: 16 * 1024, ...options };
    const storage = new RaftStorage({ disk: view, random }, { directory: DIRECTORY, dataKey, segmentBytes });
    const { raftId, members } = member;
    const transport = this.on.makeTransport(raftId, () => this.raft?.status().members ?? members);
    this.transport = transport;
    const raft = new ConsensusNode(
      {
        clock,
        random,
        logger: log.child({ part: 'raft' }),
        storage,
        transport,
        stateMachine: this.on.wrap(this.parts.store),
        defer: (callback) => void clock.after(0, callback),
        onFatal,
      },
      {
        first: bootstrap
          ? { kind: 'bootstrap', member: { raftId, nodeId, address } }
          : { kind: 'join', raftId, members },
        transferOnStop: true,
        ...options,
      },
    );
    this.raft = raft;
    const leadership = new Leadership({ log, createLoops: this.parts.createLoops });
    raft.onLeadership(({ leader }) => {
      this.leads = leader;
      leadership.set(leader).catch(onFatal);
    });
    await raft.start();
  }

  /** Both ends of a connection to another manager are this node. */
  private caller(forwards = false): Caller {
    const { scope, place, nodeId, clusterId } = this.on;
    const peer = { kind: 'node', nodeId, role: 'manager', clusterId, address: hostOf(place) } as const;
    return { scope, place, peer, forwards };
  }

  private context(signal = new AbortController().signal): CallContext {
    return { peer: { kind: 'local' }, signal };
  }

  connect(address: string): RaftTransportService {
    return this.on.rpc.client(raftTransportMethods, this.caller(), placeOfAddress(address));
  }

  private leader(): RaftMember | undefined {
    const status = this.raft === undefined || this.core === undefined ? undefined : this.raft.status();
    return status?.members.find((member) => member.raftId === status.leaderId);
  }

  private route<Service extends object>(table: MethodTable<Service>): LeaderRoute<Service> {
    if (this.leads) {
      return { kind: 'here' };
    }
    const leader = this.leader();
    if (leader === undefined || leader.nodeId === this.on.nodeId) {
      return { kind: 'none' };
    }
    const service = this.on.rpc.client(table, this.caller(true), placeOfAddress(leader.address));
    return { kind: 'elsewhere', address: leader.address, service };
  }

  private lateTransport(): RaftTransportService {
    const service = (): RaftTransportService => {
      if (this.transport instanceof StreamTransport) {
        return this.transport.service;
      }
      throw new SkeinError('unavailable', 'raft-starting', 'not yet');
    };
    return {
      messages: async (batches, context) => service().messages(batches, context),
      snapshot: async (parts, context) => service().snapshot(parts, context),
    };
  }

  private renew(nodeId: string): Promise<NodeRole> {
    return this.parts.store.update((tx) => {
      const node = tx.get('node', nodeId);
      const decision = node === undefined ? { kind: 'wait' as const } : decideRole(node, tx.now);
      if (node === undefined || decision.kind === 'wait') {
        throw new SkeinError('unavailable', 'demotion-pending', 'it must leave raft first');
      }
      if (node.role !== decision.role) {
        tx.update('node', { ...node, role: decision.role });
      }
      return decision.role;
    });
  }
}

export function addressOf(place: Place): string {
  return `${hostOf(place)}:2377`;
}

export function hostOf(place: Place): string {
  return `10.0.0.${place}`;
}

export function placeOfAddress(address: string): Place {
  return Number(/^10\.0\.0\.(\d+):/.exec(address)?.[1] ?? Number.NaN);
}
