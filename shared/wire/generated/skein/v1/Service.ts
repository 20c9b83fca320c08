// Original file: proto/objects.proto

import type { Meta as _skein_v1_Meta, Meta__Output as _skein_v1_Meta__Output } from '../../skein/v1/Meta.ts';
import type { ServiceSpec as _skein_v1_ServiceSpec, ServiceSpec__Output as _skein_v1_ServiceSpec__Output } from '../../skein/v1/ServiceSpec.ts';
import type { Endpoint as _skein_v1_Endpoint, Endpoint__Output as _skein_v1_Endpoint__Output } from '../../skein/v1/Endpoint.ts';
import type { UpdateStatus as _skein_v1_UpdateStatus, UpdateStatus__Output as _skein_v1_UpdateStatus__Output } from '../../skein/v1/UpdateStatus.ts';
import type { Long } from '@grpc/proto-loader';

export interface Service {
  'id'?: (string);
  'meta'?: (_skein_v1_Meta | null);
  'spec'?: (_skein_v1_ServiceSpec | null);
  'specVersion'?: (number | string | Long);
  'previousSpec'?: (_skein_v1_ServiceSpec | null);
  'previousSpecVersion'?: (number | string | Long);
  'endpoint'?: (_skein_v1_Endpoint | null);
  'updateStatus'?: (_skein_v1_UpdateStatus | null);
  '_previousSpec'?: "previousSpec";
  '_previousSpecVersion'?: "previousSpecVersion";
  '_endpoint'?: "endpoint";
  '_updateStatus'?: "updateStatus";
}

export interface Service__Output {
  'id': (string);
  'meta': (_skein_v1_Meta__Output | null);
  'spec': (_skein_v1_ServiceSpec__Output | null);
  'specVersion': (number);
  'previousSpec'?: (_skein_v1_ServiceSpec__Output | null);
  'previousSpecVersion'?: (number);
  'endpoint'?: (_skein_v1_Endpoint__Output | null);
  'updateStatus'?: (_skein_v1_UpdateStatus__Output | null);
  '_previousSpec'?: "previousSpec";
  '_previousSpecVersion'?: "previousSpecVersion";
  '_endpoint'?: "endpoint";
  '_updateStatus'?: "updateStatus";
}
