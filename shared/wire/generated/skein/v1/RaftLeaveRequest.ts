// Original file: proto/raft_membership.proto


export interface RaftLeaveRequest {
  'nodeId'?: (string);
}

export interface RaftLeaveRequest__Output {
  'nodeId': (string);
}
