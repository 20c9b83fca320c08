// May this manager go? Counting the voters that would remain and those of them that answer. Pure; the same
// count decides for demotion and is what raft itself checks again.
import type { Id } from '../../shared/model/meta.ts';
import type { Node } from '../../shared/model/node.ts';
import type { RaftMember } from '../../shared/protocol/raft.ts';
import { precondition, quorumLoss } from './errors.ts';

export interface RaftMembers {
  readonly members: readonly RaftMember[];
  readonly active: readonly number[];
}

/** Throws when demoting the node would leave no manager, or none that could decide anything. */
export function checkDemotion(node: Node, nodes: Iterable<Node>, raft: RaftMembers): void {
  const others = [...nodes].filter((other) => other.id !== node.id && other.spec.desiredRole === 'manager');
  if (others.length === 0) {
    throw precondition(
      'attempting to demote the last manager of the swarm: promote another node first (node promote NODE)',
    );
  }
  checkQuorumWithout(node.id, raft);
}

/** Throws when the voters that answer, without this node, are no majority of the voters that remain. */
export function checkQuorumWithout(nodeId: Id, raft: RaftMembers): void {
  const voters = raft.members.filter((member) => !member.learner);
  if (!voters.some((member) => member.nodeId === nodeId)) {
    return;
  }
  const remaining = voters.filter((member) => member.nodeId !== nodeId);
  const reachable = remaining.filter((member) => raft.active.includes(member.raftId));
  const majority = Math.floor(remaining.length / 2) + 1;
  if (reachable.length < majority) {
    throw quorumLoss(
      "can't remove member from the raft: this would result in a loss of quorum: " +
        `${reachable.length} of the ${remaining.length} other managers ${reachable.length === 1 ? 'is' : 'are'} reachable and ${majority} ${majority === 1 ? 'is' : 'are'} needed. ` +
        'Bring an unreachable manager back or promote another node first',
    );
  }
}
