// Original file: proto/raft.proto

import type { RaftVote as _skein_v1_RaftVote, RaftVote__Output as _skein_v1_RaftVote__Output } from '../../skein/v1/RaftVote.ts';
import type { RaftVoteResponse as _skein_v1_RaftVoteResponse, RaftVoteResponse__Output as _skein_v1_RaftVoteResponse__Output } from '../../skein/v1/RaftVoteResponse.ts';
import type { RaftAppend as _skein_v1_RaftAppend, RaftAppend__Output as _skein_v1_RaftAppend__Output } from '../../skein/v1/RaftAppend.ts';
import type { RaftAppendResponse as _skein_v1_RaftAppendResponse, RaftAppendResponse__Output as _skein_v1_RaftAppendResponse__Output } from '../../skein/v1/RaftAppendResponse.ts';
import type { RaftAppendReject as _skein_v1_RaftAppendReject, RaftAppendReject__Output as _skein_v1_RaftAppendReject__Output } from '../../skein/v1/RaftAppendReject.ts';
import type { RaftHeartbeat as _skein_v1_RaftHeartbeat, RaftHeartbeat__Output as _skein_v1_RaftHeartbeat__Output } from '../../skein/v1/RaftHeartbeat.ts';
import type { RaftHeartbeatResponse as _skein_v1_RaftHeartbeatResponse, RaftHeartbeatResponse__Output as _skein_v1_RaftHeartbeatResponse__Output } from '../../skein/v1/RaftHeartbeatResponse.ts';
import type { RaftSnapshotMeta as _skein_v1_RaftSnapshotMeta, RaftSnapshotMeta__Output as _skein_v1_RaftSnapshotMeta__Output } from '../../skein/v1/RaftSnapshotMeta.ts';
import type { RaftReadRequest as _skein_v1_RaftReadRequest, RaftReadRequest__Output as _skein_v1_RaftReadRequest__Output } from '../../skein/v1/RaftReadRequest.ts';
import type { RaftReadResponse as _skein_v1_RaftReadResponse, RaftReadResponse__Output as _skein_v1_RaftReadResponse__Output } from '../../skein/v1/RaftReadResponse.ts';
import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from '../../skein/v1/Empty.ts';
import type { Long } from '@grpc/proto-loader';

export interface RaftMessage {
  'from'?: (number | string | Long);
  'to'?: (number | string | Long);
  'term'?: (number | string | Long);
  'preVote'?: (_skein_v1_RaftVote | null);
  'preVoteResponse'?: (_skein_v1_RaftVoteResponse | null);
  'vote'?: (_skein_v1_RaftVote | null);
  'voteResponse'?: (_skein_v1_RaftVoteResponse | null);
  'append'?: (_skein_v1_RaftAppend | null);
  'appendResponse'?: (_skein_v1_RaftAppendResponse | null);
  'appendReject'?: (_skein_v1_RaftAppendReject | null);
  'heartbeat'?: (_skein_v1_RaftHeartbeat | null);
  'heartbeatResponse'?: (_skein_v1_RaftHeartbeatResponse | null);
  'snapshot'?: (_skein_v1_RaftSnapshotMeta | null);
  'readRequest'?: (_skein_v1_RaftReadRequest | null);
  'readResponse'?: (_skein_v1_RaftReadResponse | null);
  'timeoutNow'?: (_skein_v1_Empty | null);
  'variant'?: "preVote"|"preVoteResponse"|"vote"|"voteResponse"|"append"|"appendResponse"|"appendReject"|"heartbeat"|"heartbeatResponse"|"snapshot"|"readRequest"|"readResponse"|"timeoutNow";
}

export interface RaftMessage__Output {
  'from': (number);
  'to': (number);
  'term': (number);
  'preVote'?: (_skein_v1_RaftVote__Output | null);
  'preVoteResponse'?: (_skein_v1_RaftVoteResponse__Output | null);
  'vote'?: (_skein_v1_RaftVote__Output | null);
  'voteResponse'?: (_skein_v1_RaftVoteResponse__Output | null);
  'append'?: (_skein_v1_RaftAppend__Output | null);
  'appendResponse'?: (_skein_v1_RaftAppendResponse__Output | null);
  'appendReject'?: (_skein_v1_RaftAppendReject__Output | null);
  'heartbeat'?: (_skein_v1_RaftHeartbeat__Output | null);
  'heartbeatResponse'?: (_skein_v1_RaftHeartbeatResponse__Output | null);
  'snapshot'?: (_skein_v1_RaftSnapshotMeta__Output | null);
  'readRequest'?: (_skein_v1_RaftReadRequest__Output | null);
  'readResponse'?: (_skein_v1_RaftReadResponse__Output | null);
  'timeoutNow'?: (_skein_v1_Empty__Output | null);
  'variant'?: "preVote"|"preVoteResponse"|"vote"|"voteResponse"|"append"|"appendResponse"|"appendReject"|"heartbeat"|"heartbeatResponse"|"snapshot"|"readRequest"|"readResponse"|"timeoutNow";
}
