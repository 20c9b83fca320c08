import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from './skein/v1/Empty.ts';
import type { RaftJoinRequest as _skein_v1_RaftJoinRequest, RaftJoinRequest__Output as _skein_v1_RaftJoinRequest__Output } from './skein/v1/RaftJoinRequest.ts';
import type { RaftJoinResponse as _skein_v1_RaftJoinResponse, RaftJoinResponse__Output as _skein_v1_RaftJoinResponse__Output } from './skein/v1/RaftJoinResponse.ts';
import type { RaftLeaveRequest as _skein_v1_RaftLeaveRequest, RaftLeaveRequest__Output as _skein_v1_RaftLeaveRequest__Output } from './skein/v1/RaftLeaveRequest.ts';
import type { RaftMember as _skein_v1_RaftMember, RaftMember__Output as _skein_v1_RaftMember__Output } from './skein/v1/RaftMember.ts';
import type { RaftMembershipClient as _skein_v1_RaftMembershipClient, RaftMembershipDefinition as _skein_v1_RaftMembershipDefinition } from './skein/v1/RaftMembership.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  skein: {
    v1: {
      Empty: MessageTypeDefinition<_skein_v1_Empty, _skein_v1_Empty__Output>
      RaftJoinRequest: MessageTypeDefinition<_skein_v1_RaftJoinRequest, _skein_v1_RaftJoinRequest__Output>
      RaftJoinResponse: MessageTypeDefinition<_skein_v1_RaftJoinResponse, _skein_v1_RaftJoinResponse__Output>
      RaftLeaveRequest: MessageTypeDefinition<_skein_v1_RaftLeaveRequest, _skein_v1_RaftLeaveRequest__Output>
      RaftMember: MessageTypeDefinition<_skein_v1_RaftMember, _skein_v1_RaftMember__Output>
      RaftMembership: SubtypeConstructor<typeof grpc.Client, _skein_v1_RaftMembershipClient> & { service: _skein_v1_RaftMembershipDefinition }
    }
  }
}

