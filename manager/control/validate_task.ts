// Is this task template one that could ever run? Resources, restart policy and placement; pure checks.
import { parseConstraints } from '../../shared/model/constraint.ts';
import type { ResourceRequirements, ResourceSet } from '../../shared/model/resources.ts';
import type { Placement, RestartPolicy, TaskSpec } from '../../shared/model/service.ts';
import { invalid } from './errors.ts';
import { validateContainer } from './validate_container.ts';

/** Below 4 MiB a container cannot start (Docker's bound too). */
const MIN_MEMORY_BYTES = 4 * 1024 * 1024;
/** Docker's smallest share of a CPU. */
const MIN_NANO_CPUS = 1_000_000;
const NANO = 1e9;

export function validateTask(task: TaskSpec): void {
  validateResources(task.resources);
  validateRestart(task.restart);
  validatePlacement(task.placement);
  validateContainer(task.container);
}

function validateResources(resources: ResourceRequirements | undefined): void {
  if (resources === undefined) {
    return;
  }
  const { limits, reservations } = resources;
  validateAmounts(limits);
  validateAmounts(reservations);
  if (limits.pids < 0) {
    throw invalid(`invalid pids limit ${limits.pids}: must not be negative`);
  }
  validateGeneric(reservations);
  if (limits.memoryBytes > 0 && reservations.memoryBytes > limits.memoryBytes) {
    throw invalid(
      `invalid memory reservation ${reservations.memoryBytes}: must not be above the memory limit ${limits.memoryBytes}`,
    );
  }
  if (limits.nanoCpus > 0 && reservations.nanoCpus > limits.nanoCpus) {
    throw invalid(
      `invalid cpu reservation ${reservations.nanoCpus / NANO}: must not be above the cpu limit ${limits.nanoCpus / NANO}`,
    );
  }
}

function validateAmounts(amounts: { readonly nanoCpus: number; readonly memoryBytes: number }): void {
  if (amounts.memoryBytes !== 0 && !(amounts.memoryBytes >= MIN_MEMORY_BYTES)) {
    throw invalid(`invalid memory value ${amounts.memoryBytes}: Must be at least 4MiB`);
  }
  if (amounts.nanoCpus !== 0 && !(amounts.nanoCpus >= MIN_NANO_CPUS)) {
    throw invalid(`invalid cpu value ${amounts.nanoCpus / NANO}: Must be at least ${MIN_NANO_CPUS / NANO}`);
  }
}

function validateGeneric(reservations: ResourceSet): void {
  for (const { kind, value } of reservations.generic) {
    const bad = typeof value === 'number' ? !Number.isInteger(value) || value < 0 : value === '';
    if (kind === '' || bad) {
      throw invalid(`invalid generic resource '${kind}=${value}': a name and a count or value must be given`);
    }
  }
}

function validateRestart(policy: RestartPolicy | undefined): void {
  if (policy === undefined) {
    return;
  }
  if (!['none', 'on-failure', 'any'].includes(policy.condition)) {
    throw invalid(
      `TaskSpec: unrecognized restart-condition '${policy.condition}': use none, on-failure or any`,
    );
  }
  if (!(policy.delayMs >= 0)) {
    throw invalid('TaskSpec: restart-delay cannot be negative');
  }
  if (!(policy.windowMs >= 0)) {
    throw invalid('TaskSpec: restart-window cannot be negative');
  }
  if (!Number.isInteger(policy.maxAttempts) || policy.maxAttempts < 0) {
    throw invalid('TaskSpec: restart-max-attempts must be a whole number and not negative');
  }
}

function validatePlacement(placement: Placement | undefined): void {
  if (placement === undefined) {
    return;
  }
  parseConstraints(placement.constraints);
  if (!Number.isInteger(placement.maxReplicas) || placement.maxReplicas < 0) {
    throw invalid('TaskSpec: replicas-max-per-node must be a whole number and not negative');
  }
  for (const { spreadDescriptor } of placement.preferences) {
    if (!/^(node|engine)\.labels\..+$/i.test(spreadDescriptor)) {
      throw invalid(
        `TaskSpec: invalid placement preference 'spread=${spreadDescriptor}': use node.labels.NAME or engine.labels.NAME`,
      );
    }
  }
}
