// The calls on tasks: reads only, tasks are made and ended by the orchestrator.
import type { Task, TaskState } from '../../shared/model/task.ts';
import { TASK_STATES } from '../../shared/model/task.ts';
import { isDirty } from '../../shared/model/dirty_task.ts';
import type { Filters, ListRequest, Reference } from '../../shared/protocol/control.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { ReadView } from '../store/api.ts';
import type { CallRunner } from './context.ts';
import { compileFilters, type FilterRules, idRule, labelRule } from './filters.ts';
import { resolve, tryResolve } from './reference.ts';

export class TaskCalls {
  private readonly calls: CallRunner;

  constructor(calls: CallRunner) {
    this.calls = calls;
  }

  list(request: ListRequest, context: CallContext): Promise<readonly Task[]> {
    return this.calls.read(context, (view) => {
      const filters = lowerCaseStates(request.filters);
      const matches = compileFilters(filters, rules(view, filters));
      const isShown = shownBy(filters);
      return [...candidates(view, filters)].filter((task) => isShown(task) && matches(task));
    });
  }

  get(request: Reference, context: CallContext): Promise<Task> {
    return this.calls.read(context, (view) => resolve(view, 'task', request.ref));
  }
}

/** What only holds the addresses of a plain container is shown to those who ask for it, as in Docker. */
function shownBy(filters: Filters): (task: Task) => boolean {
  return (filters['runtime'] ?? []).length === 0 ? (task) => task.attachment === undefined : () => true;
}

/** Services and nodes are named by id, name or prefix; one that is not there is an error, as in Docker. */
function rules(view: ReadView, filters: Filters): FilterRules<Task> {
  const services = new Map((filters['service'] ?? []).map((ref) => [ref, serviceId(view, ref)]));
  const nodes = new Map((filters['node'] ?? []).map((ref) => [ref, resolve(view, 'node', ref).id]));
  return {
    id: idRule,
    name: { test: (task, value) => task.name.startsWith(value) },
    label: labelRule((task) => task.labels),
    service: { test: (task, value) => task.serviceId === services.get(value) },
    node: { test: (task, value) => task.nodeId === nodes.get(value) },
    'desired-state': {
      test: (task, value) => task.desiredState === value,
      values: TASK_STATES satisfies readonly TaskState[],
    },
    '_up-to-date': {
      test: (task, value) => isUpToDate(view, task) === (value === 'true'),
      values: ['true', 'false'],
    },
    runtime: {
      test: (task, value) => value === (task.attachment === undefined ? 'container' : 'attachment'),
      values: ['container', 'plugin', 'attachment'],
    },
  };
}

/** Tasks outlive their service for a moment and can still be asked for by its id. */
function serviceId(view: ReadView, ref: string): string {
  if (view.tasksByService(ref).length > 0) {
    return ref;
  }
  return tryResolve(view, 'service', ref)?.id ?? resolve(view, 'service', ref).id;
}

/** By index where one filter allows it: a cluster has many tasks, a service or node few. */
function candidates(view: ReadView, filters: Filters): Iterable<Task> {
  const [service, ...otherServices] = filters['service'] ?? [];
  if (service !== undefined && otherServices.length === 0) {
    return view.tasksByService(serviceId(view, service));
  }
  const [node, ...otherNodes] = filters['node'] ?? [];
  if (node !== undefined && otherNodes.length === 0) {
    return view.tasksByNode(resolve(view, 'node', node).id);
  }
  return view.all('task');
}

function isUpToDate(view: ReadView, task: Task): boolean {
  const service = view.get('service', task.serviceId);
  return service !== undefined && !isDirty(service, task, (nodeId) => view.get('node', nodeId));
}

function lowerCaseStates(filters: Filters): Filters {
  const states = filters['desired-state'];
  return states === undefined
    ? filters
    : { ...filters, 'desired-state': states.map((state) => state.toLowerCase()) };
}
