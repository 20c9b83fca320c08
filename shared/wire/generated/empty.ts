import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from './skein/v1/Empty.ts';


export interface ProtoGrpcType {
  skein: {
    v1: {
      Empty: MessageTypeDefinition<_skein_v1_Empty, _skein_v1_Empty__Output>
    }
  }
}

