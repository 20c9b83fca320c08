// Service specs for the tests, in the Engine API's words with the usual parts filled in.
import { WEB_IMAGE } from './cluster.ts';

/** The API's durations are nanoseconds. */
export const SECOND = 1_000_000_000;
export const MIB = 1024 * 1024;

type Json = Readonly<Record<string, unknown>>;

export interface ServiceParts {
  readonly replicas?: number;
  readonly global?: boolean;
  /** Published port in mesh mode, to port 80. */
  readonly publish?: number;
  readonly networks?: readonly (string | { readonly Target: string; readonly Aliases: readonly string[] })[];
  readonly container?: Json;
  readonly resources?: Json;
  readonly restart?: Json;
  readonly placement?: Json;
  readonly update?: Json;
  readonly rollback?: Json;
  readonly endpoint?: Json;
  /** A shell line instead of the image's web server. */
  readonly shell?: string;
}

export function service(name: string, parts: ServiceParts = {}): Json {
  return {
    Name: name,
    TaskTemplate: {
      ContainerSpec: {
        Image: WEB_IMAGE,
        Env: ['TASK_SLOT={{.Task.Slot}}'],
        // busybox as process 1 ignores SIGTERM: do not wait Docker's ten seconds for it.
        StopGracePeriod: SECOND / 2,
        ...(parts.shell === undefined ? {} : { Command: ['/bin/sh', '-c', parts.shell] }),
        ...parts.container,
      },
      ...(parts.resources === undefined ? {} : { Resources: parts.resources }),
      ...(parts.restart === undefined ? {} : { RestartPolicy: parts.restart }),
      ...(parts.placement === undefined ? {} : { Placement: parts.placement }),
      ...(parts.networks === undefined
        ? {}
        : {
            Networks: parts.networks.map((network) =>
              typeof network === 'string' ? { Target: network } : network,
            ),
          }),
    },
    Mode: parts.global === true ? { Global: {} } : { Replicated: { Replicas: parts.replicas ?? 1 } },
    ...(parts.update === undefined ? {} : { UpdateConfig: parts.update }),
    ...(parts.rollback === undefined ? {} : { RollbackConfig: parts.rollback }),
    EndpointSpec: {
      ...(parts.publish === undefined
        ? {}
        : {
            Ports: [
              { Protocol: 'tcp', TargetPort: 80, PublishedPort: parts.publish, PublishMode: 'ingress' },
            ],
          }),
      ...parts.endpoint,
    },
  };
}

/** For `updateService`: sets the number of replicas. */
export function scaled(replicas: number) {
  return (spec: Record<string, unknown>) => ({ ...spec, Mode: { Replicated: { Replicas: replicas } } });
}

/** For `updateService`: changes parts of the container's spec. */
export function withContainer(change: Json) {
  return (spec: Record<string, unknown>) => {
    const template = spec['TaskTemplate'] as { readonly ContainerSpec: Json };
    return {
      ...spec,
      TaskTemplate: { ...template, ContainerSpec: { ...template.ContainerSpec, ...change } },
    };
  };
}
