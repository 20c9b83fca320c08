// Codecs of what operators ask of the managers.
import type { ControlService, Filters, ListRequest, Reference } from '../protocol/control.ts';
import { decodeClusterSpec, encodeClusterSpec } from './cluster.ts';
import { enumCodec, integer, required } from './fields.ts';
import type { ListRequest__Output } from './generated/skein/v1/ListRequest.ts';
import type { ServiceRollback__Output } from './generated/skein/v1/ServiceRollback.ts';
import { messages } from './messages.ts';
import { decodeNetworkSpec, encodeNetworkSpec } from './network.ts';
import { decodeNodeSpec, encodeNodeSpec } from './node.ts';
import type { Encoded } from './schema.ts';
import { bytesCodec } from './schema.ts';
import { decodeSecretSpec, encodeSecretSpec } from './secret.ts';
import { decodeServiceSpec, encodeServiceSpec } from './service.ts';

/** The request of one of the control service's functions. */
type RequestOf<Name extends keyof ControlService> = Parameters<ControlService[Name]>[0];

type WireFilters = Encoded<ListRequest__Output>['filters'];

function encodeFilters(filters: Filters): WireFilters {
  return Object.fromEntries(Object.entries(filters).map(([name, values]) => [name, { values }]));
}

function decodeFilters(wire: ListRequest__Output['filters']): Filters {
  return Object.fromEntries(Object.entries(wire).map(([name, { values }]) => [name, values]));
}

export const listRequest = bytesCodec(
  messages.message('ListRequest'),
  (request: ListRequest) => ({ filters: encodeFilters(request.filters) }),
  (wire): ListRequest => ({ filters: decodeFilters(wire.filters) }),
);

export const listServicesRequest = bytesCodec(
  messages.message('ListServicesRequest'),
  (request: RequestOf<'listServices'>) => ({
    filters: encodeFilters(request.filters),
    status: request.status,
  }),
  (wire): RequestOf<'listServices'> => ({ filters: decodeFilters(wire.filters), status: wire.status }),
);

export const reference = bytesCodec(
  messages.message('Reference'),
  ({ ref }: Reference) => ({ ref }),
  ({ ref }): Reference => ({ ref }),
);

export const updateClusterRequest = bytesCodec(
  messages.message('UpdateClusterRequest'),
  (request: RequestOf<'updateCluster'>) => ({
    version: request.version,
    spec: encodeClusterSpec(request.spec),
    rotateWorkerToken: request.rotateWorkerToken,
    rotateManagerToken: request.rotateManagerToken,
    rotateUnlockKey: request.rotateUnlockKey,
  }),
  (wire): RequestOf<'updateCluster'> => ({
    version: integer(wire.version, 'UpdateClusterRequest.version'),
    spec: decodeClusterSpec(required(wire.spec, 'UpdateClusterRequest.spec')),
    rotateWorkerToken: wire.rotateWorkerToken,
    rotateManagerToken: wire.rotateManagerToken,
    rotateUnlockKey: wire.rotateUnlockKey,
  }),
);

export const updateNodeRequest = bytesCodec(
  messages.message('UpdateNodeRequest'),
  (request: RequestOf<'updateNode'>) => ({
    ref: request.ref,
    version: request.version,
    spec: encodeNodeSpec(request.spec),
  }),
  (wire): RequestOf<'updateNode'> => ({
    ref: wire.ref,
    version: integer(wire.version, 'UpdateNodeRequest.version'),
    spec: decodeNodeSpec(required(wire.spec, 'UpdateNodeRequest.spec')),
  }),
);

export const removeNodeRequest = bytesCodec(
  messages.message('RemoveNodeRequest'),
  ({ ref, force }: RequestOf<'removeNode'>) => ({ ref, force }),
  ({ ref, force }): RequestOf<'removeNode'> => ({ ref, force }),
);

export const getServiceRequest = bytesCodec(
  messages.message('GetServiceRequest'),
  ({ ref, insertDefaults }: RequestOf<'getService'>) => ({ ref, insertDefaults }),
  ({ ref, insertDefaults }): RequestOf<'getService'> => ({ ref, insertDefaults }),
);

export const createServiceRequest = bytesCodec(
  messages.message('CreateServiceRequest'),
  (request: RequestOf<'createService'>) => ({ spec: encodeServiceSpec(request.spec) }),
  (wire): RequestOf<'createService'> => ({
    spec: decodeServiceSpec(required(wire.spec, 'CreateServiceRequest.spec')),
  }),
);

const rollback = enumCodec<ServiceRollback__Output, RequestOf<'updateService'>['rollback']>()({
  SERVICE_ROLLBACK_UNSPECIFIED: undefined,
  SERVICE_ROLLBACK_NONE: 'none',
  SERVICE_ROLLBACK_PREVIOUS: 'previous',
});

export const updateServiceRequest = bytesCodec(
  messages.message('UpdateServiceRequest'),
  (request: RequestOf<'updateService'>) => ({
    ref: request.ref,
    version: request.version,
    spec: encodeServiceSpec(request.spec),
    rollback: rollback.encode(request.rollback),
  }),
  (wire): RequestOf<'updateService'> => ({
    ref: wire.ref,
    version: integer(wire.version, 'UpdateServiceRequest.version'),
    spec: decodeServiceSpec(required(wire.spec, 'UpdateServiceRequest.spec')),
    rollback: rollback.decode(wire.rollback, 'UpdateServiceRequest.rollback'),
  }),
);

export const createNetworkRequest = bytesCodec(
  messages.message('CreateNetworkRequest'),
  (request: RequestOf<'createNetwork'>) => ({ spec: encodeNetworkSpec(request.spec) }),
  (wire): RequestOf<'createNetwork'> => ({
    spec: decodeNetworkSpec(required(wire.spec, 'CreateNetworkRequest.spec')),
  }),
);

export const createSecretRequest = bytesCodec(
  messages.message('CreateSecretRequest'),
  (request: RequestOf<'createSecret'>) => ({ spec: encodeSecretSpec(request.spec) }),
  (wire): RequestOf<'createSecret'> => ({
    spec: decodeSecretSpec(required(wire.spec, 'CreateSecretRequest.spec')),
  }),
);

export const updateSecretRequest = bytesCodec(
  messages.message('UpdateSecretRequest'),
  (request: RequestOf<'updateSecret'>) => ({
    ref: request.ref,
    version: request.version,
    spec: encodeSecretSpec(request.spec),
  }),
  (wire): RequestOf<'updateSecret'> => ({
    ref: wire.ref,
    version: integer(wire.version, 'UpdateSecretRequest.version'),
    spec: decodeSecretSpec(required(wire.spec, 'UpdateSecretRequest.spec')),
  }),
);

export const createConfigRequest = bytesCodec(
  messages.message('CreateConfigRequest'),
  (request: RequestOf<'createConfig'>) => ({ spec: encodeSecretSpec(request.spec) }),
  (wire): RequestOf<'createConfig'> => ({
    spec: decodeSecretSpec(required(wire.spec, 'CreateConfigRequest.spec')),
  }),
);

export const updateConfigRequest = bytesCodec(
  messages.message('UpdateConfigRequest'),
  (request: RequestOf<'updateConfig'>) => ({
    ref: request.ref,
    version: request.version,
    spec: encodeSecretSpec(request.spec),
  }),
  (wire): RequestOf<'updateConfig'> => ({
    ref: wire.ref,
    version: integer(wire.version, 'UpdateConfigRequest.version'),
    spec: decodeSecretSpec(required(wire.spec, 'UpdateConfigRequest.spec')),
  }),
);
