// What is mounted in a container, as `docker inspect` lists it under Mounts.
import type { ContainerView } from '../../../worker/container/api.ts';

export function writeMountPoints({ record }: ContainerView): readonly unknown[] {
  const { spec } = record.config;
  return [
    ...(record.run?.mounts ?? []).map((mount) => {
      const asked = spec.mounts.find(({ target }) => target === mount.target);
      const isBind = asked?.type === 'bind';
      return {
        Type: isBind ? 'bind' : 'volume',
        ...(!isBind && {
          Name: asked?.source || (/([^/]+)\/_data$/.exec(mount.source)?.[1] ?? ''),
          Driver: 'local',
        }),
        Source: mount.source,
        Destination: mount.target,
        Mode: '',
        RW: !mount.readOnly,
        Propagation: isBind ? mount.propagation : '',
      };
    }),
    ...spec.mounts
      .filter(({ type }) => type === 'tmpfs')
      .map(({ target, readOnly }) => ({
        Type: 'tmpfs',
        Source: '',
        Destination: target,
        Mode: '',
        RW: !readOnly,
        Propagation: '',
      })),
  ];
}
