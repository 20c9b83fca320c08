// May this manager go? Counting the voters that would remain and those of them that answer. Pure; the same
// count decides for demotion and is what raft itself checks again.
import type { Node } from '../../shared/model/node.ts';
import type { RaftMember } from '../../shared/protocol/raft.ts';
import { precondition, quorumLoss } from './errors.ts';

export interface RaftMembers {
  readonly members: readonly RaftMember[];
  readonly active: readonly number[];
}

/** Throws when demoting the node would leave no manager, or none that could decide anything. */
export function checkDemotion(node: Node, nodes: Iterable<Node>, raft: RaftMembers): void {
  const staying = [...nodes].filter((other) => other.id !== node.id && other.spec.desiredRole === 'manager');
  if (staying.length === 0) {
    throw precondition(
      'attempting to demote the last manager of the swarm: promote another node first (node promote NODE)',
    );
  }
  const voters = raft.members.filter((member) => !member.learner);
  if (!voters.some((member) => member.nodeId === node.id)) {
    return;
  }
  // The step itself, and where it leads once managers that were demoted before have left too.
  const others = voters.filter((member) => member.nodeId !== node.id);
  checkMajority(others, raft.active);
  checkMajority(
    others.filter((member) => staying.some((other) => other.id === member.nodeId)),
    raft.active,
  );
}

/** Throws when the voters that answer are no majority of these voters. */
function checkMajority(voters: readonly RaftMember[], active: readonly number[]): void {
  const reachable = voters.filter((member) => active.includes(member.raftId)).length;
  const needed = Math.floor(voters.length / 2) + 1;
  if (reachable < needed) {
    throw quorumLoss(
      `can't remove member from the raft: this would result in a loss of quorum: of the other managers (${voters.length}) ${needed} must be reachable and ${reachable} can be reached. Bring an unreachable manager back or promote another node first`,
    );
  }
}
