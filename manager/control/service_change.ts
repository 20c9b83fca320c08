// What an update makes of a service: which spec becomes the previous one, what the spec's version is, what
// becomes of a running update. Pure; the caller has validated the spec.

import type { Service, ServiceSpec } from '../../shared/model/service.ts';
import { notSupported, precondition } from './errors.ts';
import { sameValue } from './same_value.ts';

/** Renaming and changing the mode are refused, as Swarm does. */
export function checkUnchangeable(service: Service, spec: ServiceSpec): void {
  if (service.spec.name !== spec.name) {
    throw notSupported('renaming services is not supported');
  }
  if (service.spec.mode.kind !== spec.mode.kind) {
    throw notSupported('service mode change is not allowed');
  }
}

/**
 * The service under a new spec; the old one is kept as previous. An equal spec changes no version, it only
 * lets an update that was paused go on. Returns the same object when nothing changes.
 */
export function changeSpec(service: Service, spec: ServiceSpec): Service {
  const { updateStatus, ...rest } = service;
  if (sameValue(service.spec, spec)) {
    const paused = updateStatus?.state === 'paused' || updateStatus?.state === 'rollback_paused';
    return paused ? rest : service;
  }
  return {
    ...rest,
    spec,
    specVersion: nextSpecVersion(service),
    previousSpec: service.spec,
    previousSpecVersion: service.specVersion,
  };
}

/** The service back on its previous spec; what it leaves becomes the previous one. */
export function rollBack(service: Service, now: number): Service {
  const { previousSpec } = service;
  if (previousSpec === undefined) {
    throw precondition(`service ${service.spec.name} does not have a previous spec`);
  }
  return {
    ...service,
    spec: previousSpec,
    specVersion: service.previousSpecVersion ?? nextSpecVersion(service),
    previousSpec: service.spec,
    previousSpecVersion: service.specVersion,
    updateStatus: { state: 'rollback_started', startedAt: now, message: 'manually requested rollback' },
  };
}

/** Greater than both, since a rollback goes back to the lower one and no version may be used twice. */
function nextSpecVersion(service: Service): number {
  return Math.max(service.specVersion, service.previousSpecVersion ?? 0) + 1;
}
