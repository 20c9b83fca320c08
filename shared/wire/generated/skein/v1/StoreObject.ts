// Original file: proto/objects.proto

import type { Cluster as _skein_v1_Cluster, Cluster__Output as _skein_v1_Cluster__Output } from '../../skein/v1/Cluster.ts';
import type { Node as _skein_v1_Node, Node__Output as _skein_v1_Node__Output } from '../../skein/v1/Node.ts';
import type { Service as _skein_v1_Service, Service__Output as _skein_v1_Service__Output } from '../../skein/v1/Service.ts';
import type { Task as _skein_v1_Task, Task__Output as _skein_v1_Task__Output } from '../../skein/v1/Task.ts';
import type { Network as _skein_v1_Network, Network__Output as _skein_v1_Network__Output } from '../../skein/v1/Network.ts';
import type { Secret as _skein_v1_Secret, Secret__Output as _skein_v1_Secret__Output } from '../../skein/v1/Secret.ts';
import type { Config as _skein_v1_Config, Config__Output as _skein_v1_Config__Output } from '../../skein/v1/Config.ts';
import type { Volume as _skein_v1_Volume, Volume__Output as _skein_v1_Volume__Output } from '../../skein/v1/Volume.ts';

export interface StoreObject {
  'cluster'?: (_skein_v1_Cluster | null);
  'node'?: (_skein_v1_Node | null);
  'service'?: (_skein_v1_Service | null);
  'task'?: (_skein_v1_Task | null);
  'network'?: (_skein_v1_Network | null);
  'secret'?: (_skein_v1_Secret | null);
  'config'?: (_skein_v1_Config | null);
  'volume'?: (_skein_v1_Volume | null);
  'variant'?: "cluster"|"node"|"service"|"task"|"network"|"secret"|"config"|"volume";
}

export interface StoreObject__Output {
  'cluster'?: (_skein_v1_Cluster__Output | null);
  'node'?: (_skein_v1_Node__Output | null);
  'service'?: (_skein_v1_Service__Output | null);
  'task'?: (_skein_v1_Task__Output | null);
  'network'?: (_skein_v1_Network__Output | null);
  'secret'?: (_skein_v1_Secret__Output | null);
  'config'?: (_skein_v1_Config__Output | null);
  'volume'?: (_skein_v1_Volume__Output | null);
  'variant'?: "cluster"|"node"|"service"|"task"|"network"|"secret"|"config"|"volume";
}
