// A container as one line of `docker ps`: GET /containers/json.
import type { ContainerView } from '../../../worker/container/api.ts';
import type { ImageConfig } from '../../../worker/image/api.ts';
import { commandOf } from '../../../worker/runtime/bundle_spec.ts';
import { writeMountPoints } from './container_mounts.ts';

export function writeContainerSummary(
  view: ContainerView,
  image: ImageConfig | undefined,
  now: number,
): Record<string, unknown> {
  const { record, status } = view;
  const { config } = record;
  const { networking, spec } = config;
  const run = status === 'running' ? record.run : undefined;
  const names =
    networking.kind === 'overlay' ? networking.networks.map(({ target }) => target) : [networking.kind];
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: spec.image,
    ImageID: record.imageId,
    Command: image === undefined ? '' : shownCommand(() => commandOf({ spec, image })),
    Created: Math.floor(record.createdAt / 1000),
    Ports: (run?.ports ?? []).flatMap(({ protocol, target, published }) =>
      ['0.0.0.0', '::'].map((ip) => ({ IP: ip, PrivatePort: target, PublicPort: published, Type: protocol })),
    ),
    Labels: { ...image?.labels, ...spec.labels },
    State: status,
    Status: statusText(view, now),
    HostConfig: { NetworkMode: names[0] ?? '' },
    NetworkSettings: {
      Networks: Object.fromEntries(
        names.map((name, at) => [
          name,
          {
            NetworkID: run?.attachments[at]?.networkId ?? '',
            IPAddress: run?.attachments[at]?.addresses[0]?.split('/')[0] ?? '',
          },
        ]),
      ),
    },
    Mounts: writeMountPoints(view),
  };
}

/** Docker's words for how a container stands. */
export function statusText({ record, status, health }: ContainerView, now: number): string {
  switch (status) {
    case 'created':
      return 'Created';
    case 'running': {
      const up = `Up ${humanDuration(now - record.startedAt)}`;
      return health === undefined ? up : `${up} (${health === 'starting' ? 'health: starting' : health})`;
    }
    case 'restarting':
      return `Restarting (${record.exitCode}) ${humanDuration(now - record.finishedAt)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'exited':
      return `Exited (${record.exitCode}) ${humanDuration(now - record.finishedAt)} ago`;
  }
}

/** A span as Docker tells it: one unit, rounded down. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(ms / 3_600_000);
  if (seconds < 1) {
    return 'Less than a second';
  }
  if (seconds < 60) {
    return seconds === 1 ? '1 second' : `${seconds} seconds`;
  }
  if (minutes < 60) {
    return minutes === 1 ? 'About a minute' : `${minutes} minutes`;
  }
  if (hours < 48) {
    return hours === 1 ? 'About an hour' : `${hours} hours`;
  }
  const days = Math.floor(hours / 24);
  return days < 14
    ? `${days} days`
    : days < 60
      ? `${Math.floor(days / 7)} weeks`
      : days < 730
        ? `${Math.floor(days / 30)} months`
        : `${Math.floor(days / 365)} years`;
}

function shownCommand(command: () => readonly string[]): string {
  try {
    return command()
      .map((word) => (/\s/.test(word) ? `'${word}'` : word))
      .join(' ');
  } catch {
    return '';
  }
}
