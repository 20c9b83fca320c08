// Original file: proto/control.proto

import type { Service as _skein_v1_Service, Service__Output as _skein_v1_Service__Output } from '../../skein/v1/Service.ts';
import type { ServiceStatusCounts as _skein_v1_ServiceStatusCounts, ServiceStatusCounts__Output as _skein_v1_ServiceStatusCounts__Output } from '../../skein/v1/ServiceStatusCounts.ts';

export interface ListedService {
  'service'?: (_skein_v1_Service | null);
  'status'?: (_skein_v1_ServiceStatusCounts | null);
  '_status'?: "status";
}

export interface ListedService__Output {
  'service': (_skein_v1_Service__Output | null);
  'status'?: (_skein_v1_ServiceStatusCounts__Output | null);
  '_status'?: "status";
}
