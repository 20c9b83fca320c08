// Everything that is to be done for one service, from one consistent look at the store: scale, heal, update.
import type { Node } from '../../shared/model/node.ts';
import type { Service } from '../../shared/model/service.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import { isDirty } from '../../shared/model/dirty_task.ts';
import { chooseNodes } from './global.ts';
import { type Healed, type HealContext, healInstance, orphanChanges } from './heal.ts';
import { groupInstances, type Instance, isWanted, type NodeLookup } from './instance.ts';
import { type Change, type Decision, earlier, type Step } from './plan.ts';
import { chooseSlots } from './replicated.ts';
import { decideUpdate, type UpdateRun } from './update.ts';

export interface ServiceSnapshot {
  /** Undefined when the service was removed. */
  readonly service: Service | undefined;
  /** All tasks of the service. */
  readonly tasks: readonly Task[];
  readonly node: NodeLookup;
  /** All nodes; walked for global services only. */
  readonly allNodes: () => Iterable<Node>;
  readonly now: number;
  /** What earlier decisions left to be remembered. */
  readonly run: UpdateRun | undefined;
}

export interface ServicePlan extends Decision {
  readonly run: UpdateRun | undefined;
}

/** Pure: the same snapshot gives the same plan. An empty plan means that all is as it should be. */
export function planService(snapshot: ServiceSnapshot): ServicePlan {
  const { service, tasks } = snapshot;
  if (service === undefined) {
    return { steps: removalSteps('service removed', tasks), run: undefined };
  }
  const global = service.spec.mode.kind === 'global';
  const instances = groupInstances(tasks, global);
  const places = global
    ? globalPlaces(service, instances, snapshot)
    : replicatedPlaces(service, instances, snapshot);
  const healed = places.keep.map(({ instance, context }) => healInstance(instance, context));
  const update = decideUpdate(service, healed, contextOf(service, snapshot, true), snapshot.run);
  const steps = [...healed.flatMap((one) => one.steps), ...places.steps, ...update.steps];
  const wakeAtMs = healed.reduce<number | undefined>(
    (earliest, one: Healed) => earlier(earliest, one.wakeAtMs),
    update.wakeAtMs,
  );
  return wakeAtMs === undefined ? { steps, run: update.run } : { steps, run: update.run, wakeAtMs };
}

interface Places {
  readonly keep: readonly { readonly instance: Instance; readonly context: HealContext }[];
  readonly steps: readonly Step[];
}

function contextOf(service: Service, snapshot: ServiceSnapshot, mayCreate: boolean): HealContext {
  return {
    nodes: snapshot.node,
    now: snapshot.now,
    specVersion: service.specVersion,
    isDirty: (task) => isDirty(service, task, snapshot.node),
    mayCreate,
  };
}

function replicatedPlaces(
  service: Service,
  instances: ReadonlyMap<string, Instance>,
  snapshot: ServiceSnapshot,
): Places {
  const replicas = service.spec.mode.kind === 'replicated' ? service.spec.mode.replicas : 0;
  const { keep, drop, missing } = chooseSlots(instances.values(), replicas);
  const context = contextOf(service, snapshot, true);
  const steps = drop.flatMap((instance) => removalSteps('scale down', instance.tasks));
  for (const slot of missing) {
    const create: Change = { kind: 'create', slot, nodeId: '', desiredState: 'running' };
    steps.push({ reason: 'scale up', changes: [create] });
  }
  return { keep: keep.map((instance) => ({ instance, context })), steps };
}

function globalPlaces(
  service: Service,
  instances: ReadonlyMap<string, Instance>,
  snapshot: ServiceSnapshot,
): Places {
  const { keep, drop, missing } = chooseNodes(service, instances, snapshot.allNodes());
  const steps = drop.flatMap((instance) => leaveSteps(instance, snapshot.node));
  for (const nodeId of missing) {
    const create: Change = { kind: 'create', slot: 0, nodeId, desiredState: 'running' };
    steps.push({ reason: 'node joined', changes: [create] });
  }
  return {
    keep: keep.map(({ instance, mayCreate }) => ({
      instance,
      context: contextOf(service, snapshot, mayCreate),
    })),
    steps,
  };
}

/** A node that must not run the service (any more) stops its task; one that left the cluster is forgotten. */
function leaveSteps(instance: Instance, nodes: NodeLookup): Step[] {
  if (nodes(instance.key) === undefined) {
    return removalSteps('node removed', instance.tasks);
  }
  const changes: Change[] = instance.tasks
    .filter(isWanted)
    .map((task) => ({ kind: 'desire', taskId: task.id, state: 'shutdown' }));
  changes.push(...orphanChanges(instance.tasks, nodes));
  return changes.length > 0 ? [{ reason: 'node not eligible', changes }] : [];
}

/** Running tasks first: history can wait for a later transaction. */
function removalSteps(reason: string, tasks: readonly Task[]): Step[] {
  return [...tasks]
    .filter((task) => task.desiredState !== 'remove')
    .sort((a, b) => Number(isTerminal(a.status.state)) - Number(isTerminal(b.status.state)))
    .map((task) => ({ reason, changes: [{ kind: 'desire', taskId: task.id, state: 'remove' }] }));
}
