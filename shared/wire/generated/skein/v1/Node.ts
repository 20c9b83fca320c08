// Original file: proto/objects.proto

import type { Meta as _skein_v1_Meta, Meta__Output as _skein_v1_Meta__Output } from '../../skein/v1/Meta.ts';
import type { NodeSpec as _skein_v1_NodeSpec, NodeSpec__Output as _skein_v1_NodeSpec__Output } from '../../skein/v1/NodeSpec.ts';
import type { NodeRole as _skein_v1_NodeRole, NodeRole__Output as _skein_v1_NodeRole__Output } from '../../skein/v1/NodeRole.ts';
import type { NodeDescription as _skein_v1_NodeDescription, NodeDescription__Output as _skein_v1_NodeDescription__Output } from '../../skein/v1/NodeDescription.ts';
import type { NodeStatus as _skein_v1_NodeStatus, NodeStatus__Output as _skein_v1_NodeStatus__Output } from '../../skein/v1/NodeStatus.ts';
import type { ManagerStatus as _skein_v1_ManagerStatus, ManagerStatus__Output as _skein_v1_ManagerStatus__Output } from '../../skein/v1/ManagerStatus.ts';
import type { NodeCertificate as _skein_v1_NodeCertificate, NodeCertificate__Output as _skein_v1_NodeCertificate__Output } from '../../skein/v1/NodeCertificate.ts';
import type { NodeEncryption as _skein_v1_NodeEncryption, NodeEncryption__Output as _skein_v1_NodeEncryption__Output } from '../../skein/v1/NodeEncryption.ts';

export interface Node {
  'id'?: (string);
  'meta'?: (_skein_v1_Meta | null);
  'spec'?: (_skein_v1_NodeSpec | null);
  'role'?: (_skein_v1_NodeRole);
  'description'?: (_skein_v1_NodeDescription | null);
  'status'?: (_skein_v1_NodeStatus | null);
  'managerStatus'?: (_skein_v1_ManagerStatus | null);
  'overlayIndex'?: (number);
  'vtepAddress'?: (string);
  'certificate'?: (_skein_v1_NodeCertificate | null);
  'encryption'?: (_skein_v1_NodeEncryption | null);
  '_description'?: "description";
  '_managerStatus'?: "managerStatus";
  '_overlayIndex'?: "overlayIndex";
  '_vtepAddress'?: "vtepAddress";
  '_encryption'?: "encryption";
}

export interface Node__Output {
  'id': (string);
  'meta': (_skein_v1_Meta__Output | null);
  'spec': (_skein_v1_NodeSpec__Output | null);
  'role': (_skein_v1_NodeRole__Output);
  'description'?: (_skein_v1_NodeDescription__Output | null);
  'status': (_skein_v1_NodeStatus__Output | null);
  'managerStatus'?: (_skein_v1_ManagerStatus__Output | null);
  'overlayIndex'?: (number);
  'vtepAddress'?: (string);
  'certificate': (_skein_v1_NodeCertificate__Output | null);
  'encryption'?: (_skein_v1_NodeEncryption__Output | null);
  '_description'?: "description";
  '_managerStatus'?: "managerStatus";
  '_overlayIndex'?: "overlayIndex";
  '_vtepAddress'?: "vtepAddress";
  '_encryption'?: "encryption";
}
