// Original file: proto/control.proto

import type { EventType as _skein_v1_EventType, EventType__Output as _skein_v1_EventType__Output } from '../../skein/v1/EventType.ts';
import type { EventAction as _skein_v1_EventAction, EventAction__Output as _skein_v1_EventAction__Output } from '../../skein/v1/EventAction.ts';
import type { EventActor as _skein_v1_EventActor, EventActor__Output as _skein_v1_EventActor__Output } from '../../skein/v1/EventActor.ts';
import type { Long } from '@grpc/proto-loader';

export interface ClusterEvent {
  'type'?: (_skein_v1_EventType);
  'action'?: (_skein_v1_EventAction);
  'actor'?: (_skein_v1_EventActor | null);
  'timeUs'?: (number | string | Long);
  'index'?: (number | string | Long);
}

export interface ClusterEvent__Output {
  'type': (_skein_v1_EventType__Output);
  'action': (_skein_v1_EventAction__Output);
  'actor': (_skein_v1_EventActor__Output | null);
  'timeUs': (number);
  'index': (number);
}
