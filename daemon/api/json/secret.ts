// Secrets and configs between the Engine API's JSON and the model. A secret's data is only ever read.
import { notImplemented } from '../errors.ts';
import type { Config, ConfigSpec, Secret, SecretSpec } from '../../../shared/model/secret.ts';
import { compact, type Fields, timestamp } from './fields.ts';

export function readSecretSpec(json: Fields): SecretSpec {
  if (json.section('Driver').string('Name') !== '') {
    throw notImplemented('secret drivers');
  }
  return readDataSpec(json);
}

export function readConfigSpec(json: Fields): ConfigSpec {
  return readDataSpec(json);
}

function readDataSpec(json: Fields): SecretSpec {
  const templating = json.object('Templating');
  return {
    name: json.string('Name'),
    labels: json.stringMap('Labels'),
    data: json.bytes('Data'),
    ...(templating !== undefined && { templating: { name: templating.string('Name') } }),
  };
}

export function writeSecret(secret: Secret): Record<string, unknown> {
  return writeData(secret, undefined);
}

export function writeConfig(config: Config): Record<string, unknown> {
  return writeData(config, Buffer.from(config.spec.data).toString('base64'));
}

function writeData(object: Secret | Config, data: string | undefined): Record<string, unknown> {
  return {
    ID: object.id,
    Version: { Index: object.meta.version },
    CreatedAt: timestamp(object.meta.createdAt),
    UpdatedAt: timestamp(object.meta.updatedAt),
    Spec: compact({
      Name: object.spec.name,
      Labels: object.spec.labels,
      Data: data,
      Templating: object.spec.templating && { Name: object.spec.templating.name },
    }),
  };
}
