// Codec of amounts: what a node has, what a task reserves and may use.
import type { GenericResource, ResourceRequirements, ResourceSet } from '../model/resources.ts';
import { integer, malformed, required } from './fields.ts';
import type { GenericResource__Output } from './generated/skein/v1/GenericResource.ts';
import type { ResourceRequirements__Output } from './generated/skein/v1/ResourceRequirements.ts';
import type { ResourceSet__Output } from './generated/skein/v1/ResourceSet.ts';
import type { Encoded } from './schema.ts';

function encodeGeneric({ kind, value }: GenericResource): Encoded<GenericResource__Output> {
  return typeof value === 'number'
    ? { kind, count: value, name: undefined }
    : { kind, count: undefined, name: value };
}

function decodeGeneric(wire: GenericResource__Output): GenericResource {
  if (wire.count !== undefined) {
    return { kind: wire.kind, value: integer(wire.count, 'GenericResource.count') };
  }
  if (wire.name !== undefined) {
    return { kind: wire.kind, value: wire.name };
  }
  throw malformed('GenericResource.variant', 'is missing');
}

export function encodeResourceSet(resources: ResourceSet): Encoded<ResourceSet__Output> {
  return {
    nanoCpus: resources.nanoCpus,
    memoryBytes: resources.memoryBytes,
    generic: resources.generic.map(encodeGeneric),
  };
}

export function decodeResourceSet(wire: ResourceSet__Output): ResourceSet {
  return {
    nanoCpus: integer(wire.nanoCpus, 'ResourceSet.nano_cpus'),
    memoryBytes: integer(wire.memoryBytes, 'ResourceSet.memory_bytes'),
    generic: wire.generic.map(decodeGeneric),
  };
}

export function encodeResourceRequirements({
  limits,
  reservations,
}: ResourceRequirements): Encoded<ResourceRequirements__Output> {
  return {
    limits: { nanoCpus: limits.nanoCpus, memoryBytes: limits.memoryBytes, pids: limits.pids },
    reservations: encodeResourceSet(reservations),
  };
}

export function decodeResourceRequirements(wire: ResourceRequirements__Output): ResourceRequirements {
  const limits = required(wire.limits, 'ResourceRequirements.limits');
  return {
    limits: {
      nanoCpus: integer(limits.nanoCpus, 'ResourceLimits.nano_cpus'),
      memoryBytes: integer(limits.memoryBytes, 'ResourceLimits.memory_bytes'),
      pids: integer(limits.pids, 'ResourceLimits.pids'),
    },
    reservations: decodeResourceSet(required(wire.reservations, 'ResourceRequirements.reservations')),
  };
}
