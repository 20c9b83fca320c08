// Codec of cluster volumes.
import type { Volume } from '../model/volume.ts';
import { nonEmpty, required } from './fields.ts';
import type { Volume__Output } from './generated/skein/v1/Volume.ts';
import type { VolumeSpec__Output } from './generated/skein/v1/VolumeSpec.ts';
import { decodeAnnotations, decodeMeta, encodeAnnotations, encodeMeta } from './meta.ts';
import type { Encoded } from './schema.ts';

export function encodeVolume(volume: Volume): Encoded<Volume__Output> {
  return {
    id: volume.id,
    meta: encodeMeta(volume.meta),
    spec: { annotations: encodeAnnotations(volume.spec), driver: volume.spec.driver },
  };
}

function decodeVolumeSpec(wire: VolumeSpec__Output): Volume['spec'] {
  return { ...decodeAnnotations(wire.annotations, 'VolumeSpec'), driver: wire.driver };
}

export function decodeVolume(wire: Volume__Output): Volume {
  return {
    id: nonEmpty(wire.id, 'Volume.id'),
    meta: decodeMeta(wire.meta, 'Volume'),
    spec: decodeVolumeSpec(required(wire.spec, 'Volume.spec')),
  };
}
