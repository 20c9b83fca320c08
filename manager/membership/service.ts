// The calls by which a manager enters and leaves raft. Served by the leader; the node speaks for itself.
import type { Random } from '../../shared/random.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { RaftJoinRequest, RaftJoinResponse, RaftMembershipService } from '../../shared/protocol/raft.ts';
import type { Logger } from '../../shared/log.ts';
import type { RaftNode } from '../raft/api.ts';
import type { Store } from '../store/api.ts';
import { notAManager, notYourNode, unreachableMember } from './errors.ts';

export interface MembershipServiceDependencies {
  readonly store: Store;
  readonly raft: RaftNode;
  readonly random: Random;
  readonly log: Logger;
  /** Resolves when a manager of that node id answers at the address. */
  readonly probe: (address: string, nodeId: string, signal: AbortSignal) => Promise<void>;
}

/** Raft ids are drawn, not counted, so that an id is never used twice whatever was forgotten. */
const RAFT_ID_BYTES = 6;

export class MembershipService implements RaftMembershipService {
  private readonly dependencies: MembershipServiceDependencies;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(dependencies: MembershipServiceDependencies) {
    this.dependencies = dependencies;
  }

  async join(request: RaftJoinRequest, context: CallContext): Promise<RaftJoinResponse> {
    const { store, probe } = this.dependencies;
    if (context.peer.kind !== 'node') {
      throw notYourNode('');
    }
    const nodeId = context.peer.nodeId;
    const node = store.view.get('node', nodeId);
    if (node === undefined || node.spec.desiredRole !== 'manager') {
      throw notAManager(nodeId);
    }
    const address = reachableAddress(request.address, context.peer.address);
    try {
      await probe(address, nodeId, context.signal);
    } catch (error) {
      throw unreachableMember(address, error);
    }
    return await this.inTurn(() => this.admit(nodeId, address));
  }

  /** A node that was let in twice, at once or by two leaders, has members that nobody runs: the plan finds those. */
  private async admit(nodeId: string, address: string): Promise<RaftJoinResponse> {
    const { store, raft, log } = this.dependencies;
    // A member that joins again has lost its disk: its old id must never vote again.
    for (const previous of raft.status().members.filter((member) => member.nodeId === nodeId)) {
      await raft.removeMember(previous.raftId, { force: true });
    }
    const raftId = this.drawRaftId();
    await raft.addMember({ raftId, nodeId, address });
    await store.update((tx) => {
      const current = tx.get('node', nodeId);
      if (current !== undefined) {
        tx.update('node', {
          ...current,
          managerStatus: { raftId, address, leader: false, reachability: 'reachable' },
        });
      }
    });
    log.info({ nodeId, raftId, address }, 'a manager joined');
    return { raftId, members: raft.status().members };
  }

  /** One after the other: a node whose first call was lost calls again while it still runs. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work, work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  async leave(request: { readonly nodeId: string }, context: CallContext): Promise<void> {
    const { raft } = this.dependencies;
    const { peer } = context;
    if (peer.kind === 'stranger' || (peer.kind === 'node' && peer.nodeId !== request.nodeId)) {
      throw notYourNode(request.nodeId);
    }
    const member = raft.status().members.find((candidate) => candidate.nodeId === request.nodeId);
    if (member !== undefined) {
      await raft.removeMember(member.raftId);
    }
  }

  private drawRaftId(): number {
    const taken = new Set(this.dependencies.raft.status().members.map((member) => member.raftId));
    for (;;) {
      const id = this.dependencies.random.bytes(RAFT_ID_BYTES).reduce((value, byte) => value * 256 + byte, 0);
      if (id > 0 && !taken.has(id)) {
        return id;
      }
    }
  }
}

/** A manager that advertises no host of its own (`0.0.0.0:2377`) is known by where it called from. */
function reachableAddress(advertised: string, observed: string): string {
  const [, port] = /^(?:0\.0\.0\.0|\[::\]|):(\d+)$/.exec(advertised) ?? [];
  if (port === undefined) {
    return advertised;
  }
  return observed.includes(':') ? `[${observed}]:${port}` : `${observed}:${port}`;
}
