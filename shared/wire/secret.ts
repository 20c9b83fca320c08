// Codec of secrets and configs, which have the same shape and different confidentiality.
import type { Config, Secret, SecretSpec } from '../model/secret.ts';
import { decodeBytes, nonEmpty, required } from './fields.ts';
import type { Config__Output } from './generated/skein/v1/Config.ts';
import type { Secret__Output } from './generated/skein/v1/Secret.ts';
import type { SecretSpec__Output } from './generated/skein/v1/SecretSpec.ts';
import { decodeAnnotations, decodeMeta, encodeAnnotations, encodeMeta } from './meta.ts';
import type { Encoded } from './schema.ts';

/** Serves SecretSpec and ConfigSpec: the model and the wire give both the same fields. */
export function encodeSecretSpec(spec: SecretSpec): Encoded<SecretSpec__Output> {
  return {
    annotations: encodeAnnotations(spec),
    data: spec.data,
    templating: spec.templating && { name: spec.templating.name },
  };
}

export function decodeSecretSpec(wire: SecretSpec__Output): SecretSpec {
  const annotations = decodeAnnotations(wire.annotations, 'SecretSpec');
  const data = decodeBytes(wire.data);
  return wire.templating
    ? { ...annotations, data, templating: { name: wire.templating.name } }
    : { ...annotations, data };
}

export function encodeSecret(secret: Secret): Encoded<Secret__Output> {
  return { id: secret.id, meta: encodeMeta(secret.meta), spec: encodeSecretSpec(secret.spec) };
}

export function decodeSecret(wire: Secret__Output): Secret {
  return {
    id: nonEmpty(wire.id, 'Secret.id'),
    meta: decodeMeta(wire.meta, 'Secret'),
    spec: decodeSecretSpec(required(wire.spec, 'Secret.spec')),
  };
}

export function encodeConfig(config: Config): Encoded<Config__Output> {
  return { id: config.id, meta: encodeMeta(config.meta), spec: encodeSecretSpec(config.spec) };
}

export function decodeConfig(wire: Config__Output): Config {
  return {
    id: nonEmpty(wire.id, 'Config.id'),
    meta: decodeMeta(wire.meta, 'Config'),
    spec: decodeSecretSpec(required(wire.spec, 'Config.spec')),
  };
}
