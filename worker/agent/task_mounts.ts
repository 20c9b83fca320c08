// Resolves a task's mounts on this node: volumes made and filled, bind sources named, the image's declared
// volumes given anonymous ones. tmpfs mounts need nothing here.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SkeinError } from '../../shared/errors.ts';
import type { ContainerSpec, Mount } from '../../shared/model/container.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Task } from '../../shared/model/task.ts';
import type { HostMount } from '../runtime/api.ts';
import { resolveInRoot } from '../runtime/rootfs.ts';
import type { LocalVolumes } from '../volume/local_volumes.ts';
import { type TemplateNode, expandSpec } from './spec_template.ts';

/** Marks a volume that ends with its task. */
export const ANONYMOUS_LABEL = 'com.docker.volume.anonymous';

/**
 * @param lowerDirs the image's layers, top first, for filling new volumes
 * @param imageVolumes targets that the image declares as volumes
 */
export async function resolveMounts(
  volumes: LocalVolumes,
  taskId: Id,
  spec: ContainerSpec,
  lowerDirs: readonly string[],
  imageVolumes: readonly string[],
): Promise<readonly HostMount[]> {
  const resolved: HostMount[] = [];
  for (const mount of [...spec.mounts, ...undeclared(spec, imageVolumes)]) {
    if (mount.type === 'bind') {
      resolved.push(await bindMount(mount));
    } else if (mount.type === 'volume') {
      resolved.push(await volumeMount(volumes, taskId, mount, lowerDirs));
    }
  }
  return resolved;
}

/** Removes the anonymous volumes of an ended task. */
export async function removeAnonymousVolumes(volumes: LocalVolumes, taskId: Id): Promise<void> {
  for (const volume of await volumes.list()) {
    if (volume.labels[ANONYMOUS_LABEL] === taskId) {
      await volumes.remove(volume.name);
    }
  }
}

/** After a restart: living tasks use their volumes still. */
export async function holdVolumes(
  volumes: LocalVolumes,
  tasks: readonly Task[],
  node: TemplateNode,
): Promise<void> {
  const alive = new Set(tasks.map((task) => task.id));
  for (const task of tasks) {
    for (const mount of expandSpec(task, node).mounts) {
      if (mount.type === 'volume' && mount.source !== '') {
        volumes.hold(mount.source, task.id);
      }
    }
  }
  for (const volume of await volumes.list()) {
    const owner = volume.labels[ANONYMOUS_LABEL];
    if (owner !== undefined && alive.has(owner)) {
      volumes.hold(volume.name, owner);
    }
  }
}

function undeclared(spec: ContainerSpec, imageVolumes: readonly string[]): readonly Mount[] {
  const covered = new Set(spec.mounts.map((mount) => mount.target));
  return imageVolumes
    .filter((target) => !covered.has(target))
    .map((target) => ({ type: 'volume', source: '', target, readOnly: false }));
}

async function bindMount(mount: Mount): Promise<HostMount> {
  if (!mount.source.startsWith('/')) {
    throw new SkeinError(
      'invalid',
      'bad-mount',
      `invalid bind mount source, must be an absolute path: ${mount.source}`,
    );
  }
  if (mount.bind?.createMountpoint === true) {
    await mkdir(mount.source, { recursive: true, mode: 0o755 });
  }
  return {
    source: mount.source,
    target: mount.target,
    readOnly: mount.readOnly,
    propagation: mount.bind?.propagation ?? 'rprivate',
    recursive: !(mount.bind?.nonRecursive ?? false),
  };
}

async function volumeMount(
  volumes: LocalVolumes,
  taskId: Id,
  mount: Mount,
  lowerDirs: readonly string[],
): Promise<HostMount> {
  const anonymous = mount.source === '';
  const name = anonymous
    ? createHash('sha256').update(`${taskId} ${mount.target}`).digest('hex')
    : mount.source;
  const volume = await volumes.create({
    name,
    driver: mount.volume?.driver?.name ?? 'local',
    labels: { ...mount.volume?.labels, ...(anonymous ? { [ANONYMOUS_LABEL]: taskId } : {}) },
    options: mount.volume?.driver?.options ?? {},
  });
  volumes.hold(name, taskId);
  if (!(mount.volume?.noCopy ?? false)) {
    await fillFromImage(volumes, name, mount.target, lowerDirs);
  }
  const subpath = mount.volume?.subpath ?? '';
  return {
    source: subpath === '' ? volume.mountpoint : await resolveInRoot(volume.mountpoint, join('/', subpath)),
    target: mount.target,
    readOnly: mount.readOnly,
    propagation: 'rprivate',
    recursive: true,
  };
}

/** Layers are applied from the top: the first that has the directory fills the volume, later ones only if it is empty. */
async function fillFromImage(
  volumes: LocalVolumes,
  name: string,
  target: string,
  lowerDirs: readonly string[],
): Promise<void> {
  for (const layer of lowerDirs) {
    await volumes.copyUp(name, await resolveInRoot(layer, target));
  }
}
