// Codec of what every object and spec carries: meta, annotations, log drivers.
import type { LogDriver } from '../model/cluster.ts';
import type { Annotations, Meta } from '../model/meta.ts';
import { decodeTime, encodeTime, integer, required } from './fields.ts';
import type { Annotations__Output } from './generated/skein/v1/Annotations.ts';
import type { LogDriver__Output } from './generated/skein/v1/LogDriver.ts';
import type { Meta__Output } from './generated/skein/v1/Meta.ts';
import type { Encoded } from './schema.ts';

export function encodeMeta(meta: Meta): Encoded<Meta__Output> {
  return {
    version: meta.version,
    createdAtUs: encodeTime(meta.createdAt),
    updatedAtUs: encodeTime(meta.updatedAt),
  };
}

export function decodeMeta(wire: Meta__Output | null, owner: string): Meta {
  const meta = required(wire, `${owner}.meta`);
  return {
    version: integer(meta.version, 'Meta.version'),
    createdAt: decodeTime(meta.createdAtUs, 'Meta.created_at'),
    updatedAt: decodeTime(meta.updatedAtUs, 'Meta.updated_at'),
  };
}

export function encodeAnnotations(spec: Annotations): Encoded<Annotations__Output> {
  return { name: spec.name, labels: spec.labels };
}

export function decodeAnnotations(wire: Annotations__Output | null, owner: string): Annotations {
  const annotations = required(wire, `${owner}.annotations`);
  return { name: annotations.name, labels: annotations.labels };
}

export function encodeLogDriver(driver: LogDriver): Encoded<LogDriver__Output> {
  return { name: driver.name, options: driver.options };
}

export function decodeLogDriver(wire: LogDriver__Output): LogDriver {
  return { name: wire.name, options: wire.options };
}
