// What an omitted field of a service means, filled in for those who ask (`insertDefaults`). Values are
// Docker's, so that clients show what they always showed.
import type {
  Placement,
  RestartPolicy,
  Service,
  ServiceSpec,
  TaskSpec,
  UpdateConfig,
} from '../../shared/model/service.ts';

const STOP_GRACE_PERIOD_MS = 10_000;

const RESTART: RestartPolicy = { condition: 'any', delayMs: 5_000, maxAttempts: 0, windowMs: 0 };

const UPDATE: UpdateConfig = {
  parallelism: 1,
  delayMs: 0,
  failureAction: 'pause',
  monitorMs: 5_000,
  maxFailureRatio: 0,
  order: 'stop-first',
};

const PLACEMENT: Placement = { constraints: [], preferences: [], maxReplicas: 0, platforms: [] };

/** The service with every defaulted field of its spec written out. */
export function withDefaults(service: Service): Service {
  return { ...service, spec: specWithDefaults(service.spec) };
}

function specWithDefaults(spec: ServiceSpec): ServiceSpec {
  return {
    ...spec,
    task: taskWithDefaults(spec.task),
    update: spec.update ?? UPDATE,
    rollback: spec.rollback ?? UPDATE,
    endpoint: spec.endpoint ?? { mode: 'vip', ports: [] },
  };
}

function taskWithDefaults(task: TaskSpec): TaskSpec {
  const { container } = task;
  return {
    ...task,
    container: { ...container, stopGracePeriodMs: container.stopGracePeriodMs ?? STOP_GRACE_PERIOD_MS },
    resources: task.resources ?? {
      limits: { nanoCpus: 0, memoryBytes: 0, pids: 0 },
      reservations: { nanoCpus: 0, memoryBytes: 0, generic: [] },
    },
    restart: task.restart ?? RESTART,
    placement: task.placement ?? PLACEMENT,
  };
}
