// Original file: proto/specs.proto

import type { GenericResource as _skein_v1_GenericResource, GenericResource__Output as _skein_v1_GenericResource__Output } from '../../skein/v1/GenericResource.ts';
import type { Long } from '@grpc/proto-loader';

export interface ResourceSet {
  'nanoCpus'?: (number | string | Long);
  'memoryBytes'?: (number | string | Long);
  'generic'?: (_skein_v1_GenericResource)[];
}

export interface ResourceSet__Output {
  'nanoCpus': (number);
  'memoryBytes': (number);
  'generic': (_skein_v1_GenericResource__Output)[];
}
