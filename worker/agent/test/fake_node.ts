// What a task manager needs of its node besides the real runtime: an image store with one image, and a
// network plane that notes what is asked of it and gives the host's network.
import { SkeinError } from '../../../shared/errors.ts';
import type { ImageConfig, ImageStore, LocalImage } from '../../image/api.ts';
import type { AttachRequest, NetworkPlane } from '../../network/api.ts';
import { EMPTY_IMAGE } from '../../runtime/test/busybox.ts';

const unused = (): never => {
  throw new Error('no test of the agent asks for this');
};

/** Only `busybox:latest` is here, with the given layers. */
export function fakeImages(
  layers: readonly string[],
  log: string[],
  config: Partial<ImageConfig> = {},
): ImageStore {
  const image: LocalImage = {
    id: 'sha256:1',
    repoTags: ['busybox:latest'],
    repoDigests: [],
    architecture: 'amd64',
    os: 'linux',
    createdAt: 0,
    sizeBytes: 0,
    config: { ...EMPTY_IMAGE, ...config },
    diffIds: [],
  };
  return {
    find: (reference) => (reference === 'busybox:latest' || reference === image.id ? image : undefined),
    list: () => [image],
    ensure: async (reference) => {
      if (reference !== 'busybox:latest') {
        throw new SkeinError('not-found', 'image-not-found', `No such image: ${reference}`);
      }
      return image;
    },
    hold: async () => ({ lowerDirs: layers }),
    release: async (holder) => {
      log.push(`release ${short(holder)}`);
    },
    retainHolders: async (holders) => {
      log.push(`retain ${[...holders].map(short).join(' ')}`.trim());
    },
    pull: unused,
    resolve: unused,
    load: unused,
    save: unused,
    import: unused,
    tag: unused,
    remove: unused,
    history: unused,
  };
}

export function fakeNetwork(log: string[]): NetworkPlane {
  return {
    start: async () => undefined,
    stop: async () => undefined,
    setIdentity: () => undefined,
    setView: () => undefined,
    removeView: () => undefined,
    retainViews: async () => undefined,
    onApplied: () => () => undefined,
    onEncryption: () => () => undefined,
    attach: async (request) => {
      log.push(`attach ${short(request.taskId)}`);
      return { netnsPath: '', resolvConf: '', hostsLines: [], ports: request.hostPorts };
    },
    shut: async (id) => {
      log.push(`shut ${short(id)}`);
    },
    farewell: async (id) => {
      log.push(`farewell ${short(id)}`);
    },
    detach: async (id) => {
      log.push(`detach ${short(id)}`);
    },
    readopt: async (requests: readonly AttachRequest[]) => {
      log.push(`readopt ${requests.map((request) => short(request.taskId)).join(' ')}`.trim());
    },
  };
}

function short(id: string): string {
  return id.replace(/0+$/, '');
}
