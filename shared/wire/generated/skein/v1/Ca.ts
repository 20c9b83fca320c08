// Original file: proto/ca.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Empty as _skein_v1_Empty, Empty__Output as _skein_v1_Empty__Output } from '../../skein/v1/Empty.ts';
import type { IssueCertificateRequest as _skein_v1_IssueCertificateRequest, IssueCertificateRequest__Output as _skein_v1_IssueCertificateRequest__Output } from '../../skein/v1/IssueCertificateRequest.ts';
import type { IssueCertificateResponse as _skein_v1_IssueCertificateResponse, IssueCertificateResponse__Output as _skein_v1_IssueCertificateResponse__Output } from '../../skein/v1/IssueCertificateResponse.ts';
import type { RootCertificate as _skein_v1_RootCertificate, RootCertificate__Output as _skein_v1_RootCertificate__Output } from '../../skein/v1/RootCertificate.ts';

export interface CaClient extends grpc.Client {
  GetRootCertificate(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_RootCertificate__Output>): grpc.ClientUnaryCall;
  GetRootCertificate(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_RootCertificate__Output>): grpc.ClientUnaryCall;
  GetRootCertificate(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_RootCertificate__Output>): grpc.ClientUnaryCall;
  GetRootCertificate(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_RootCertificate__Output>): grpc.ClientUnaryCall;
  getRootCertificate(argument: _skein_v1_Empty, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_RootCertificate__Output>): grpc.ClientUnaryCall;
  getRootCertificate(argument: _skein_v1_Empty, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_RootCertificate__Output>): grpc.ClientUnaryCall;
  getRootCertificate(argument: _skein_v1_Empty, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_RootCertificate__Output>): grpc.ClientUnaryCall;
  getRootCertificate(argument: _skein_v1_Empty, callback: grpc.requestCallback<_skein_v1_RootCertificate__Output>): grpc.ClientUnaryCall;
  
  IssueCertificate(argument: _skein_v1_IssueCertificateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_IssueCertificateResponse__Output>): grpc.ClientUnaryCall;
  IssueCertificate(argument: _skein_v1_IssueCertificateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_IssueCertificateResponse__Output>): grpc.ClientUnaryCall;
  IssueCertificate(argument: _skein_v1_IssueCertificateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_IssueCertificateResponse__Output>): grpc.ClientUnaryCall;
  IssueCertificate(argument: _skein_v1_IssueCertificateRequest, callback: grpc.requestCallback<_skein_v1_IssueCertificateResponse__Output>): grpc.ClientUnaryCall;
  issueCertificate(argument: _skein_v1_IssueCertificateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_IssueCertificateResponse__Output>): grpc.ClientUnaryCall;
  issueCertificate(argument: _skein_v1_IssueCertificateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_skein_v1_IssueCertificateResponse__Output>): grpc.ClientUnaryCall;
  issueCertificate(argument: _skein_v1_IssueCertificateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_skein_v1_IssueCertificateResponse__Output>): grpc.ClientUnaryCall;
  issueCertificate(argument: _skein_v1_IssueCertificateRequest, callback: grpc.requestCallback<_skein_v1_IssueCertificateResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface CaHandlers extends grpc.UntypedServiceImplementation {
  GetRootCertificate: grpc.handleUnaryCall<_skein_v1_Empty__Output, _skein_v1_RootCertificate>;
  
  IssueCertificate: grpc.handleUnaryCall<_skein_v1_IssueCertificateRequest__Output, _skein_v1_IssueCertificateResponse>;
  
}

export interface CaDefinition extends grpc.ServiceDefinition {
  GetRootCertificate: MethodDefinition<_skein_v1_Empty, _skein_v1_RootCertificate, _skein_v1_Empty__Output, _skein_v1_RootCertificate__Output>
  IssueCertificate: MethodDefinition<_skein_v1_IssueCertificateRequest, _skein_v1_IssueCertificateResponse, _skein_v1_IssueCertificateRequest__Output, _skein_v1_IssueCertificateResponse__Output>
}
