// Original file: proto/control.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Cluster as _skein_v1_Cluster, Cluster__Output as _skein_v1_Cluster__Output } from '../../skein/v1/Cluster.ts';
import type { ClusterEvent as _skein_v1_ClusterEvent, ClusterEvent__Output as _skein_v1_ClusterEvent__Output } from '../../skein/v1/ClusterEvent.ts';
import type { Config as _skein_v1_Config, Config__Output as _skein_v1_Config__Output } from '../../skein/v1/Config.ts';
import type { CreateConfigRequest as _skein_v1_CreateConfigRequest, CreateConfigRequest__Output as _skein_v1_CreateConfigRequest__Output } from '../../skein/v1/CreateConfigRequest.ts';
import type { CreateNetworkRequest as _skein_v1_CreateNetworkRequest, CreateNetworkRequest__Output as _skein_v1_CreateNetworkRequest__Output } from '../../skein/v1/CreateNetworkRequest.ts';
import type { CreateSecretRequest as _skein_v1_CreateSecretRequest, CreateSecretRequest__Output as _skein_v1_CreateSecretRequest__Output } from '../../skein/v1/CreateSecretRequest.ts';
import type { CreateServiceRequest as _skein_v1_CreateServiceRequest, CreateServiceRequest__Output as _skein_v1_CreateServiceRequest__Output } from '../../skein/v1/CreateServiceRequest.ts';
import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from '../../skein/v1/Empty.ts';
import type { GetServiceRequest as _skein_v1_GetServiceRequest, GetServiceRequest__Output as _skein_v1_GetServiceRequest__Output } from '../../skein/v1/GetServiceRequest.ts';
import type { ListConfigsResponse as _skein_v1_ListConfigsResponse, ListConfigsResponse__Output as _skein_v1_ListConfigsResponse__Output } from '../../skein/v1/ListConfigsResponse.ts';
import type { ListNetworksResponse as _skein_v1_ListNetworksResponse, ListNetworksResponse__Output as _skein_v1_ListNetworksResponse__Output } from '../../skein/v1/ListNetworksResponse.ts';
import type { ListNodesResponse as _skein_v1_ListNodesResponse, ListNodesResponse__Output as _skein_v1_ListNodesResponse__Output } from '../../skein/v1/ListNodesResponse.ts';
import type { ListRequest as _skein_v1_ListRequest, ListRequest__Output as _skein_v1_ListRequest__Output } from '../../skein/v1/ListRequest.ts';
import type { ListSecretsResponse as _skein_v1_ListSecretsResponse, ListSecretsResponse__Output as _skein_v1_ListSecretsResponse__Output } from '../../skein/v1/ListSecretsResponse.ts';
import type { ListServicesRequest as _skein_v1_ListServicesRequest, ListServicesRequest__Output as _skein_v1_ListServicesRequest__Output } from '../../skein/v1/ListServicesRequest.ts';
import type { ListServicesResponse as _skein_v1_ListServicesResponse, ListServicesResponse__Output as _skein_v1_ListServicesResponse__Output } from '../../skein/v1/ListServicesResponse.ts';
import type { ListTasksResponse as _skein_v1_ListTasksResponse, ListTasksResponse__Output as _skein_v1_ListTasksResponse__Output } from '../../skein/v1/ListTasksResponse.ts';
import type { Network as _skein_v1_Network, Network__Output as _skein_v1_Network__Output } from '../../skein/v1/Network.ts';
import type { Node as _skein_v1_Node, Node__Output as _skein_v1_Node__Output } from '../../skein/v1/Node.ts';
import type { Reference as _skein_v1_Reference, Reference__Output as _skein_v1_Reference__Output } from '../../skein/v1/Reference.ts';
import type { RemoveNodeRequest as _skein_v1_RemoveNodeRequest, RemoveNodeRequest__Output as _skein_v1_RemoveNodeRequest__Output } from '../../skein/v1/RemoveNodeRequest.ts';
import type { Secret as _skein_v1_Secret, Secret__Output as _skein_v1_Secret__Output } from '../../skein/v1/Secret.ts';
import type { Service as _skein_v1_Service, Service__Output as _skein_v1_Service__Output } from '../../skein/v1/Service.ts';
import type { ServiceResponse as _skein_v1_ServiceResponse, ServiceResponse__Output as _skein_v1_ServiceResponse__Output } from '../../skein/v1/ServiceResponse.ts';
import type { Task as _skein_v1_Task, Task__Output as _skein_v1_Task__Output } from '../../skein/v1/Task.ts';
import type { UnlockKey as _skein_v1_UnlockKey, UnlockKey__Output as _skein_v1_UnlockKey__Output } from '../../skein/v1/UnlockKey.ts';
import type { UpdateClusterRequest as _skein_v1_UpdateClusterRequest, UpdateClusterRequest__Output as _skein_v1_UpdateClusterRequest__Output } from '../../skein/v1/UpdateClusterRequest.ts';
import type { UpdateConfigRequest as _skein_v1_UpdateConfigRequest, UpdateConfigRequest__Output as _skein_v1_UpdateConfigRequest__Output } from '../../skein/v1/UpdateConfigRequest.ts';
import type { UpdateNodeRequest as _skein_v1_UpdateNodeRequest, UpdateNodeRequest__Output as _skein_v1_UpdateNodeRequest__Output } from '../../skein/v1/UpdateNodeRequest.ts';
import type { UpdateSecretRequest as _skein_v1_UpdateSecretRequest, UpdateSecretRequest__Output as _skein_v1_UpdateSecretRequest__Output } from '../../skein/v1/UpdateSecretRequest.ts';
import type { UpdateServiceRequest as _skein_v1_UpdateServiceRequest, UpdateServiceRequest__Output as _skein_v1_UpdateServiceRequest__Output } from '../../skein/v1/UpdateServiceRequest.ts';

export interface ControlClient extends grpc.Client {
  CreateConfig(argument: _skein_v1_CreateConfigRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  CreateConfig(argument: _skein_v1_CreateConfigRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  CreateConfig(argument: _skein_v1_CreateConfigRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  CreateConfig(argument: _skein_v1_CreateConfigRequest, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  createConfig(argument: _skein_v1_CreateConfigRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  createConfig(argument: _skein_v1_CreateConfigRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  createConfig(argument: _skein_v1_CreateConfigRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  createConfig(argument: _skein_v1_CreateConfigRequest, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  
  CreateNetwork(argument: _skein_v1_CreateNetworkRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  CreateNetwork(argument: _skein_v1_CreateNetworkRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  CreateNetwork(argument: _skein_v1_CreateNetworkRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  CreateNetwork(argument: _skein_v1_CreateNetworkRequest, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  createNetwork(argument: _skein_v1_CreateNetworkRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  createNetwork(argument: _skein_v1_CreateNetworkRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  createNetwork(argument: _skein_v1_CreateNetworkRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  createNetwork(argument: _skein_v1_CreateNetworkRequest, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  
  CreateSecret(argument: _skein_v1_CreateSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  CreateSecret(argument: _skein_v1_CreateSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  CreateSecret(argument: _skein_v1_CreateSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  CreateSecret(argument: _skein_v1_CreateSecretRequest, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  createSecret(argument: _skein_v1_CreateSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  createSecret(argument: _skein_v1_CreateSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  createSecret(argument: _skein_v1_CreateSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  createSecret(argument: _skein_v1_CreateSecretRequest, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  
  CreateService(argument: _skein_v1_CreateServiceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  CreateService(argument: _skein_v1_CreateServiceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  CreateService(argument: _skein_v1_CreateServiceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  CreateService(argument: _skein_v1_CreateServiceRequest, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  createService(argument: _skein_v1_CreateServiceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  createService(argument: _skein_v1_CreateServiceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  createService(argument: _skein_v1_CreateServiceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  createService(argument: _skein_v1_CreateServiceRequest, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  
  GetCluster(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  GetCluster(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  GetCluster(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  GetCluster(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  getCluster(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  getCluster(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  getCluster(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  getCluster(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  
  GetConfig(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  GetConfig(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  GetConfig(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  GetConfig(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  getConfig(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  getConfig(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  getConfig(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  getConfig(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  
  GetNetwork(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  GetNetwork(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  GetNetwork(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  GetNetwork(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  getNetwork(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  getNetwork(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  getNetwork(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  getNetwork(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Network__Output>): grpc.ClientUnaryCall;
  
  GetNode(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  GetNode(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  GetNode(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  GetNode(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  getNode(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  getNode(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  getNode(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  getNode(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  
  GetSecret(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  GetSecret(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  GetSecret(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  GetSecret(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  getSecret(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  getSecret(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  getSecret(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  getSecret(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  
  GetService(argument: _skein_v1_GetServiceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Service__Output>): grpc.ClientUnaryCall;
  GetService(argument: _skein_v1_GetServiceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Service__Output>): grpc.ClientUnaryCall;
  GetService(argument: _skein_v1_GetServiceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Service__Output>): grpc.ClientUnaryCall;
  GetService(argument: _skein_v1_GetServiceRequest, callback: grpc.requestCallback<_skein_v1_Service__Output>): grpc.ClientUnaryCall;
  getService(argument: _skein_v1_GetServiceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Service__Output>): grpc.ClientUnaryCall;
  getService(argument: _skein_v1_GetServiceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Service__Output>): grpc.ClientUnaryCall;
  getService(argument: _skein_v1_GetServiceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Service__Output>): grpc.ClientUnaryCall;
  getService(argument: _skein_v1_GetServiceRequest, callback: grpc.requestCallback<_skein_v1_Service__Output>): grpc.ClientUnaryCall;
  
  GetTask(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Task__Output>): grpc.ClientUnaryCall;
  GetTask(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Task__Output>): grpc.ClientUnaryCall;
  GetTask(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Task__Output>): grpc.ClientUnaryCall;
  GetTask(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Task__Output>): grpc.ClientUnaryCall;
  getTask(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Task__Output>): grpc.ClientUnaryCall;
  getTask(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Task__Output>): grpc.ClientUnaryCall;
  getTask(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Task__Output>): grpc.ClientUnaryCall;
  getTask(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Task__Output>): grpc.ClientUnaryCall;
  
  GetUnlockKey(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_UnlockKey__Output>): grpc.ClientUnaryCall;
  GetUnlockKey(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_UnlockKey__Output>): grpc.ClientUnaryCall;
  GetUnlockKey(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_UnlockKey__Output>): grpc.ClientUnaryCall;
  GetUnlockKey(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_UnlockKey__Output>): grpc.ClientUnaryCall;
  getUnlockKey(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_UnlockKey__Output>): grpc.ClientUnaryCall;
  getUnlockKey(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_UnlockKey__Output>): grpc.ClientUnaryCall;
  getUnlockKey(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_UnlockKey__Output>): grpc.ClientUnaryCall;
  getUnlockKey(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_UnlockKey__Output>): grpc.ClientUnaryCall;
  
  ListConfigs(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  ListConfigs(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  ListConfigs(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  ListConfigs(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  listConfigs(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  listConfigs(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  listConfigs(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  listConfigs(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  
  ListNetworks(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListNetworksResponse__Output>): grpc.ClientUnaryCall;
  ListNetworks(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListNetworksResponse__Output>): grpc.ClientUnaryCall;
  ListNetworks(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListNetworksResponse__Output>): grpc.ClientUnaryCall;
  ListNetworks(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListNetworksResponse__Output>): grpc.ClientUnaryCall;
  listNetworks(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListNetworksResponse__Output>): grpc.ClientUnaryCall;
  listNetworks(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListNetworksResponse__Output>): grpc.ClientUnaryCall;
  listNetworks(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListNetworksResponse__Output>): grpc.ClientUnaryCall;
  listNetworks(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListNetworksResponse__Output>): grpc.ClientUnaryCall;
  
  ListNodes(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  
  ListSecrets(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  ListSecrets(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  ListSecrets(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  ListSecrets(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  listSecrets(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  listSecrets(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  listSecrets(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  listSecrets(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  
  ListServices(argument: _skein_v1_ListServicesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListServicesResponse__Output>): grpc.ClientUnaryCall;
  ListServices(argument: _skein_v1_ListServicesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListServicesResponse__Output>): grpc.ClientUnaryCall;
  ListServices(argument: _skein_v1_ListServicesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListServicesResponse__Output>): grpc.ClientUnaryCall;
  ListServices(argument: _skein_v1_ListServicesRequest, callback: grpc.requestCallback<_skein_v1_ListServicesResponse__Output>): grpc.ClientUnaryCall;
  listServices(argument: _skein_v1_ListServicesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListServicesResponse__Output>): grpc.ClientUnaryCall;
  listServices(argument: _skein_v1_ListServicesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListServicesResponse__Output>): grpc.ClientUnaryCall;
  listServices(argument: _skein_v1_ListServicesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListServicesResponse__Output>): grpc.ClientUnaryCall;
  listServices(argument: _skein_v1_ListServicesRequest, callback: grpc.requestCallback<_skein_v1_ListServicesResponse__Output>): grpc.ClientUnaryCall;
  
  ListTasks(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListTasksResponse__Output>): grpc.ClientUnaryCall;
  ListTasks(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListTasksResponse__Output>): grpc.ClientUnaryCall;
  ListTasks(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListTasksResponse__Output>): grpc.ClientUnaryCall;
  ListTasks(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListTasksResponse__Output>): grpc.ClientUnaryCall;
  listTasks(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListTasksResponse__Output>): grpc.ClientUnaryCall;
  listTasks(argument: _skein_v1_ListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ListTasksResponse__Output>): grpc.ClientUnaryCall;
  listTasks(argument: _skein_v1_ListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ListTasksResponse__Output>): grpc.ClientUnaryCall;
  listTasks(argument: _skein_v1_ListRequest, callback: grpc.requestCallback<_skein_v1_ListTasksResponse__Output>): grpc.ClientUnaryCall;
  
  RemoveConfig(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveConfig(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveConfig(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveConfig(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeConfig(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeConfig(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeConfig(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeConfig(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  RemoveNetwork(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveNetwork(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveNetwork(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveNetwork(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeNetwork(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeNetwork(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeNetwork(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeNetwork(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  RemoveNode(argument: _skein_v1_RemoveNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveNode(argument: _skein_v1_RemoveNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveNode(argument: _skein_v1_RemoveNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveNode(argument: _skein_v1_RemoveNodeRequest, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeNode(argument: _skein_v1_RemoveNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeNode(argument: _skein_v1_RemoveNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeNode(argument: _skein_v1_RemoveNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeNode(argument: _skein_v1_RemoveNodeRequest, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  RemoveSecret(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveSecret(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveSecret(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveSecret(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeSecret(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeSecret(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeSecret(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeSecret(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  RemoveService(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveService(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveService(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RemoveService(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeService(argument: _skein_v1_Reference, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeService(argument: _skein_v1_Reference, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeService(argument: _skein_v1_Reference, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  removeService(argument: _skein_v1_Reference, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  RotateNetworkKeys(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RotateNetworkKeys(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RotateNetworkKeys(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  RotateNetworkKeys(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  rotateNetworkKeys(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  rotateNetworkKeys(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  rotateNetworkKeys(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  rotateNetworkKeys(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_Empty__Output>): grpc.ClientUnaryCall;
  
  UpdateCluster(argument: _skein_v1_UpdateClusterRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  UpdateCluster(argument: _skein_v1_UpdateClusterRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  UpdateCluster(argument: _skein_v1_UpdateClusterRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  UpdateCluster(argument: _skein_v1_UpdateClusterRequest, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  updateCluster(argument: _skein_v1_UpdateClusterRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  updateCluster(argument: _skein_v1_UpdateClusterRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  updateCluster(argument: _skein_v1_UpdateClusterRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  updateCluster(argument: _skein_v1_UpdateClusterRequest, callback: grpc.requestCallback<_skein_v1_Cluster__Output>): grpc.ClientUnaryCall;
  
  UpdateConfig(argument: _skein_v1_UpdateConfigRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  UpdateConfig(argument: _skein_v1_UpdateConfigRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  UpdateConfig(argument: _skein_v1_UpdateConfigRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  UpdateConfig(argument: _skein_v1_UpdateConfigRequest, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  updateConfig(argument: _skein_v1_UpdateConfigRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  updateConfig(argument: _skein_v1_UpdateConfigRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  updateConfig(argument: _skein_v1_UpdateConfigRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  updateConfig(argument: _skein_v1_UpdateConfigRequest, callback: grpc.requestCallback<_skein_v1_Config__Output>): grpc.ClientUnaryCall;
  
  UpdateNode(argument: _skein_v1_UpdateNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  UpdateNode(argument: _skein_v1_UpdateNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  UpdateNode(argument: _skein_v1_UpdateNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  UpdateNode(argument: _skein_v1_UpdateNodeRequest, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  updateNode(argument: _skein_v1_UpdateNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  updateNode(argument: _skein_v1_UpdateNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  updateNode(argument: _skein_v1_UpdateNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  updateNode(argument: _skein_v1_UpdateNodeRequest, callback: grpc.requestCallback<_skein_v1_Node__Output>): grpc.ClientUnaryCall;
  
  UpdateSecret(argument: _skein_v1_UpdateSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  UpdateSecret(argument: _skein_v1_UpdateSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  UpdateSecret(argument: _skein_v1_UpdateSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  UpdateSecret(argument: _skein_v1_UpdateSecretRequest, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  updateSecret(argument: _skein_v1_UpdateSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  updateSecret(argument: _skein_v1_UpdateSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  updateSecret(argument: _skein_v1_UpdateSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  updateSecret(argument: _skein_v1_UpdateSecretRequest, callback: grpc.requestCallback<_skein_v1_Secret__Output>): grpc.ClientUnaryCall;
  
  UpdateService(argument: _skein_v1_UpdateServiceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  UpdateService(argument: _skein_v1_UpdateServiceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  UpdateService(argument: _skein_v1_UpdateServiceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  UpdateService(argument: _skein_v1_UpdateServiceRequest, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  updateService(argument: _skein_v1_UpdateServiceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  updateService(argument: _skein_v1_UpdateServiceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  updateService(argument: _skein_v1_UpdateServiceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  updateService(argument: _skein_v1_UpdateServiceRequest, callback: grpc.requestCallback<_skein_v1_ServiceResponse__Output>): grpc.ClientUnaryCall;
  
  WatchEvents(argument: _skein_v1_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_ClusterEvent__Output>;
  WatchEvents(argument: _skein_v1_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_ClusterEvent__Output>;
  watchEvents(argument: _skein_v1_Empty, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_ClusterEvent__Output>;
  watchEvents(argument: _skein_v1_Empty, options?: grpc.CallOptions): grpc.ClientReadableStream<_skein_v1_ClusterEvent__Output>;
  
}

export interface ControlHandlers extends grpc.UntypedServiceImplementation {
  CreateConfig: grpc.handleUnaryCall<_skein_v1_CreateConfigRequest__Output, _skein_v1_Config>;
  
  CreateNetwork: grpc.handleUnaryCall<_skein_v1_CreateNetworkRequest__Output, _skein_v1_Network>;
  
  CreateSecret: grpc.handleUnaryCall<_skein_v1_CreateSecretRequest__Output, _skein_v1_Secret>;
  
  CreateService: grpc.handleUnaryCall<_skein_v1_CreateServiceRequest__Output, _skein_v1_ServiceResponse>;
  
  GetCluster: grpc.handleUnaryCall<_skein_v1_Empty__Output, _skein_v1_Cluster>;
  
  GetConfig: grpc.handleUnaryCall<_skein_v1_Reference__Output, _skein_v1_Config>;
  
  GetNetwork: grpc.handleUnaryCall<_skein_v1_Reference__Output, _skein_v1_Network>;
  
  GetNode: grpc.handleUnaryCall<_skein_v1_Reference__Output, _skein_v1_Node>;
  
  GetSecret: grpc.handleUnaryCall<_skein_v1_Reference__Output, _skein_v1_Secret>;
  
  GetService: grpc.handleUnaryCall<_skein_v1_GetServiceRequest__Output, _skein_v1_Service>;
  
  GetTask: grpc.handleUnaryCall<_skein_v1_Reference__Output, _skein_v1_Task>;
  
  GetUnlockKey: grpc.handleUnaryCall<_skein_v1_Empty__Output, _skein_v1_UnlockKey>;
  
  ListConfigs: grpc.handleUnaryCall<_skein_v1_ListRequest__Output, _skein_v1_ListConfigsResponse>;
  
  ListNetworks: grpc.handleUnaryCall<_skein_v1_ListRequest__Output, _skein_v1_ListNetworksResponse>;
  
  ListNodes: grpc.handleUnaryCall<_skein_v1_ListRequest__Output, _skein_v1_ListNodesResponse>;
  
  ListSecrets: grpc.handleUnaryCall<_skein_v1_ListRequest__Output, _skein_v1_ListSecretsResponse>;
  
  ListServices: grpc.handleUnaryCall<_skein_v1_ListServicesRequest__Output, _skein_v1_ListServicesResponse>;
  
  ListTasks: grpc.handleUnaryCall<_skein_v1_ListRequest__Output, _skein_v1_ListTasksResponse>;
  
  RemoveConfig: grpc.handleUnaryCall<_skein_v1_Reference__Output, _skein_v1_Empty>;
  
  RemoveNetwork: grpc.handleUnaryCall<_skein_v1_Reference__Output, _skein_v1_Empty>;
  
  RemoveNode: grpc.handleUnaryCall<_skein_v1_RemoveNodeRequest__Output, _skein_v1_Empty>;
  
  RemoveSecret: grpc.handleUnaryCall<_skein_v1_Reference__Output, _skein_v1_Empty>;
  
  RemoveService: grpc.handleUnaryCall<_skein_v1_Reference__Output, _skein_v1_Empty>;
  
  RotateNetworkKeys: grpc.handleUnaryCall<_skein_v1_Empty__Output, _skein_v1_Empty>;
  
  UpdateCluster: grpc.handleUnaryCall<_skein_v1_UpdateClusterRequest__Output, _skein_v1_Cluster>;
  
  UpdateConfig: grpc.handleUnaryCall<_skein_v1_UpdateConfigRequest__Output, _skein_v1_Config>;
  
  UpdateNode: grpc.handleUnaryCall<_skein_v1_UpdateNodeRequest__Output, _skein_v1_Node>;
  
  UpdateSecret: grpc.handleUnaryCall<_skein_v1_UpdateSecretRequest__Output, _skein_v1_Secret>;
  
  UpdateService: grpc.handleUnaryCall<_skein_v1_UpdateServiceRequest__Output, _skein_v1_ServiceResponse>;
  
  WatchEvents: grpc.handleServerStreamingCall<_skein_v1_Empty__Output, _skein_v1_ClusterEvent>;
  
}

export interface ControlDefinition extends grpc.ServiceDefinition {
  CreateConfig: MethodDefinition<_skein_v1_CreateConfigRequest, _skein_v1_Config, _skein_v1_CreateConfigRequest__Output, _skein_v1_Config__Output>
  CreateNetwork: MethodDefinition<_skein_v1_CreateNetworkRequest, _skein_v1_Network, _skein_v1_CreateNetworkRequest__Output, _skein_v1_Network__Output>
  CreateSecret: MethodDefinition<_skein_v1_CreateSecretRequest, _skein_v1_Secret, _skein_v1_CreateSecretRequest__Output, _skein_v1_Secret__Output>
  CreateService: MethodDefinition<_skein_v1_CreateServiceRequest, _skein_v1_ServiceResponse, _skein_v1_CreateServiceRequest__Output, _skein_v1_ServiceResponse__Output>
  GetCluster: MethodDefinition<_skein_v1_Empty, _skein_v1_Cluster, _skein_v1_Empty__Output, _skein_v1_Cluster__Output>
  GetConfig: MethodDefinition<_skein_v1_Reference, _skein_v1_Config, _skein_v1_Reference__Output, _skein_v1_Config__Output>
  GetNetwork: MethodDefinition<_skein_v1_Reference, _skein_v1_Network, _skein_v1_Reference__Output, _skein_v1_Network__Output>
  GetNode: MethodDefinition<_skein_v1_Reference, _skein_v1_Node, _skein_v1_Reference__Output, _skein_v1_Node__Output>
  GetSecret: MethodDefinition<_skein_v1_Reference, _skein_v1_Secret, _skein_v1_Reference__Output, _skein_v1_Secret__Output>
  GetService: MethodDefinition<_skein_v1_GetServiceRequest, _skein_v1_Service, _skein_v1_GetServiceRequest__Output, _skein_v1_Service__Output>
  GetTask: MethodDefinition<_skein_v1_Reference, _skein_v1_Task, _skein_v1_Reference__Output, _skein_v1_Task__Output>
  GetUnlockKey: MethodDefinition<_skein_v1_Empty, _skein_v1_UnlockKey, _skein_v1_Empty__Output, _skein_v1_UnlockKey__Output>
  ListConfigs: MethodDefinition<_skein_v1_ListRequest, _skein_v1_ListConfigsResponse, _skein_v1_ListRequest__Output, _skein_v1_ListConfigsResponse__Output>
  ListNetworks: MethodDefinition<_skein_v1_ListRequest, _skein_v1_ListNetworksResponse, _skein_v1_ListRequest__Output, _skein_v1_ListNetworksResponse__Output>
  ListNodes: MethodDefinition<_skein_v1_ListRequest, _skein_v1_ListNodesResponse, _skein_v1_ListRequest__Output, _skein_v1_ListNodesResponse__Output>
  ListSecrets: MethodDefinition<_skein_v1_ListRequest, _skein_v1_ListSecretsResponse, _skein_v1_ListRequest__Output, _skein_v1_ListSecretsResponse__Output>
  ListServices: MethodDefinition<_skein_v1_ListServicesRequest, _skein_v1_ListServicesResponse, _skein_v1_ListServicesRequest__Output, _skein_v1_ListServicesResponse__Output>
  ListTasks: MethodDefinition<_skein_v1_ListRequest, _skein_v1_ListTasksResponse, _skein_v1_ListRequest__Output, _skein_v1_ListTasksResponse__Output>
  RemoveConfig: MethodDefinition<_skein_v1_Reference, _skein_v1_Empty, _skein_v1_Reference__Output, _skein_v1_Empty__Output>
  RemoveNetwork: MethodDefinition<_skein_v1_Reference, _skein_v1_Empty, _skein_v1_Reference__Output, _skein_v1_Empty__Output>
  RemoveNode: MethodDefinition<_skein_v1_RemoveNodeRequest, _skein_v1_Empty, _skein_v1_RemoveNodeRequest__Output, _skein_v1_Empty__Output>
  RemoveSecret: MethodDefinition<_skein_v1_Reference, _skein_v1_Empty, _skein_v1_Reference__Output, _skein_v1_Empty__Output>
  RemoveService: MethodDefinition<_skein_v1_Reference, _skein_v1_Empty, _skein_v1_Reference__Output, _skein_v1_Empty__Output>
  RotateNetworkKeys: MethodDefinition<_skein_v1_Empty, _skein_v1_Empty, _skein_v1_Empty__Output, _skein_v1_Empty__Output>
  UpdateCluster: MethodDefinition<_skein_v1_UpdateClusterRequest, _skein_v1_Cluster, _skein_v1_UpdateClusterRequest__Output, _skein_v1_Cluster__Output>
  UpdateConfig: MethodDefinition<_skein_v1_UpdateConfigRequest, _skein_v1_Config, _skein_v1_UpdateConfigRequest__Output, _skein_v1_Config__Output>
  UpdateNode: MethodDefinition<_skein_v1_UpdateNodeRequest, _skein_v1_Node, _skein_v1_UpdateNodeRequest__Output, _skein_v1_Node__Output>
  UpdateSecret: MethodDefinition<_skein_v1_UpdateSecretRequest, _skein_v1_Secret, _skein_v1_UpdateSecretRequest__Output, _skein_v1_Secret__Output>
  UpdateService: MethodDefinition<_skein_v1_UpdateServiceRequest, _skein_v1_ServiceResponse, _skein_v1_UpdateServiceRequest__Output, _skein_v1_ServiceResponse__Output>
  WatchEvents: MethodDefinition<_skein_v1_Empty, _skein_v1_ClusterEvent, _skein_v1_Empty__Output, _skein_v1_ClusterEvent__Output>
}
