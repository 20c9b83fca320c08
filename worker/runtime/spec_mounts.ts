// Resolves the mounts of a container's spec on this node: volumes made and filled, bind sources named, the image's
// declared volumes given anonymous ones. tmpfs mounts need nothing here. Who the container belongs to is not known.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SkeinError } from '../../shared/errors.ts';
import type { ContainerSpec, Mount } from '../../shared/model/container.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { LocalVolumes } from '../volume/local_volumes.ts';
import type { HostMount } from './api.ts';
import { resolveInRoot } from './rootfs.ts';

/** Marks a volume that ends with its container. */
export const ANONYMOUS_LABEL = 'com.docker.volume.anonymous';

/**
 * @param lowerDirs the image's layers, top first, for filling new volumes
 * @param imageVolumes targets that the image declares as volumes
 */
export async function resolveMounts(
  volumes: LocalVolumes,
  containerId: Id,
  spec: ContainerSpec,
  lowerDirs: readonly string[],
  imageVolumes: readonly string[],
): Promise<readonly HostMount[]> {
  const resolved: HostMount[] = [];
  for (const mount of [...spec.mounts, ...undeclared(spec, imageVolumes)]) {
    if (mount.type === 'bind') {
      resolved.push(await bindMount(mount));
    } else if (mount.type === 'volume') {
      resolved.push(await volumeMount(volumes, containerId, mount, lowerDirs));
    }
  }
  return resolved;
}

/** Removes the anonymous volumes of a container that is gone. */
export async function removeAnonymousVolumes(volumes: LocalVolumes, containerId: Id): Promise<void> {
  for (const volume of await volumes.list()) {
    if (volume.labels[ANONYMOUS_LABEL] === containerId) {
      await volumes.remove(volume.name);
    }
  }
}

/** After a restart: these containers use their volumes still. */
export async function holdVolumes(
  volumes: LocalVolumes,
  containers: readonly { readonly id: Id; readonly mounts: readonly Mount[] }[],
): Promise<void> {
  const ids = new Set(containers.map(({ id }) => id));
  for (const { id, mounts } of containers) {
    for (const mount of mounts) {
      if (mount.type === 'volume' && mount.source !== '') {
        volumes.hold(mount.source, id);
      }
    }
  }
  for (const volume of await volumes.list()) {
    const owner = volume.labels[ANONYMOUS_LABEL];
    if (owner !== undefined && ids.has(owner)) {
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
  containerId: Id,
  mount: Mount,
  lowerDirs: readonly string[],
): Promise<HostMount> {
  const anonymous = mount.source === '';
  const name = anonymous
    ? createHash('sha256').update(`${containerId} ${mount.target}`).digest('hex')
    : mount.source;
  const volume = await volumes.create({
    name,
    driver: mount.volume?.driver?.name ?? 'local',
    labels: { ...mount.volume?.labels, ...(anonymous ? { [ANONYMOUS_LABEL]: containerId } : {}) },
    options: mount.volume?.driver?.options ?? {},
  });
  volumes.hold(name, containerId);
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
