// What operators can ask: for the local daemon, and for managers that pass a call on to the leader.
import type { ControlService } from '../../protocol/control.ts';
import type { MethodTable } from '../../rpc/method.ts';
import {
  createConfigRequest,
  createNetworkRequest,
  createSecretRequest,
  createServiceRequest,
  getServiceRequest,
  listRequest,
  listServicesRequest,
  reference,
  removeNodeRequest,
  updateClusterRequest,
  updateConfigRequest,
  updateNodeRequest,
  updateSecretRequest,
  updateServiceRequest,
} from '../control_requests.ts';
import {
  clusterEvent,
  configList,
  networkList,
  nodeList,
  secretList,
  serviceList,
  serviceResponse,
  taskList,
  unlockKeyResponse,
} from '../control_responses.ts';
import { emptyResponse } from '../empty.ts';
import { objectBytes } from '../objects.ts';
import { streamMethods, unaryMethods } from './build.ts';

/** Long enough for an election and a commit on a slow disk, shorter than a person's patience. */
const CONTROL_TIMEOUT_MS = 20_000;

const control = unaryMethods('Control', ['manager', 'local'], CONTROL_TIMEOUT_MS);
const streams = streamMethods('Control', ['manager', 'local']);

const cluster = objectBytes('cluster');
const node = objectBytes('node');
const service = objectBytes('service');
const task = objectBytes('task');
const network = objectBytes('network');
const secret = objectBytes('secret');
const config = objectBytes('config');

export const controlMethods: MethodTable<ControlService> = {
  getCluster: control.unaryWithoutRequest('GetCluster', cluster),
  updateCluster: control.unary('UpdateCluster', updateClusterRequest, cluster),
  getUnlockKey: control.unaryWithoutRequest('GetUnlockKey', unlockKeyResponse),

  listNodes: control.unary('ListNodes', listRequest, nodeList),
  getNode: control.unary('GetNode', reference, node),
  updateNode: control.unary('UpdateNode', updateNodeRequest, node),
  removeNode: control.unary('RemoveNode', removeNodeRequest, emptyResponse),

  listServices: control.unary('ListServices', listServicesRequest, serviceList),
  getService: control.unary('GetService', getServiceRequest, service),
  createService: control.unary('CreateService', createServiceRequest, serviceResponse),
  updateService: control.unary('UpdateService', updateServiceRequest, serviceResponse),
  removeService: control.unary('RemoveService', reference, emptyResponse),

  listTasks: control.unary('ListTasks', listRequest, taskList),
  getTask: control.unary('GetTask', reference, task),

  listNetworks: control.unary('ListNetworks', listRequest, networkList),
  getNetwork: control.unary('GetNetwork', reference, network),
  createNetwork: control.unary('CreateNetwork', createNetworkRequest, network),
  removeNetwork: control.unary('RemoveNetwork', reference, emptyResponse),
  rotateNetworkKeys: control.unaryWithoutRequest('RotateNetworkKeys', emptyResponse),

  listSecrets: control.unary('ListSecrets', listRequest, secretList),
  getSecret: control.unary('GetSecret', reference, secret),
  createSecret: control.unary('CreateSecret', createSecretRequest, secret),
  updateSecret: control.unary('UpdateSecret', updateSecretRequest, secret),
  removeSecret: control.unary('RemoveSecret', reference, emptyResponse),

  listConfigs: control.unary('ListConfigs', listRequest, configList),
  getConfig: control.unary('GetConfig', reference, config),
  createConfig: control.unary('CreateConfig', createConfigRequest, config),
  updateConfig: control.unary('UpdateConfig', updateConfigRequest, config),
  removeConfig: control.unary('RemoveConfig', reference, emptyResponse),

  watchEvents: streams.serverStreamWithoutRequest('WatchEvents', clusterEvent),
};
