// The containers of this node's tasks, told in the same form as plain ones: seen by `docker ps`, inspect and logs, and
// not to be touched by anything else, since the managers keep them as their service says.
import { SkeinError } from '../shared/errors.ts';
import type { Task } from '../shared/model/task.ts';
import type { ContainerView } from '../worker/container/api.ts';
import { readContainerLog } from '../worker/container/container_log.ts';
import type { ImageStore } from '../worker/image/api.ts';
import type { ContainerInfo } from '../worker/runtime/api.ts';
import type { LogLine } from '../worker/runtime/cri_log.ts';
import type { LogReadOptions } from '../worker/runtime/log_reader.ts';
import type { ContainerRuntime } from '../worker/runtime/runtime.ts';

export interface TaskContainersDependencies {
  readonly runtime: ContainerRuntime;
  readonly images: Pick<ImageStore, 'find'>;
  /** Of this node, as its agent sees them. */
  readonly tasks: () => readonly Task[];
}

/** A container that can be looked at. */
export interface TaskContainer {
  readonly record: ContainerView['record'];
  view(): ContainerView;
  log(options: LogReadOptions, signal: AbortSignal): AsyncIterable<LogLine>;
}

export class TaskContainers {
  private readonly on: TaskContainersDependencies;

  constructor(dependencies: TaskContainersDependencies) {
    this.on = dependencies;
  }

  list(): readonly ContainerView[] {
    return this.on.tasks().flatMap((task) => {
      const info = this.on.runtime.get(task.id);
      return info === undefined
        ? []
        : [viewOf(task, info, this.on.images.find(task.spec.container.image)?.id)];
    });
  }

  /** By id, name, or the beginning of an id that no other has. */
  find(reference: string): TaskContainer | undefined {
    const { runtime } = this.on;
    const views = this.list();
    const exact = views.find(({ record }) => record.id === reference || record.name === reference);
    const begins = views.filter(({ record }) => record.id.startsWith(reference));
    const view = exact ?? (begins.length === 1 && reference !== '' ? begins[0] : undefined);
    return (
      view && {
        record: view.record,
        view: () => view,
        log: (options, signal) =>
          readContainerLog(runtime, view.record, runtime.wait(view.record.id, signal), options, signal),
      }
    );
  }
}

/** `task-container`: only the managers start, stop and remove it. */
export function belongsToTask(name: string): SkeinError {
  return new SkeinError(
    'conflict',
    'task-container',
    `container ${name} is a task of a service, which the managers would make anew: scale, update or remove the service instead`,
  );
}

function viewOf(task: Task, info: ContainerInfo, imageId = ''): ContainerView {
  const { container, resources } = task.spec;
  const swarm = {
    'com.docker.swarm.node.id': task.nodeId,
    'com.docker.swarm.service.id': task.serviceId,
    'com.docker.swarm.service.name': task.serviceName,
    'com.docker.swarm.task': '',
    'com.docker.swarm.task.id': task.id,
    'com.docker.swarm.task.name': task.name,
  };
  const { exit, startedAt, phase } = info;
  const logDriver = task.logDriver ?? task.spec.logDriver;
  const networks = task.networks.map(({ networkId }) => ({ target: networkId, aliases: [] }));
  return {
    record: {
      id: task.id,
      name: task.name,
      createdAt: task.meta.createdAt,
      imageId,
      config: {
        spec: { ...container, labels: { ...container.labels, ...swarm } },
        resources,
        stdinOnce: false,
        attach: { stdin: false, stdout: false, stderr: false },
        networking: networks.length === 0 ? { kind: 'bridge' } : { kind: 'overlay', networks },
        ports: task.status.ports,
        publishAll: false,
        restart: { name: 'no', maximumRetryCount: 0 },
        autoRemove: false,
        logDriver,
        binds: [],
      },
      stoppedByUser: false,
      restartCount: 0,
      startedAt,
      finishedAt: exit?.at ?? 0,
      exitCode: exit?.code ?? 0,
      oomKilled: exit?.oomKilled ?? false,
      error: exit?.error ?? '',
      run: { ports: task.status.ports, attachments: task.networks, mounts: [] },
    },
    status: phase,
    pid: phase === 'running' ? info.pid : 0,
  };
}
