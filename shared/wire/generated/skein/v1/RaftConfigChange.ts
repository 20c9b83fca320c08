// Original file: proto/raft.proto

import type { RaftMember as _skein_v1_RaftMember, RaftMember__Output as _skein_v1_RaftMember__Output } from '../../skein/v1/RaftMember.ts';
import type { RaftAddressChange as _skein_v1_RaftAddressChange, RaftAddressChange__Output as _skein_v1_RaftAddressChange__Output } from '../../skein/v1/RaftAddressChange.ts';
import type { Long } from '@grpc/proto-loader';

export interface RaftConfigChange {
  'addLearner'?: (_skein_v1_RaftMember | null);
  'promote'?: (number | string | Long);
  'remove'?: (number | string | Long);
  'updateAddress'?: (_skein_v1_RaftAddressChange | null);
  'variant'?: "addLearner"|"promote"|"remove"|"updateAddress";
}

export interface RaftConfigChange__Output {
  'addLearner'?: (_skein_v1_RaftMember__Output | null);
  'promote'?: (number);
  'remove'?: (number);
  'updateAddress'?: (_skein_v1_RaftAddressChange__Output | null);
  'variant'?: "addLearner"|"promote"|"remove"|"updateAddress";
}
