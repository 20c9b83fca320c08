// Gathers what a task needs into the container's plan, and says how it is attached to its networks. Pure.
import { SkeinError } from '../../shared/errors.ts';
import type { ContainerSpec } from '../../shared/model/container.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Config, Secret } from '../../shared/model/secret.ts';
import type { Task } from '../../shared/model/task.ts';
import type { LocalImage } from '../image/api.ts';
import type { AttachRequest, Sandbox } from '../network/api.ts';
import type { ContainerPlan, FilePayload, HostMount } from '../runtime/api.ts';
import { netSysctls, planOf, shortId } from '../runtime/container_plan.ts';

/** Where secrets and configs come from: the newest assignments. */
export interface PayloadSource {
  secret(id: Id): Secret | undefined;
  config(id: Id): Config | undefined;
  /** Resolves when all that the spec names is here (large ones follow their task), or after a limit. */
  arrival(spec: ContainerSpec, signal: AbortSignal): Promise<void>;
}

export function hostnameOf(task: Task, spec: ContainerSpec): string {
  return (spec.hostname ?? '') || shortId(task.id);
}

export function attachRequest(task: Task, spec: ContainerSpec): AttachRequest {
  return {
    taskId: task.id,
    taskName: task.name,
    hostname: hostnameOf(task, spec),
    networks: task.networks,
    hostPorts: (task.endpoint?.ports ?? []).filter((port) => port.mode === 'host'),
    ...(spec.dnsConfig === undefined ? {} : { dns: spec.dnsConfig }),
    sysctls: netSysctls(spec),
  };
}

/** @throws SkeinError `payload-missing` when a secret or config was not sent along */
export function payloadsOf(
  spec: ContainerSpec,
  source: Pick<PayloadSource, 'secret' | 'config'>,
): { readonly secrets: readonly FilePayload[]; readonly configs: readonly FilePayload[] } {
  return {
    secrets: spec.secrets.map((reference) => {
      const secret = source.secret(reference.secretId) ?? missing('secret', reference.secretName);
      return { target: reference.file, data: secret.spec.data };
    }),
    configs: spec.configs.map((reference) => {
      const config = source.config(reference.configId) ?? missing('config', reference.configName);
      return { target: reference.file, data: config.spec.data };
    }),
  };
}

export function containerPlan(parts: {
  readonly task: Task;
  readonly spec: ContainerSpec;
  readonly image: LocalImage;
  readonly lowerDirs: readonly string[];
  readonly sandbox: Sandbox;
  readonly mounts: readonly HostMount[];
  readonly secrets: readonly FilePayload[];
  readonly configs: readonly FilePayload[];
}): ContainerPlan {
  const { task, spec, image, ...rest } = parts;
  return planOf({
    ...rest,
    id: task.id,
    hostname: hostnameOf(task, spec),
    spec,
    image: image.config,
    resources: task.spec.resources,
    logDriver: task.logDriver ?? task.spec.logDriver,
  });
}

function missing(kind: string, name: string): never {
  throw new SkeinError('unavailable', 'payload-missing', `${kind} ${name} was not sent to this node`);
}
