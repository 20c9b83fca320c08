// Plain containers that are made, found and removed, and that never run: for tests of the API's face.
import { systemClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/log.ts';
import { seededRandom } from '../../shared/random.ts';
import { Containers } from '../../worker/container/containers.ts';
import type { ImageStore } from '../../worker/image/api.ts';
import { readHostFacts } from '../../worker/runtime/host_facts.ts';
import { ContainerRuntime } from '../../worker/runtime/runtime.ts';
import { LocalVolumes } from '../../worker/volume/local_volumes.ts';

/** One that was never started, and has nothing. @param root a directory that goes with the test */
export async function idleRuntime(root: string): Promise<ContainerRuntime> {
  return new ContainerRuntime(
    {
      clock: systemClock,
      logger: silentLogger,
      host: await readHostFacts(),
      programs: { name: 'runc', path: '/bin/false', conmon: '/bin/false', hideUnified: undefined },
    },
    { root, execRoot: root },
  );
}

/** @param root a directory that goes with the test */
export function idleContainers(images: ImageStore, runtime: ContainerRuntime, root: string): Containers {
  return new Containers(
    {
      clock: systemClock,
      random: seededRandom(3),
      logger: silentLogger,
      runtime,
      images,
      volumes: new LocalVolumes({ clock: systemClock }, { root }),
      network: () => Promise.reject(new Error('no network in this test')),
      attachments: {
        attach: () => Promise.reject(new Error('no cluster in this test')),
        release: () => Promise.resolve(),
        retain: () => Promise.resolve(),
        attached: () => [],
        onLost: () => () => undefined,
      },
    },
    { root },
  );
}
