import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Annotations as _skein_v1_Annotations, Annotations__Output as _skein_v1_Annotations__Output } from './skein/v1/Annotations.ts';
import type { AppArmorOptions as _skein_v1_AppArmorOptions, AppArmorOptions__Output as _skein_v1_AppArmorOptions__Output } from './skein/v1/AppArmorOptions.ts';
import type { BindOptions as _skein_v1_BindOptions, BindOptions__Output as _skein_v1_BindOptions__Output } from './skein/v1/BindOptions.ts';
import type { CaClient as _skein_v1_CaClient, CaDefinition as _skein_v1_CaDefinition } from './skein/v1/Ca.ts';
import type { CaConfig as _skein_v1_CaConfig, CaConfig__Output as _skein_v1_CaConfig__Output } from './skein/v1/CaConfig.ts';
import type { ClusterSpec as _skein_v1_ClusterSpec, ClusterSpec__Output as _skein_v1_ClusterSpec__Output } from './skein/v1/ClusterSpec.ts';
import type { ConfigReference as _skein_v1_ConfigReference, ConfigReference__Output as _skein_v1_ConfigReference__Output } from './skein/v1/ConfigReference.ts';
import type { ConfigSpec as _skein_v1_ConfigSpec, ConfigSpec__Output as _skein_v1_ConfigSpec__Output } from './skein/v1/ConfigSpec.ts';
import type { ContainerSpec as _skein_v1_ContainerSpec, ContainerSpec__Output as _skein_v1_ContainerSpec__Output } from './skein/v1/ContainerSpec.ts';
import type { DispatcherConfig as _skein_v1_DispatcherConfig, DispatcherConfig__Output as _skein_v1_DispatcherConfig__Output } from './skein/v1/DispatcherConfig.ts';
import type { DnsConfig as _skein_v1_DnsConfig, DnsConfig__Output as _skein_v1_DnsConfig__Output } from './skein/v1/DnsConfig.ts';
import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from './skein/v1/Empty.ts';
import type { EncryptionConfig as _skein_v1_EncryptionConfig, EncryptionConfig__Output as _skein_v1_EncryptionConfig__Output } from './skein/v1/EncryptionConfig.ts';
import type { EndpointSpec as _skein_v1_EndpointSpec, EndpointSpec__Output as _skein_v1_EndpointSpec__Output } from './skein/v1/EndpointSpec.ts';
import type { FileTarget as _skein_v1_FileTarget, FileTarget__Output as _skein_v1_FileTarget__Output } from './skein/v1/FileTarget.ts';
import type { GenericResource as _skein_v1_GenericResource, GenericResource__Output as _skein_v1_GenericResource__Output } from './skein/v1/GenericResource.ts';
import type { GlobalMode as _skein_v1_GlobalMode, GlobalMode__Output as _skein_v1_GlobalMode__Output } from './skein/v1/GlobalMode.ts';
import type { Healthcheck as _skein_v1_Healthcheck, Healthcheck__Output as _skein_v1_Healthcheck__Output } from './skein/v1/Healthcheck.ts';
import type { IpamConfig as _skein_v1_IpamConfig, IpamConfig__Output as _skein_v1_IpamConfig__Output } from './skein/v1/IpamConfig.ts';
import type { IpamOptions as _skein_v1_IpamOptions, IpamOptions__Output as _skein_v1_IpamOptions__Output } from './skein/v1/IpamOptions.ts';
import type { IssueCertificateRequest as _skein_v1_IssueCertificateRequest, IssueCertificateRequest__Output as _skein_v1_IssueCertificateRequest__Output } from './skein/v1/IssueCertificateRequest.ts';
import type { IssueCertificateResponse as _skein_v1_IssueCertificateResponse, IssueCertificateResponse__Output as _skein_v1_IssueCertificateResponse__Output } from './skein/v1/IssueCertificateResponse.ts';
import type { LogDriver as _skein_v1_LogDriver, LogDriver__Output as _skein_v1_LogDriver__Output } from './skein/v1/LogDriver.ts';
import type { Mount as _skein_v1_Mount, Mount__Output as _skein_v1_Mount__Output } from './skein/v1/Mount.ts';
import type { NetworkAttachmentConfig as _skein_v1_NetworkAttachmentConfig, NetworkAttachmentConfig__Output as _skein_v1_NetworkAttachmentConfig__Output } from './skein/v1/NetworkAttachmentConfig.ts';
import type { NetworkSpec as _skein_v1_NetworkSpec, NetworkSpec__Output as _skein_v1_NetworkSpec__Output } from './skein/v1/NetworkSpec.ts';
import type { NodeSpec as _skein_v1_NodeSpec, NodeSpec__Output as _skein_v1_NodeSpec__Output } from './skein/v1/NodeSpec.ts';
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
import type { RootCertificate as _skein_v1_RootCertificate, RootCertificate__Output as _skein_v1_RootCertificate__Output } from './skein/v1/RootCertificate.ts';
import type { SeccompOptions as _skein_v1_SeccompOptions, SeccompOptions__Output as _skein_v1_SeccompOptions__Output } from './skein/v1/SeccompOptions.ts';
import type { SecretReference as _skein_v1_SecretReference, SecretReference__Output as _skein_v1_SecretReference__Output } from './skein/v1/SecretReference.ts';
import type { SecretSpec as _skein_v1_SecretSpec, SecretSpec__Output as _skein_v1_SecretSpec__Output } from './skein/v1/SecretSpec.ts';
import type { ServiceMode as _skein_v1_ServiceMode, ServiceMode__Output as _skein_v1_ServiceMode__Output } from './skein/v1/ServiceMode.ts';
import type { ServiceSpec as _skein_v1_ServiceSpec, ServiceSpec__Output as _skein_v1_ServiceSpec__Output } from './skein/v1/ServiceSpec.ts';
import type { TaskDefaults as _skein_v1_TaskDefaults, TaskDefaults__Output as _skein_v1_TaskDefaults__Output } from './skein/v1/TaskDefaults.ts';
import type { TaskSpec as _skein_v1_TaskSpec, TaskSpec__Output as _skein_v1_TaskSpec__Output } from './skein/v1/TaskSpec.ts';
import type { Templating as _skein_v1_Templating, Templating__Output as _skein_v1_Templating__Output } from './skein/v1/Templating.ts';
import type { TmpfsOptions as _skein_v1_TmpfsOptions, TmpfsOptions__Output as _skein_v1_TmpfsOptions__Output } from './skein/v1/TmpfsOptions.ts';
import type { Ulimit as _skein_v1_Ulimit, Ulimit__Output as _skein_v1_Ulimit__Output } from './skein/v1/Ulimit.ts';
import type { UpdateConfig as _skein_v1_UpdateConfig, UpdateConfig__Output as _skein_v1_UpdateConfig__Output } from './skein/v1/UpdateConfig.ts';
import type { VolumeDriver as _skein_v1_VolumeDriver, VolumeDriver__Output as _skein_v1_VolumeDriver__Output } from './skein/v1/VolumeDriver.ts';
import type { VolumeOptions as _skein_v1_VolumeOptions, VolumeOptions__Output as _skein_v1_VolumeOptions__Output } from './skein/v1/VolumeOptions.ts';
import type { VolumeSpec as _skein_v1_VolumeSpec, VolumeSpec__Output as _skein_v1_VolumeSpec__Output } from './skein/v1/VolumeSpec.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  skein: {
    v1: {
      Annotations: MessageTypeDefinition<_skein_v1_Annotations, _skein_v1_Annotations__Output>
      AppArmorMode: EnumTypeDefinition
      AppArmorOptions: MessageTypeDefinition<_skein_v1_AppArmorOptions, _skein_v1_AppArmorOptions__Output>
      BindOptions: MessageTypeDefinition<_skein_v1_BindOptions, _skein_v1_BindOptions__Output>
      Ca: SubtypeConstructor<typeof grpc.Client, _skein_v1_CaClient> & { service: _skein_v1_CaDefinition }
      CaConfig: MessageTypeDefinition<_skein_v1_CaConfig, _skein_v1_CaConfig__Output>
      ClusterSpec: MessageTypeDefinition<_skein_v1_ClusterSpec, _skein_v1_ClusterSpec__Output>
      ConfigReference: MessageTypeDefinition<_skein_v1_ConfigReference, _skein_v1_ConfigReference__Output>
      ConfigSpec: MessageTypeDefinition<_skein_v1_ConfigSpec, _skein_v1_ConfigSpec__Output>
      ContainerSpec: MessageTypeDefinition<_skein_v1_ContainerSpec, _skein_v1_ContainerSpec__Output>
      DispatcherConfig: MessageTypeDefinition<_skein_v1_DispatcherConfig, _skein_v1_DispatcherConfig__Output>
      DnsConfig: MessageTypeDefinition<_skein_v1_DnsConfig, _skein_v1_DnsConfig__Output>
      Empty: MessageTypeDefinition<_skein_v1_Empty, _skein_v1_Empty__Output>
      EncryptionConfig: MessageTypeDefinition<_skein_v1_EncryptionConfig, _skein_v1_EncryptionConfig__Output>
      EndpointMode: EnumTypeDefinition
      EndpointSpec: MessageTypeDefinition<_skein_v1_EndpointSpec, _skein_v1_EndpointSpec__Output>
      FileTarget: MessageTypeDefinition<_skein_v1_FileTarget, _skein_v1_FileTarget__Output>
      GenericResource: MessageTypeDefinition<_skein_v1_GenericResource, _skein_v1_GenericResource__Output>
      GlobalMode: MessageTypeDefinition<_skein_v1_GlobalMode, _skein_v1_GlobalMode__Output>
      Healthcheck: MessageTypeDefinition<_skein_v1_Healthcheck, _skein_v1_Healthcheck__Output>
      IpamConfig: MessageTypeDefinition<_skein_v1_IpamConfig, _skein_v1_IpamConfig__Output>
      IpamOptions: MessageTypeDefinition<_skein_v1_IpamOptions, _skein_v1_IpamOptions__Output>
      IssueCertificateRequest: MessageTypeDefinition<_skein_v1_IssueCertificateRequest, _skein_v1_IssueCertificateRequest__Output>
      IssueCertificateResponse: MessageTypeDefinition<_skein_v1_IssueCertificateResponse, _skein_v1_IssueCertificateResponse__Output>
      LogDriver: MessageTypeDefinition<_skein_v1_LogDriver, _skein_v1_LogDriver__Output>
      Mount: MessageTypeDefinition<_skein_v1_Mount, _skein_v1_Mount__Output>
      MountPropagation: EnumTypeDefinition
      MountType: EnumTypeDefinition
      NetworkAttachmentConfig: MessageTypeDefinition<_skein_v1_NetworkAttachmentConfig, _skein_v1_NetworkAttachmentConfig__Output>
      NetworkSpec: MessageTypeDefinition<_skein_v1_NetworkSpec, _skein_v1_NetworkSpec__Output>
      NodeAvailability: EnumTypeDefinition
      NodeMembership: EnumTypeDefinition
      NodeRole: EnumTypeDefinition
      NodeSpec: MessageTypeDefinition<_skein_v1_NodeSpec, _skein_v1_NodeSpec__Output>
      OrchestrationConfig: MessageTypeDefinition<_skein_v1_OrchestrationConfig, _skein_v1_OrchestrationConfig__Output>
      Placement: MessageTypeDefinition<_skein_v1_Placement, _skein_v1_Placement__Output>
      PlacementPreference: MessageTypeDefinition<_skein_v1_PlacementPreference, _skein_v1_PlacementPreference__Output>
      Platform: MessageTypeDefinition<_skein_v1_Platform, _skein_v1_Platform__Output>
      PortConfig: MessageTypeDefinition<_skein_v1_PortConfig, _skein_v1_PortConfig__Output>
      PortProtocol: EnumTypeDefinition
      Privileges: MessageTypeDefinition<_skein_v1_Privileges, _skein_v1_Privileges__Output>
      PublishMode: EnumTypeDefinition
      RaftConfig: MessageTypeDefinition<_skein_v1_RaftConfig, _skein_v1_RaftConfig__Output>
      ReplicatedMode: MessageTypeDefinition<_skein_v1_ReplicatedMode, _skein_v1_ReplicatedMode__Output>
      ResourceLimits: MessageTypeDefinition<_skein_v1_ResourceLimits, _skein_v1_ResourceLimits__Output>
      ResourceRequirements: MessageTypeDefinition<_skein_v1_ResourceRequirements, _skein_v1_ResourceRequirements__Output>
      ResourceSet: MessageTypeDefinition<_skein_v1_ResourceSet, _skein_v1_ResourceSet__Output>
      RestartCondition: EnumTypeDefinition
      RestartPolicy: MessageTypeDefinition<_skein_v1_RestartPolicy, _skein_v1_RestartPolicy__Output>
      RootCertificate: MessageTypeDefinition<_skein_v1_RootCertificate, _skein_v1_RootCertificate__Output>
      SeccompMode: EnumTypeDefinition
      SeccompOptions: MessageTypeDefinition<_skein_v1_SeccompOptions, _skein_v1_SeccompOptions__Output>
      SecretReference: MessageTypeDefinition<_skein_v1_SecretReference, _skein_v1_SecretReference__Output>
      SecretSpec: MessageTypeDefinition<_skein_v1_SecretSpec, _skein_v1_SecretSpec__Output>
      ServiceMode: MessageTypeDefinition<_skein_v1_ServiceMode, _skein_v1_ServiceMode__Output>
      ServiceSpec: MessageTypeDefinition<_skein_v1_ServiceSpec, _skein_v1_ServiceSpec__Output>
      TaskDefaults: MessageTypeDefinition<_skein_v1_TaskDefaults, _skein_v1_TaskDefaults__Output>
      TaskSpec: MessageTypeDefinition<_skein_v1_TaskSpec, _skein_v1_TaskSpec__Output>
      Templating: MessageTypeDefinition<_skein_v1_Templating, _skein_v1_Templating__Output>
      TmpfsOptions: MessageTypeDefinition<_skein_v1_TmpfsOptions, _skein_v1_TmpfsOptions__Output>
      Ulimit: MessageTypeDefinition<_skein_v1_Ulimit, _skein_v1_Ulimit__Output>
      UpdateConfig: MessageTypeDefinition<_skein_v1_UpdateConfig, _skein_v1_UpdateConfig__Output>
      UpdateFailureAction: EnumTypeDefinition
      UpdateOrder: EnumTypeDefinition
      VolumeDriver: MessageTypeDefinition<_skein_v1_VolumeDriver, _skein_v1_VolumeDriver__Output>
      VolumeOptions: MessageTypeDefinition<_skein_v1_VolumeOptions, _skein_v1_VolumeOptions__Output>
      VolumeSpec: MessageTypeDefinition<_skein_v1_VolumeSpec, _skein_v1_VolumeSpec__Output>
    }
  }
}

