// Original file: proto/raft_membership.proto


export interface RaftJoinRequest {
  'address'?: (string);
}

export interface RaftJoinRequest__Output {
  'address': (string);
}
