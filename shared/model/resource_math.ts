// Adding up and comparing amounts of resources: what a node has, what tasks reserve, whether one more fits.
import type { GenericResource, ResourceSet } from './resources.ts';
import type { TaskSpec } from './service.ts';

/** Mutable sum of resources; generic ones as counts by kind (a named resource counts one). */
export interface ResourceTotals {
  nanoCpus: number;
  memoryBytes: number;
  readonly generic: Map<string, number>;
}

export const NO_RESOURCES: ResourceSet = { nanoCpus: 0, memoryBytes: 0, generic: [] };

/** What a task asks to be set aside for it; limits do not count. */
export function reservationsOf(spec: TaskSpec): ResourceSet {
  return spec.resources?.reservations ?? NO_RESOURCES;
}

export function noTotals(): ResourceTotals {
  return { nanoCpus: 0, memoryBytes: 0, generic: new Map() };
}

/** Adds `amount` to `totals` (`sign` 1) or takes it away (`sign` -1). */
export function addResources(totals: ResourceTotals, amount: ResourceSet, sign: 1 | -1): void {
  totals.nanoCpus += sign * amount.nanoCpus;
  totals.memoryBytes += sign * amount.memoryBytes;
  for (const resource of amount.generic) {
    totals.generic.set(resource.kind, (totals.generic.get(resource.kind) ?? 0) + sign * countOf(resource));
  }
}

/** True when `asked` fits into `capacity` beside what is `used`. Asking for nothing always fits. */
export function fitsBeside(capacity: ResourceSet, used: ResourceTotals, asked: ResourceSet): boolean {
  if (asked.nanoCpus > 0 && used.nanoCpus + asked.nanoCpus > capacity.nanoCpus) {
    return false;
  }
  if (asked.memoryBytes > 0 && used.memoryBytes + asked.memoryBytes > capacity.memoryBytes) {
    return false;
  }
  return asked.generic.every((resource) => {
    const asking = countOf(resource);
    return (
      asking <= 0 || (used.generic.get(resource.kind) ?? 0) + asking <= countKind(capacity, resource.kind)
    );
  });
}

function countKind(set: ResourceSet, kind: string): number {
  let count = 0;
  for (const resource of set.generic) {
    count += resource.kind === kind ? countOf(resource) : 0;
  }
  return count;
}

function countOf(resource: GenericResource): number {
  return typeof resource.value === 'number' ? resource.value : 1;
}
