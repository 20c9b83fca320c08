// Manifests, indexes and image configs (OCI image spec 1.1 and Docker's schema 2) read from hostile JSON.
import { damaged, unsupported } from './errors.ts';
import type { ImageConfig } from './api.ts';

export const MEDIA = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const;

/** More layers than this overlayfs cannot stack in one page of options; Docker's limit is 127. */
const MAX_LAYERS = 127;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly architecture: string; readonly os: string };
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ParsedConfig {
  readonly architecture: string;
  readonly os: string;
  readonly createdAt: number;
  readonly diffIds: readonly string[];
  readonly config: ImageConfig;
  readonly history: readonly {
    readonly createdAt: number;
    readonly createdBy: string;
    readonly comment: string;
    readonly empty: boolean;
  }[];
}

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw damaged(what, 'it is not a JSON object');
  }
  return Object.fromEntries(Object.entries(value));
}

function maybeObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function stringMap(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(maybeObject(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

export function parseJson(bytes: Buffer, what: string): Json {
  try {
    return object(JSON.parse(bytes.toString('utf8')), what);
  } catch (error) {
    throw damaged(what, 'it is no JSON object', error);
  }
}

export function checkDigest(digest: string, what: string): string {
  if (!DIGEST.test(digest)) {
    throw damaged(what, `'${digest.slice(0, 80)}' is not a sha256 digest`);
  }
  return digest;
}

export function parseDescriptor(value: unknown, what: string): Descriptor {
  const json = object(value, what);
  const platform = maybeObject(json['platform']);
  const size = count(json['size']);
  if (!Number.isSafeInteger(size) || size < 0) {
    throw damaged(what, 'its size is not a number of bytes');
  }
  return {
    mediaType: text(json['mediaType']),
    digest: checkDigest(text(json['digest']), what),
    size,
    annotations: stringMap(json['annotations']),
    ...(json['platform'] !== undefined && {
      platform: { architecture: text(platform['architecture']), os: text(platform['os']) },
    }),
  };
}

export function isIndex(mediaType: string, json: Json): boolean {
  return mediaType === MEDIA.ociIndex || mediaType === MEDIA.dockerList || Array.isArray(json['manifests']);
}

export function parseIndex(json: Json, what: string): Descriptor[] {
  const manifests = json['manifests'];
  if (!Array.isArray(manifests)) {
    throw damaged(what, 'it lists no manifests');
  }
  return manifests.map((item) => parseDescriptor(item, what));
}

export function parseManifest(json: Json, what: string): Manifest {
  if (json['schemaVersion'] !== 2) {
    throw unsupported(`image manifests of schema ${String(json['schemaVersion'])}`);
  }
  const layers = json['layers'];
  if (!Array.isArray(layers) || layers.length > MAX_LAYERS) {
    throw damaged(what, `it must have a list of at most ${MAX_LAYERS} layers`);
  }
  return {
    config: parseDescriptor(json['config'], what),
    layers: layers.map((item) => parseDescriptor(item, what)),
  };
}

export function parseImageConfig(bytes: Buffer, what: string): ParsedConfig {
  const json = parseJson(bytes, what);
  const rootfs = maybeObject(json['rootfs']);
  const diffIds = strings(rootfs['diff_ids']);
  if (diffIds.length > MAX_LAYERS) {
    throw damaged(what, `it has more than ${MAX_LAYERS} layers`);
  }
  const history = Array.isArray(json['history']) ? json['history'].map(maybeObject) : [];
  return {
    architecture: text(json['architecture']),
    os: text(json['os']),
    createdAt: Date.parse(text(json['created'])) || 0,
    diffIds: diffIds.map((digest) => checkDigest(digest, what)),
    config: parseRunConfig(maybeObject(json['config'])),
    history: history.map((item) => ({
      createdAt: Date.parse(text(item['created'])) || 0,
      createdBy: text(item['created_by']),
      comment: text(item['comment']),
      empty: item['empty_layer'] === true,
    })),
  };
}

function parseRunConfig(json: Json): ImageConfig {
  const health = maybeObject(json['Healthcheck']);
  const test = strings(health['Test']);
  return {
    user: text(json['User']),
    env: strings(json['Env']),
    entrypoint: strings(json['Entrypoint']),
    cmd: strings(json['Cmd']),
    workingDir: text(json['WorkingDir']),
    labels: stringMap(json['Labels']),
    exposedPorts: Object.keys(maybeObject(json['ExposedPorts'])),
    volumes: Object.keys(maybeObject(json['Volumes'])),
    stopSignal: text(json['StopSignal']),
    ...(test.length > 0 && {
      healthcheck: {
        test,
        intervalMs: count(health['Interval']) / 1e6,
        timeoutMs: count(health['Timeout']) / 1e6,
        startPeriodMs: count(health['StartPeriod']) / 1e6,
        retries: count(health['Retries']),
      },
    }),
  };
}
