// Images in the Engine API's JSON.
import type { LocalImage } from '../../../worker/image/api.ts';
import { compact, listOrNothing, nanoseconds, textOrNothing, timestamp } from './fields.ts';

export function writeImageSummary(image: LocalImage): Record<string, unknown> {
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: image.repoTags,
    RepoDigests: image.repoDigests,
    Created: Math.floor(image.createdAt / 1000),
    Size: image.sizeBytes,
    SharedSize: -1,
    VirtualSize: image.sizeBytes,
    Labels: image.config.labels,
    Containers: -1,
  };
}

export function writeImage(image: LocalImage): Record<string, unknown> {
  const { config } = image;
  return {
    Id: image.id,
    RepoTags: image.repoTags,
    RepoDigests: image.repoDigests,
    Parent: '',
    Comment: '',
    Created: timestamp(image.createdAt),
    DockerVersion: '',
    Author: '',
    Architecture: image.architecture,
    Os: image.os,
    Size: image.sizeBytes,
    VirtualSize: image.sizeBytes,
    GraphDriver: { Name: 'overlay2', Data: {} },
    RootFS: { Type: 'layers', Layers: image.diffIds },
    Metadata: { LastTagTime: timestamp(image.createdAt) },
    Config: compact({
      User: config.user,
      ExposedPorts: asSet(config.exposedPorts),
      Env: config.env,
      Cmd: listOrNothing(config.cmd) ?? null,
      Healthcheck:
        config.healthcheck &&
        compact({
          Test: config.healthcheck.test,
          Interval: nanoseconds(config.healthcheck.intervalMs),
          Timeout: nanoseconds(config.healthcheck.timeoutMs),
          StartPeriod: nanoseconds(config.healthcheck.startPeriodMs),
          Retries: config.healthcheck.retries,
        }),
      Volumes: asSet(config.volumes),
      WorkingDir: config.workingDir,
      Entrypoint: listOrNothing(config.entrypoint) ?? null,
      Labels: config.labels,
      StopSignal: textOrNothing(config.stopSignal),
    }),
  };
}

function asSet(names: readonly string[]): Record<string, unknown> | undefined {
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, {}]));
}
