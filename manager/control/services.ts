// The calls on services. Removing one removes the object alone: the orchestrator ends its tasks.
import { newId } from '../../shared/ids.ts';
import type { Service, ServiceSpec } from '../../shared/model/service.ts';
import type {
  ControlService,
  ListedService,
  ListRequest,
  Reference,
  ServiceStatusCounts,
} from '../../shared/protocol/control.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { ReadView } from '../store/api.ts';
import type { CallRunner } from './context.ts';
import { withDefaults } from './defaults.ts';
import { outOfSequence } from './errors.ts';
import { compileFilters, type FilterRules, idRule, labelRule } from './filters.ts';
import { resolve } from './reference.ts';
import { changeSpec, checkUnchangeable, rollBack } from './service_change.ts';
import {
  checkConfigs,
  checkPorts,
  checkSecrets,
  checkServiceName,
  resolveNetworks,
} from './service_surroundings.ts';
import { validateServiceSpec } from './validate_service.ts';

const NO_META = { version: 0, createdAt: 0, updatedAt: 0 };

const FILTERS: FilterRules<Service> = {
  id: idRule,
  name: { test: (service, value) => service.spec.name.startsWith(value) },
  label: labelRule((service) => service.spec.labels),
  mode: {
    test: (service, value) => service.spec.mode.kind === value,
    values: ['replicated', 'global', 'replicated-job', 'global-job'],
  },
  // Every task of skein is a container.
  runtime: { test: (_service, value) => value === 'container', values: ['container', 'plugin'] },
};

type ServiceResult = Awaited<ReturnType<ControlService['createService']>>;

export class ServiceCalls {
  private readonly calls: CallRunner;

  constructor(calls: CallRunner) {
    this.calls = calls;
  }

  list(
    request: ListRequest & { readonly status: boolean },
    context: CallContext,
  ): Promise<readonly ListedService[]> {
    const matches = compileFilters(request.filters, FILTERS);
    return this.calls.read(context, (view) => {
      const found = [...view.all('service')].filter(matches);
      return found.map((service) =>
        request.status ? { service, status: countTasks(view, service) } : { service },
      );
    });
  }

  get(request: Reference & { readonly insertDefaults: boolean }, context: CallContext): Promise<Service> {
    return this.calls.read(context, (view) => {
      const service = resolve(view, 'service', request.ref);
      return request.insertDefaults ? withDefaults(service) : service;
    });
  }

  async create(request: { readonly spec: ServiceSpec }, context: CallContext): Promise<ServiceResult> {
    validateServiceSpec(request.spec);
    const id = newId(this.calls.random);
    const service = await this.calls.writeObject(context, 'service', (tx) => {
      checkServiceName(tx, request.spec.name);
      const spec = checkSurroundings(tx, request.spec, id);
      tx.create('service', { id, meta: NO_META, spec, specVersion: 1 });
      return id;
    });
    return { service, warnings: [] };
  }

  async update(
    request: Parameters<ControlService['updateService']>[0],
    context: CallContext,
  ): Promise<ServiceResult> {
    if (request.rollback === 'none') {
      validateServiceSpec(request.spec);
    }
    const updated = await this.calls.writeObject(context, 'service', (tx) => {
      const service = resolve(tx, 'service', request.ref);
      if (service.meta.version !== request.version) {
        throw outOfSequence('service', service.id);
      }
      const changed =
        request.rollback === 'previous'
          ? rolledBack(tx, service, tx.now)
          : respecified(tx, service, request.spec);
      if (changed !== service) {
        tx.update('service', changed);
      }
      return service.id;
    });
    return { service: updated, warnings: [] };
  }

  async remove(request: Reference, context: CallContext): Promise<void> {
    await this.calls.write(context, (tx) => tx.remove('service', resolve(tx, 'service', request.ref).id));
  }
}

function respecified(view: ReadView, service: Service, spec: ServiceSpec): Service {
  checkUnchangeable(service, spec);
  return changeSpec(service, checkSurroundings(view, spec, service.id));
}

/** What the previous spec refers to may have been removed since. */
function rolledBack(view: ReadView, service: Service, now: number): Service {
  const changed = rollBack(service, now);
  checkSurroundings(view, changed.spec, service.id);
  return changed;
}

function checkSurroundings(view: ReadView, spec: ServiceSpec, serviceId: string): ServiceSpec {
  checkPorts(view, spec, serviceId);
  checkSecrets(view, spec);
  checkConfigs(view, spec);
  return resolveNetworks(view, spec);
}

/** Docker's counts: a global service wants one task wherever the orchestrator wants one running. */
export function countTasks(view: ReadView, service: Service): ServiceStatusCounts {
  const tasks = view.tasksByService(service.id);
  const { mode } = service.spec;
  const running = tasks.filter((task) => task.status.state === 'running' && task.desiredState === 'running');
  const wanted = tasks.filter((task) => task.desiredState === 'running');
  return {
    runningTasks: running.length,
    desiredTasks: mode.kind === 'replicated' ? mode.replicas : wanted.length,
    completedTasks: tasks.filter((task) => task.status.state === 'complete').length,
  };
}
