// The control API of a manager: the operators' calls, put together from one group per noun. Whether the
// caller may call at all is decided before (roles of the method table); passing calls on to the leader too.
import { makeUnlockKey } from '../../shared/identity/unlock_key.ts';
import type { ControlService } from '../../shared/protocol/control.ts';
import { ClusterCalls } from './cluster_calls.ts';
import { CallRunner, type ControlDependencies } from './context.ts';
import { CONFIGS, DataCalls, SECRETS } from './data_objects.ts';
import { watchEvents } from './events.ts';
import { NetworkCalls } from './networks.ts';
import { NodeCalls } from './nodes.ts';
import { ServiceCalls } from './services.ts';
import { TaskCalls } from './tasks.ts';

type Call<Name extends keyof ControlService> = ControlService[Name];

export class ControlApi implements ControlService {
  readonly getCluster: Call<'getCluster'>;
  readonly updateCluster: Call<'updateCluster'>;
  readonly getUnlockKey: Call<'getUnlockKey'>;
  readonly listNodes: Call<'listNodes'>;
  readonly getNode: Call<'getNode'>;
  readonly updateNode: Call<'updateNode'>;
  readonly removeNode: Call<'removeNode'>;
  readonly listServices: Call<'listServices'>;
  readonly getService: Call<'getService'>;
  readonly createService: Call<'createService'>;
  readonly updateService: Call<'updateService'>;
  readonly removeService: Call<'removeService'>;
  readonly listTasks: Call<'listTasks'>;
  readonly getTask: Call<'getTask'>;
  readonly listNetworks: Call<'listNetworks'>;
  readonly getNetwork: Call<'getNetwork'>;
  readonly createNetwork: Call<'createNetwork'>;
  readonly removeNetwork: Call<'removeNetwork'>;
  readonly rotateNetworkKeys: Call<'rotateNetworkKeys'>;
  readonly listSecrets: Call<'listSecrets'>;
  readonly getSecret: Call<'getSecret'>;
  readonly createSecret: Call<'createSecret'>;
  readonly updateSecret: Call<'updateSecret'>;
  readonly removeSecret: Call<'removeSecret'>;
  readonly listConfigs: Call<'listConfigs'>;
  readonly getConfig: Call<'getConfig'>;
  readonly createConfig: Call<'createConfig'>;
  readonly updateConfig: Call<'updateConfig'>;
  readonly removeConfig: Call<'removeConfig'>;
  readonly watchEvents: Call<'watchEvents'>;

  constructor(dependencies: ControlDependencies) {
    const runner = new CallRunner(dependencies);
    const { random } = dependencies;
    const cluster = new ClusterCalls(runner, {
      token: dependencies.makeToken,
      unlockKey: () => makeUnlockKey(random),
    });
    this.getCluster = (context) => cluster.get(context);
    this.getUnlockKey = (context) => cluster.getUnlockKey(context);
    this.updateCluster = async (request, context) => cluster.update(request, context);

    const nodes = new NodeCalls(runner);
    this.listNodes = async (request, context) => nodes.list(request, context);
    this.getNode = (request, context) => nodes.get(request, context);
    this.updateNode = (request, context) => nodes.update(request, context);
    this.removeNode = (request, context) => nodes.remove(request, context);

    const services = new ServiceCalls(runner);
    this.listServices = async (request, context) => services.list(request, context);
    this.getService = (request, context) => services.get(request, context);
    this.createService = (request, context) => services.create(request, context);
    this.updateService = (request, context) => services.update(request, context);
    this.removeService = (request, context) => services.remove(request, context);

    const tasks = new TaskCalls(runner);
    this.listTasks = (request, context) => tasks.list(request, context);
    this.getTask = (request, context) => tasks.get(request, context);

    const networks = new NetworkCalls(runner);
    this.listNetworks = async (request, context) => networks.list(request, context);
    this.getNetwork = (request, context) => networks.get(request, context);
    this.createNetwork = (request, context) => networks.create(request, context);
    this.removeNetwork = (request, context) => networks.remove(request, context);
    this.rotateNetworkKeys = (context) => cluster.rotateNetworkKeys(context);

    const secrets = new DataCalls(runner, SECRETS);
    this.listSecrets = async (request, context) => secrets.list(request, context);
    this.getSecret = (request, context) => secrets.get(request, context);
    this.createSecret = (request, context) => secrets.create(request, context);
    this.updateSecret = (request, context) => secrets.update(request, context);
    this.removeSecret = (request, context) => secrets.remove(request, context);

    const configs = new DataCalls(runner, CONFIGS);
    this.listConfigs = async (request, context) => configs.list(request, context);
    this.getConfig = (request, context) => configs.get(request, context);
    this.createConfig = (request, context) => configs.create(request, context);
    this.updateConfig = (request, context) => configs.update(request, context);
    this.removeConfig = (request, context) => configs.remove(request, context);

    this.watchEvents = (context) => watchEvents(dependencies.store, context.signal);
  }
}
