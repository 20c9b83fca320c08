import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from './skein/v1/Empty.ts';
import type { LogClose as _skein_v1_LogClose, LogClose__Output as _skein_v1_LogClose__Output } from './skein/v1/LogClose.ts';
import type { LogMessage as _skein_v1_LogMessage, LogMessage__Output as _skein_v1_LogMessage__Output } from './skein/v1/LogMessage.ts';
import type { LogMessages as _skein_v1_LogMessages, LogMessages__Output as _skein_v1_LogMessages__Output } from './skein/v1/LogMessages.ts';
import type { LogOpen as _skein_v1_LogOpen, LogOpen__Output as _skein_v1_LogOpen__Output } from './skein/v1/LogOpen.ts';
import type { LogOptions as _skein_v1_LogOptions, LogOptions__Output as _skein_v1_LogOptions__Output } from './skein/v1/LogOptions.ts';
import type { LogPublish as _skein_v1_LogPublish, LogPublish__Output as _skein_v1_LogPublish__Output } from './skein/v1/LogPublish.ts';
import type { LogPublishDone as _skein_v1_LogPublishDone, LogPublishDone__Output as _skein_v1_LogPublishDone__Output } from './skein/v1/LogPublishDone.ts';
import type { LogPublishOpen as _skein_v1_LogPublishOpen, LogPublishOpen__Output as _skein_v1_LogPublishOpen__Output } from './skein/v1/LogPublishOpen.ts';
import type { LogSelector as _skein_v1_LogSelector, LogSelector__Output as _skein_v1_LogSelector__Output } from './skein/v1/LogSelector.ts';
import type { LogSubscribeRequest as _skein_v1_LogSubscribeRequest, LogSubscribeRequest__Output as _skein_v1_LogSubscribeRequest__Output } from './skein/v1/LogSubscribeRequest.ts';
import type { LogSubscription as _skein_v1_LogSubscription, LogSubscription__Output as _skein_v1_LogSubscription__Output } from './skein/v1/LogSubscription.ts';
import type { LogsClient as _skein_v1_LogsClient, LogsDefinition as _skein_v1_LogsDefinition } from './skein/v1/Logs.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  skein: {
    v1: {
      Empty: MessageTypeDefinition<_skein_v1_Empty, _skein_v1_Empty__Output>
      LogClose: MessageTypeDefinition<_skein_v1_LogClose, _skein_v1_LogClose__Output>
      LogMessage: MessageTypeDefinition<_skein_v1_LogMessage, _skein_v1_LogMessage__Output>
      LogMessages: MessageTypeDefinition<_skein_v1_LogMessages, _skein_v1_LogMessages__Output>
      LogOpen: MessageTypeDefinition<_skein_v1_LogOpen, _skein_v1_LogOpen__Output>
      LogOptions: MessageTypeDefinition<_skein_v1_LogOptions, _skein_v1_LogOptions__Output>
      LogPublish: MessageTypeDefinition<_skein_v1_LogPublish, _skein_v1_LogPublish__Output>
      LogPublishDone: MessageTypeDefinition<_skein_v1_LogPublishDone, _skein_v1_LogPublishDone__Output>
      LogPublishOpen: MessageTypeDefinition<_skein_v1_LogPublishOpen, _skein_v1_LogPublishOpen__Output>
      LogSelector: MessageTypeDefinition<_skein_v1_LogSelector, _skein_v1_LogSelector__Output>
      LogStream: EnumTypeDefinition
      LogSubscribeRequest: MessageTypeDefinition<_skein_v1_LogSubscribeRequest, _skein_v1_LogSubscribeRequest__Output>
      LogSubscription: MessageTypeDefinition<_skein_v1_LogSubscription, _skein_v1_LogSubscription__Output>
      Logs: SubtypeConstructor<typeof grpc.Client, _skein_v1_LogsClient> & { service: _skein_v1_LogsDefinition }
    }
  }
}

