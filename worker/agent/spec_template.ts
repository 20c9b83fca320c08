// Placeholders in a service's hostname, environment and mounts (`{{.Task.Slot}}`), as Swarm has them. Only plain
// fields: anything else between the braces is refused with its text. Pure.
import { SkeinError } from '../../shared/errors.ts';
import type { ContainerSpec } from '../../shared/model/container.ts';
import type { Task } from '../../shared/model/task.ts';

export interface TemplateNode {
  readonly id: string;
  readonly hostname: string;
  readonly os: string;
  readonly architecture: string;
}

/** The spec with every placeholder replaced. @throws SkeinError `bad-template` */
export function expandSpec(task: Task, node: TemplateNode): ContainerSpec {
  const spec = task.spec.container;
  const expand = (text: string): string => expandText(text, task, node);
  return {
    ...spec,
    ...(spec.hostname === undefined ? {} : { hostname: expand(spec.hostname) }),
    env: spec.env.map(expand),
    mounts: spec.mounts.map((mount) => ({
      ...mount,
      source: expand(mount.source),
      target: expand(mount.target),
    })),
  };
}

export function expandText(text: string, task: Task, node: TemplateNode): string {
  return text.replace(/\{\{([^{}]*)\}\}/g, (whole, inner: string) => {
    const value = lookUp(inner.trim(), task, node);
    if (value === undefined) {
      throw new SkeinError(
        'invalid',
        'bad-template',
        `invalid template ${whole}: known are .Service.ID, .Service.Name, .Service.Labels, .Node.ID, .Node.Hostname, .Node.Platform.OS, .Node.Platform.Architecture, .Task.ID, .Task.Name, .Task.Slot`,
      );
    }
    return value;
  });
}

function lookUp(expression: string, task: Task, node: TemplateNode): string | undefined {
  const fields: Readonly<Record<string, string>> = {
    '.Service.ID': task.serviceId,
    '.Service.Name': task.serviceName,
    '.Node.ID': node.id,
    '.Node.Hostname': node.hostname,
    '.Node.Platform.OS': node.os,
    '.Node.Platform.Architecture': node.architecture,
    '.Task.ID': task.id,
    '.Task.Name': task.name,
    // A global service's tasks have no slot: Swarm puts the node there.
    '.Task.Slot': task.slot === 0 ? node.id : String(task.slot),
  };
  const label = /^(?:index \.Service\.Labels "([^"]*)"|\.Service\.Labels\.([\w]+))$/.exec(expression);
  return label === null ? fields[expression] : (task.labels[label[1] ?? label[2] ?? ''] ?? '');
}
