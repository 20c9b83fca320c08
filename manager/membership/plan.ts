// What the leader should change so that raft's members, the node objects and the operators' wishes agree.
// Pure: reads the store's nodes and raft's status, returns a plan that can be printed.
import type { Id } from '../../shared/model/meta.ts';
import type { ManagerStatus, Node } from '../../shared/model/node.ts';
import type { RaftMember } from '../../shared/protocol/raft.ts';
import type { RaftStatus } from '../raft/api.ts';

/** `replaced`: its node joined again, and answers under another raft id. */
type Removal = 'demoted' | 'node-removed' | 'replaced';

export interface MembershipPlan {
  /** Members that now say they are elsewhere than the list of members has it. */
  readonly moves: readonly { readonly raftId: number; readonly nodeId: Id; readonly address: string }[];
  /** Nodes whose manager status in the store differs from what raft says; undefined takes it away. */
  readonly statuses: readonly { readonly nodeId: Id; readonly status: ManagerStatus | undefined }[];
  /** Members that are no longer meant to be managers (demoted, or their node was removed). */
  readonly removals: readonly {
    readonly raftId: number;
    readonly nodeId: Id;
    readonly why: Removal;
  }[];
}

/**
 * @param status the leader's own raft status
 * @param heard where members last said they are, by raft id
 */
export function planMembership(
  nodes: ReadonlyMap<Id, Node>,
  status: RaftStatus,
  heard: ReadonlyMap<number, string> = new Map(),
): MembershipPlan {
  const moves: { raftId: number; nodeId: Id; address: string }[] = [];
  const statuses: { nodeId: Id; status: ManagerStatus | undefined }[] = [];
  const removals: { raftId: number; nodeId: Id; why: Removal }[] = [];
  const active = new Set(status.active);
  const members = new Map(status.members.map((member) => [member.nodeId, member]));
  for (const member of status.members) {
    const isLive = ({ raftId, nodeId }: RaftMember) => nodeId === member.nodeId && active.has(raftId);
    if (!isLive(member) && status.members.some(isLive)) {
      removals.push({ raftId: member.raftId, nodeId: member.nodeId, why: 'replaced' });
      continue;
    }
    const address = heard.get(member.raftId) ?? member.address;
    if (address !== member.address) {
      moves.push({ raftId: member.raftId, nodeId: member.nodeId, address });
    }
    const node = nodes.get(member.nodeId);
    if (node === undefined) {
      removals.push({ raftId: member.raftId, nodeId: member.nodeId, why: 'node-removed' });
      continue;
    }
    if (node.spec.desiredRole === 'worker') {
      removals.push({ raftId: member.raftId, nodeId: member.nodeId, why: 'demoted' });
    }
    const wanted: ManagerStatus = {
      raftId: member.raftId,
      address: member.address,
      leader: member.raftId === status.leaderId,
      reachability: active.has(member.raftId) ? 'reachable' : 'unreachable',
    };
    if (!sameStatus(node.managerStatus, wanted)) {
      statuses.push({ nodeId: node.id, status: wanted });
    }
  }
  for (const node of nodes.values()) {
    if (node.managerStatus !== undefined && !members.has(node.id)) {
      statuses.push({ nodeId: node.id, status: undefined });
    }
  }
  return { moves, statuses, removals };
}

function sameStatus(have: ManagerStatus | undefined, want: ManagerStatus): boolean {
  return (
    have !== undefined &&
    have.raftId === want.raftId &&
    have.address === want.address &&
    have.leader === want.leader &&
    have.reachability === want.reachability
  );
}
