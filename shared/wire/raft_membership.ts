// Codecs of how managers enter and leave the raft group.
import type { RaftJoinRequest, RaftJoinResponse, RaftMember } from '../protocol/raft.ts';
import { integer, nonEmpty } from './fields.ts';
import type { RaftMember__Output } from './generated/skein/v1/RaftMember.ts';
import { messages } from './messages.ts';
import type { Encoded } from './schema.ts';
import { bytesCodec } from './schema.ts';

export function encodeMember(member: RaftMember): Encoded<RaftMember__Output> {
  return {
    raftId: member.raftId,
    nodeId: member.nodeId,
    address: member.address,
    learner: member.learner,
  };
}

export function decodeMember(wire: RaftMember__Output): RaftMember {
  return {
    raftId: integer(wire.raftId, 'RaftMember.raft_id'),
    nodeId: nonEmpty(wire.nodeId, 'RaftMember.node_id'),
    address: wire.address,
    learner: wire.learner,
  };
}

export const joinRequest = bytesCodec(
  messages.message('RaftJoinRequest'),
  (request: RaftJoinRequest) => ({ address: request.address }),
  (wire): RaftJoinRequest => ({ address: nonEmpty(wire.address, 'RaftJoinRequest.address') }),
);

export const joinResponse = bytesCodec(
  messages.message('RaftJoinResponse'),
  (response: RaftJoinResponse) => ({
    raftId: response.raftId,
    members: response.members.map(encodeMember),
  }),
  (wire): RaftJoinResponse => ({
    raftId: integer(wire.raftId, 'RaftJoinResponse.raft_id'),
    members: wire.members.map(decodeMember),
  }),
);

export const leaveRequest = bytesCodec(
  messages.message('RaftLeaveRequest'),
  (request: { readonly nodeId: string }) => ({ nodeId: request.nodeId }),
  (wire) => ({ nodeId: nonEmpty(wire.nodeId, 'RaftLeaveRequest.node_id') }),
);
