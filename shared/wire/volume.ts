// Codec of cluster volumes.
import type { Volume } from '../model/volume.ts';
import { nonEmpty, required } from './fields.ts';
import type { Volume__Output } from './generated/skein/v1/Volume.ts';
import { decodeAnnotations, decodeMeta, encodeAnnotations, encodeMeta } from './meta.ts';
import type { Encoded } from './schema.ts';

export function encodeVolume(volume: Volume): Encoded<Volume__Output> {
  return {
    id: volume.id,
    meta: encodeMeta(volume.meta),
    spec: { annotations: encodeAnnotations(volume.spec), driver: volume.spec.driver },
  };
}

export function decodeVolume(wire: Volume__Output): Volume {
  const spec = required(wire.spec, 'Volume.spec');
  return {
    id: nonEmpty(wire.id, 'Volume.id'),
    meta: decodeMeta(wire.meta, 'Volume'),
    spec: { ...decodeAnnotations(spec.annotations, 'VolumeSpec'), driver: spec.driver },
  };
}
