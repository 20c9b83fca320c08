import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Annotations as _skein_v1_Annotations, Annotations__Output as _skein_v1_Annotations__Output } from './skein/v1/Annotations.ts';
import type { AppArmorOptions as _skein_v1_AppArmorOptions, AppArmorOptions__Output as _skein_v1_AppArmorOptions__Output } from './skein/v1/AppArmorOptions.ts';
import type { AttachmentClaim as _skein_v1_AttachmentClaim, AttachmentClaim__Output as _skein_v1_AttachmentClaim__Output } from './skein/v1/AttachmentClaim.ts';
import type { BindOptions as _skein_v1_BindOptions, BindOptions__Output as _skein_v1_BindOptions__Output } from './skein/v1/BindOptions.ts';
import type { CaConfig as _skein_v1_CaConfig, CaConfig__Output as _skein_v1_CaConfig__Output } from './skein/v1/CaConfig.ts';
import type { Cluster as _skein_v1_Cluster, Cluster__Output as _skein_v1_Cluster__Output } from './skein/v1/Cluster.ts';
import type { ClusterSpec as _skein_v1_ClusterSpec, ClusterSpec__Output as _skein_v1_ClusterSpec__Output } from './skein/v1/ClusterSpec.ts';
import type { Config as _skein_v1_Config, Config__Output as _skein_v1_Config__Output } from './skein/v1/Config.ts';
import type { ConfigReference as _skein_v1_ConfigReference, ConfigReference__Output as _skein_v1_ConfigReference__Output } from './skein/v1/ConfigReference.ts';
import type { ConfigSpec as _skein_v1_ConfigSpec, ConfigSpec__Output as _skein_v1_ConfigSpec__Output } from './skein/v1/ConfigSpec.ts';
import type { ContainerSpec as _skein_v1_ContainerSpec, ContainerSpec__Output as _skein_v1_ContainerSpec__Output } from './skein/v1/ContainerSpec.ts';
import type { ContainerStatus as _skein_v1_ContainerStatus, ContainerStatus__Output as _skein_v1_ContainerStatus__Output } from './skein/v1/ContainerStatus.ts';
import type { DispatcherConfig as _skein_v1_DispatcherConfig, DispatcherConfig__Output as _skein_v1_DispatcherConfig__Output } from './skein/v1/DispatcherConfig.ts';
import type { DnsConfig as _skein_v1_DnsConfig, DnsConfig__Output as _skein_v1_DnsConfig__Output } from './skein/v1/DnsConfig.ts';
import type { EncryptionConfig as _skein_v1_EncryptionConfig, EncryptionConfig__Output as _skein_v1_EncryptionConfig__Output } from './skein/v1/EncryptionConfig.ts';
import type { Endpoint as _skein_v1_Endpoint, Endpoint__Output as _skein_v1_Endpoint__Output } from './skein/v1/Endpoint.ts';
import type { EndpointSpec as _skein_v1_EndpointSpec, EndpointSpec__Output as _skein_v1_EndpointSpec__Output } from './skein/v1/EndpointSpec.ts';
import type { EngineDescription as _skein_v1_EngineDescription, EngineDescription__Output as _skein_v1_EngineDescription__Output } from './skein/v1/EngineDescription.ts';
import type { EnginePlugin as _skein_v1_EnginePlugin, EnginePlugin__Output as _skein_v1_EnginePlugin__Output } from './skein/v1/EnginePlugin.ts';
import type { FileTarget as _skein_v1_FileTarget, FileTarget__Output as _skein_v1_FileTarget__Output } from './skein/v1/FileTarget.ts';
import type { GenericResource as _skein_v1_GenericResource, GenericResource__Output as _skein_v1_GenericResource__Output } from './skein/v1/GenericResource.ts';
import type { GlobalMode as _skein_v1_GlobalMode, GlobalMode__Output as _skein_v1_GlobalMode__Output } from './skein/v1/GlobalMode.ts';
import type { Healthcheck as _skein_v1_Healthcheck, Healthcheck__Output as _skein_v1_Healthcheck__Output } from './skein/v1/Healthcheck.ts';
import type { IpamConfig as _skein_v1_IpamConfig, IpamConfig__Output as _skein_v1_IpamConfig__Output } from './skein/v1/IpamConfig.ts';
import type { IpamOptions as _skein_v1_IpamOptions, IpamOptions__Output as _skein_v1_IpamOptions__Output } from './skein/v1/IpamOptions.ts';
import type { JoinTokens as _skein_v1_JoinTokens, JoinTokens__Output as _skein_v1_JoinTokens__Output } from './skein/v1/JoinTokens.ts';
import type { LogDriver as _skein_v1_LogDriver, LogDriver__Output as _skein_v1_LogDriver__Output } from './skein/v1/LogDriver.ts';
import type { ManagerStatus as _skein_v1_ManagerStatus, ManagerStatus__Output as _skein_v1_ManagerStatus__Output } from './skein/v1/ManagerStatus.ts';
import type { Meta as _skein_v1_Meta, Meta__Output as _skein_v1_Meta__Output } from './skein/v1/Meta.ts';
import type { Mount as _skein_v1_Mount, Mount__Output as _skein_v1_Mount__Output } from './skein/v1/Mount.ts';
import type { Network as _skein_v1_Network, Network__Output as _skein_v1_Network__Output } from './skein/v1/Network.ts';
import type { NetworkAttachment as _skein_v1_NetworkAttachment, NetworkAttachment__Output as _skein_v1_NetworkAttachment__Output } from './skein/v1/NetworkAttachment.ts';
import type { NetworkAttachmentConfig as _skein_v1_NetworkAttachmentConfig, NetworkAttachmentConfig__Output as _skein_v1_NetworkAttachmentConfig__Output } from './skein/v1/NetworkAttachmentConfig.ts';
import type { NetworkKey as _skein_v1_NetworkKey, NetworkKey__Output as _skein_v1_NetworkKey__Output } from './skein/v1/NetworkKey.ts';
import type { NetworkKeyring as _skein_v1_NetworkKeyring, NetworkKeyring__Output as _skein_v1_NetworkKeyring__Output } from './skein/v1/NetworkKeyring.ts';
import type { NetworkSpec as _skein_v1_NetworkSpec, NetworkSpec__Output as _skein_v1_NetworkSpec__Output } from './skein/v1/NetworkSpec.ts';
import type { NetworkView as _skein_v1_NetworkView, NetworkView__Output as _skein_v1_NetworkView__Output } from './skein/v1/NetworkView.ts';
import type { Node as _skein_v1_Node, Node__Output as _skein_v1_Node__Output } from './skein/v1/Node.ts';
import type { NodeCertificate as _skein_v1_NodeCertificate, NodeCertificate__Output as _skein_v1_NodeCertificate__Output } from './skein/v1/NodeCertificate.ts';
import type { NodeDescription as _skein_v1_NodeDescription, NodeDescription__Output as _skein_v1_NodeDescription__Output } from './skein/v1/NodeDescription.ts';
import type { NodeEncryption as _skein_v1_NodeEncryption, NodeEncryption__Output as _skein_v1_NodeEncryption__Output } from './skein/v1/NodeEncryption.ts';
import type { NodeSpec as _skein_v1_NodeSpec, NodeSpec__Output as _skein_v1_NodeSpec__Output } from './skein/v1/NodeSpec.ts';
import type { NodeStatus as _skein_v1_NodeStatus, NodeStatus__Output as _skein_v1_NodeStatus__Output } from './skein/v1/NodeStatus.ts';
import type { OrchestrationConfig as _skein_v1_OrchestrationConfig, OrchestrationConfig__Output as _skein_v1_OrchestrationConfig__Output } from './skein/v1/OrchestrationConfig.ts';
import type { Placement as _skein_v1_Placement, Placement__Output as _skein_v1_Placement__Output } from './skein/v1/Placement.ts';
import type { PlacementPreference as _skein_v1_PlacementPreference, PlacementPreference__Output as _skein_v1_PlacementPreference__Output } from './skein/v1/PlacementPreference.ts';
import type { Platform as _skein_v1_Platform, Platform__Output as _skein_v1_Platform__Output } from './skein/v1/Platform.ts';
import type { PortConfig as _skein_v1_PortConfig, PortConfig__Output as _skein_v1_PortConfig__Output } from './skein/v1/PortConfig.ts';
import type { Privileges as _skein_v1_Privileges, Privileges__Output as _skein_v1_Privileges__Output } from './skein/v1/Privileges.ts';
import type { RaftConfig as _skein_v1_RaftConfig, RaftConfig__Output as _skein_v1_RaftConfig__Output } from './skein/v1/RaftConfig.ts';
import type { ReplicatedMode as _skein_v1_ReplicatedMode, ReplicatedMode__Output as _skein_v1_ReplicatedMode__Output } from './skein/v1/ReplicatedMode.ts';
import type { ResourceLimits as _skein_v1_ResourceLimits, ResourceLimits__Output as _skein_v1_ResourceLimits__Output } from './skein/v1/ResourceLimits.ts';
import type { ResourceRequirements as _skein_v1_ResourceRequirements, ResourceRequirements__Output as _skein_v1_ResourceRequirements__Output } from './skein/v1/ResourceRequirements.ts';
import type { ResourceSet as _skein_v1_ResourceSet, ResourceSet__Output as _skein_v1_ResourceSet__Output } from './skein/v1/ResourceSet.ts';
import type { RestartPolicy as _skein_v1_RestartPolicy, RestartPolicy__Output as _skein_v1_RestartPolicy__Output } from './skein/v1/RestartPolicy.ts';
import type { RevokedNode as _skein_v1_RevokedNode, RevokedNode__Output as _skein_v1_RevokedNode__Output } from './skein/v1/RevokedNode.ts';
import type { RootCa as _skein_v1_RootCa, RootCa__Output as _skein_v1_RootCa__Output } from './skein/v1/RootCa.ts';
import type { SeccompOptions as _skein_v1_SeccompOptions, SeccompOptions__Output as _skein_v1_SeccompOptions__Output } from './skein/v1/SeccompOptions.ts';
import type { Secret as _skein_v1_Secret, Secret__Output as _skein_v1_Secret__Output } from './skein/v1/Secret.ts';
import type { SecretReference as _skein_v1_SecretReference, SecretReference__Output as _skein_v1_SecretReference__Output } from './skein/v1/SecretReference.ts';
import type { SecretSpec as _skein_v1_SecretSpec, SecretSpec__Output as _skein_v1_SecretSpec__Output } from './skein/v1/SecretSpec.ts';
import type { Service as _skein_v1_Service, Service__Output as _skein_v1_Service__Output } from './skein/v1/Service.ts';
import type { ServiceMode as _skein_v1_ServiceMode, ServiceMode__Output as _skein_v1_ServiceMode__Output } from './skein/v1/ServiceMode.ts';
import type { ServiceSpec as _skein_v1_ServiceSpec, ServiceSpec__Output as _skein_v1_ServiceSpec__Output } from './skein/v1/ServiceSpec.ts';
import type { StoreObject as _skein_v1_StoreObject, StoreObject__Output as _skein_v1_StoreObject__Output } from './skein/v1/StoreObject.ts';
import type { Subnet as _skein_v1_Subnet, Subnet__Output as _skein_v1_Subnet__Output } from './skein/v1/Subnet.ts';
import type { Task as _skein_v1_Task, Task__Output as _skein_v1_Task__Output } from './skein/v1/Task.ts';
import type { TaskDefaults as _skein_v1_TaskDefaults, TaskDefaults__Output as _skein_v1_TaskDefaults__Output } from './skein/v1/TaskDefaults.ts';
import type { TaskSpec as _skein_v1_TaskSpec, TaskSpec__Output as _skein_v1_TaskSpec__Output } from './skein/v1/TaskSpec.ts';
import type { TaskStatus as _skein_v1_TaskStatus, TaskStatus__Output as _skein_v1_TaskStatus__Output } from './skein/v1/TaskStatus.ts';
import type { Templating as _skein_v1_Templating, Templating__Output as _skein_v1_Templating__Output } from './skein/v1/Templating.ts';
import type { TmpfsOptions as _skein_v1_TmpfsOptions, TmpfsOptions__Output as _skein_v1_TmpfsOptions__Output } from './skein/v1/TmpfsOptions.ts';
import type { Ulimit as _skein_v1_Ulimit, Ulimit__Output as _skein_v1_Ulimit__Output } from './skein/v1/Ulimit.ts';
import type { UpdateConfig as _skein_v1_UpdateConfig, UpdateConfig__Output as _skein_v1_UpdateConfig__Output } from './skein/v1/UpdateConfig.ts';
import type { UpdateStatus as _skein_v1_UpdateStatus, UpdateStatus__Output as _skein_v1_UpdateStatus__Output } from './skein/v1/UpdateStatus.ts';
import type { ViewEncryption as _skein_v1_ViewEncryption, ViewEncryption__Output as _skein_v1_ViewEncryption__Output } from './skein/v1/ViewEncryption.ts';
import type { ViewEndpoint as _skein_v1_ViewEndpoint, ViewEndpoint__Output as _skein_v1_ViewEndpoint__Output } from './skein/v1/ViewEndpoint.ts';
import type { ViewNode as _skein_v1_ViewNode, ViewNode__Output as _skein_v1_ViewNode__Output } from './skein/v1/ViewNode.ts';
import type { ViewService as _skein_v1_ViewService, ViewService__Output as _skein_v1_ViewService__Output } from './skein/v1/ViewService.ts';
import type { VirtualIp as _skein_v1_VirtualIp, VirtualIp__Output as _skein_v1_VirtualIp__Output } from './skein/v1/VirtualIp.ts';
import type { Volume as _skein_v1_Volume, Volume__Output as _skein_v1_Volume__Output } from './skein/v1/Volume.ts';
import type { VolumeDriver as _skein_v1_VolumeDriver, VolumeDriver__Output as _skein_v1_VolumeDriver__Output } from './skein/v1/VolumeDriver.ts';
import type { VolumeOptions as _skein_v1_VolumeOptions, VolumeOptions__Output as _skein_v1_VolumeOptions__Output } from './skein/v1/VolumeOptions.ts';
import type { VolumeSpec as _skein_v1_VolumeSpec, VolumeSpec__Output as _skein_v1_VolumeSpec__Output } from './skein/v1/VolumeSpec.ts';


export interface ProtoGrpcType {
  skein: {
    v1: {
      Annotations: MessageTypeDefinition<_skein_v1_Annotations, _skein_v1_Annotations__Output>
      AppArmorMode: EnumTypeDefinition
      AppArmorOptions: MessageTypeDefinition<_skein_v1_AppArmorOptions, _skein_v1_AppArmorOptions__Output>
      AttachmentClaim: MessageTypeDefinition<_skein_v1_AttachmentClaim, _skein_v1_AttachmentClaim__Output>
      BindOptions: MessageTypeDefinition<_skein_v1_BindOptions, _skein_v1_BindOptions__Output>
      CaConfig: MessageTypeDefinition<_skein_v1_CaConfig, _skein_v1_CaConfig__Output>
      Cluster: MessageTypeDefinition<_skein_v1_Cluster, _skein_v1_Cluster__Output>
      ClusterSpec: MessageTypeDefinition<_skein_v1_ClusterSpec, _skein_v1_ClusterSpec__Output>
      Config: MessageTypeDefinition<_skein_v1_Config, _skein_v1_Config__Output>
      ConfigReference: MessageTypeDefinition<_skein_v1_ConfigReference, _skein_v1_ConfigReference__Output>
      ConfigSpec: MessageTypeDefinition<_skein_v1_ConfigSpec, _skein_v1_ConfigSpec__Output>
      ContainerSpec: MessageTypeDefinition<_skein_v1_ContainerSpec, _skein_v1_ContainerSpec__Output>
      ContainerStatus: MessageTypeDefinition<_skein_v1_ContainerStatus, _skein_v1_ContainerStatus__Output>
      DispatcherConfig: MessageTypeDefinition<_skein_v1_DispatcherConfig, _skein_v1_DispatcherConfig__Output>
      DnsConfig: MessageTypeDefinition<_skein_v1_DnsConfig, _skein_v1_DnsConfig__Output>
      EncryptionConfig: MessageTypeDefinition<_skein_v1_EncryptionConfig, _skein_v1_EncryptionConfig__Output>
      Endpoint: MessageTypeDefinition<_skein_v1_Endpoint, _skein_v1_Endpoint__Output>
      EndpointMode: EnumTypeDefinition
      EndpointSpec: MessageTypeDefinition<_skein_v1_EndpointSpec, _skein_v1_EndpointSpec__Output>
      EndpointState: EnumTypeDefinition
      EngineDescription: MessageTypeDefinition<_skein_v1_EngineDescription, _skein_v1_EngineDescription__Output>
      EnginePlugin: MessageTypeDefinition<_skein_v1_EnginePlugin, _skein_v1_EnginePlugin__Output>
      FileTarget: MessageTypeDefinition<_skein_v1_FileTarget, _skein_v1_FileTarget__Output>
      GenericResource: MessageTypeDefinition<_skein_v1_GenericResource, _skein_v1_GenericResource__Output>
      GlobalMode: MessageTypeDefinition<_skein_v1_GlobalMode, _skein_v1_GlobalMode__Output>
      Healthcheck: MessageTypeDefinition<_skein_v1_Healthcheck, _skein_v1_Healthcheck__Output>
      IpamConfig: MessageTypeDefinition<_skein_v1_IpamConfig, _skein_v1_IpamConfig__Output>
      IpamOptions: MessageTypeDefinition<_skein_v1_IpamOptions, _skein_v1_IpamOptions__Output>
      JoinTokens: MessageTypeDefinition<_skein_v1_JoinTokens, _skein_v1_JoinTokens__Output>
      LogDriver: MessageTypeDefinition<_skein_v1_LogDriver, _skein_v1_LogDriver__Output>
      ManagerStatus: MessageTypeDefinition<_skein_v1_ManagerStatus, _skein_v1_ManagerStatus__Output>
      Meta: MessageTypeDefinition<_skein_v1_Meta, _skein_v1_Meta__Output>
      Mount: MessageTypeDefinition<_skein_v1_Mount, _skein_v1_Mount__Output>
      MountPropagation: EnumTypeDefinition
      MountType: EnumTypeDefinition
      Network: MessageTypeDefinition<_skein_v1_Network, _skein_v1_Network__Output>
      NetworkAttachment: MessageTypeDefinition<_skein_v1_NetworkAttachment, _skein_v1_NetworkAttachment__Output>
      NetworkAttachmentConfig: MessageTypeDefinition<_skein_v1_NetworkAttachmentConfig, _skein_v1_NetworkAttachmentConfig__Output>
      NetworkKey: MessageTypeDefinition<_skein_v1_NetworkKey, _skein_v1_NetworkKey__Output>
      NetworkKeyring: MessageTypeDefinition<_skein_v1_NetworkKeyring, _skein_v1_NetworkKeyring__Output>
      NetworkSpec: MessageTypeDefinition<_skein_v1_NetworkSpec, _skein_v1_NetworkSpec__Output>
      NetworkView: MessageTypeDefinition<_skein_v1_NetworkView, _skein_v1_NetworkView__Output>
      Node: MessageTypeDefinition<_skein_v1_Node, _skein_v1_Node__Output>
      NodeAvailability: EnumTypeDefinition
      NodeCertificate: MessageTypeDefinition<_skein_v1_NodeCertificate, _skein_v1_NodeCertificate__Output>
      NodeDescription: MessageTypeDefinition<_skein_v1_NodeDescription, _skein_v1_NodeDescription__Output>
      NodeEncryption: MessageTypeDefinition<_skein_v1_NodeEncryption, _skein_v1_NodeEncryption__Output>
      NodeMembership: EnumTypeDefinition
      NodeRole: EnumTypeDefinition
      NodeSpec: MessageTypeDefinition<_skein_v1_NodeSpec, _skein_v1_NodeSpec__Output>
      NodeState: EnumTypeDefinition
      NodeStatus: MessageTypeDefinition<_skein_v1_NodeStatus, _skein_v1_NodeStatus__Output>
      OrchestrationConfig: MessageTypeDefinition<_skein_v1_OrchestrationConfig, _skein_v1_OrchestrationConfig__Output>
      Placement: MessageTypeDefinition<_skein_v1_Placement, _skein_v1_Placement__Output>
      PlacementPreference: MessageTypeDefinition<_skein_v1_PlacementPreference, _skein_v1_PlacementPreference__Output>
      Platform: MessageTypeDefinition<_skein_v1_Platform, _skein_v1_Platform__Output>
      PortConfig: MessageTypeDefinition<_skein_v1_PortConfig, _skein_v1_PortConfig__Output>
      PortProtocol: EnumTypeDefinition
      Privileges: MessageTypeDefinition<_skein_v1_Privileges, _skein_v1_Privileges__Output>
      PublishMode: EnumTypeDefinition
      RaftConfig: MessageTypeDefinition<_skein_v1_RaftConfig, _skein_v1_RaftConfig__Output>
      RaftReachability: EnumTypeDefinition
      ReplicatedMode: MessageTypeDefinition<_skein_v1_ReplicatedMode, _skein_v1_ReplicatedMode__Output>
      ResourceLimits: MessageTypeDefinition<_skein_v1_ResourceLimits, _skein_v1_ResourceLimits__Output>
      ResourceRequirements: MessageTypeDefinition<_skein_v1_ResourceRequirements, _skein_v1_ResourceRequirements__Output>
      ResourceSet: MessageTypeDefinition<_skein_v1_ResourceSet, _skein_v1_ResourceSet__Output>
      RestartCondition: EnumTypeDefinition
      RestartPolicy: MessageTypeDefinition<_skein_v1_RestartPolicy, _skein_v1_RestartPolicy__Output>
      RevokedNode: MessageTypeDefinition<_skein_v1_RevokedNode, _skein_v1_RevokedNode__Output>
      RootCa: MessageTypeDefinition<_skein_v1_RootCa, _skein_v1_RootCa__Output>
      SeccompMode: EnumTypeDefinition
      SeccompOptions: MessageTypeDefinition<_skein_v1_SeccompOptions, _skein_v1_SeccompOptions__Output>
      Secret: MessageTypeDefinition<_skein_v1_Secret, _skein_v1_Secret__Output>
      SecretReference: MessageTypeDefinition<_skein_v1_SecretReference, _skein_v1_SecretReference__Output>
      SecretSpec: MessageTypeDefinition<_skein_v1_SecretSpec, _skein_v1_SecretSpec__Output>
      Service: MessageTypeDefinition<_skein_v1_Service, _skein_v1_Service__Output>
      ServiceMode: MessageTypeDefinition<_skein_v1_ServiceMode, _skein_v1_ServiceMode__Output>
      ServiceSpec: MessageTypeDefinition<_skein_v1_ServiceSpec, _skein_v1_ServiceSpec__Output>
      StoreObject: MessageTypeDefinition<_skein_v1_StoreObject, _skein_v1_StoreObject__Output>
      Subnet: MessageTypeDefinition<_skein_v1_Subnet, _skein_v1_Subnet__Output>
      Task: MessageTypeDefinition<_skein_v1_Task, _skein_v1_Task__Output>
      TaskDefaults: MessageTypeDefinition<_skein_v1_TaskDefaults, _skein_v1_TaskDefaults__Output>
      TaskSpec: MessageTypeDefinition<_skein_v1_TaskSpec, _skein_v1_TaskSpec__Output>
      TaskState: EnumTypeDefinition
      TaskStatus: MessageTypeDefinition<_skein_v1_TaskStatus, _skein_v1_TaskStatus__Output>
      Templating: MessageTypeDefinition<_skein_v1_Templating, _skein_v1_Templating__Output>
      TmpfsOptions: MessageTypeDefinition<_skein_v1_TmpfsOptions, _skein_v1_TmpfsOptions__Output>
      Ulimit: MessageTypeDefinition<_skein_v1_Ulimit, _skein_v1_Ulimit__Output>
      UpdateConfig: MessageTypeDefinition<_skein_v1_UpdateConfig, _skein_v1_UpdateConfig__Output>
      UpdateFailureAction: EnumTypeDefinition
      UpdateOrder: EnumTypeDefinition
      UpdateState: EnumTypeDefinition
      UpdateStatus: MessageTypeDefinition<_skein_v1_UpdateStatus, _skein_v1_UpdateStatus__Output>
      ViewEncryption: MessageTypeDefinition<_skein_v1_ViewEncryption, _skein_v1_ViewEncryption__Output>
      ViewEndpoint: MessageTypeDefinition<_skein_v1_ViewEndpoint, _skein_v1_ViewEndpoint__Output>
      ViewNode: MessageTypeDefinition<_skein_v1_ViewNode, _skein_v1_ViewNode__Output>
      ViewService: MessageTypeDefinition<_skein_v1_ViewService, _skein_v1_ViewService__Output>
      VirtualIp: MessageTypeDefinition<_skein_v1_VirtualIp, _skein_v1_VirtualIp__Output>
      Volume: MessageTypeDefinition<_skein_v1_Volume, _skein_v1_Volume__Output>
      VolumeDriver: MessageTypeDefinition<_skein_v1_VolumeDriver, _skein_v1_VolumeDriver__Output>
      VolumeOptions: MessageTypeDefinition<_skein_v1_VolumeOptions, _skein_v1_VolumeOptions__Output>
      VolumeSpec: MessageTypeDefinition<_skein_v1_VolumeSpec, _skein_v1_VolumeSpec__Output>
    }
  }
}

