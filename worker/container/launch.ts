// The work around one run of a plain container: what it needs is gathered from images, volumes and networks and made
// into a container of the runtime, and given back when the run is over. Decides nothing about when.
import { hostname } from 'node:os';
import type { Logger } from '../../shared/log.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { NetworkAttachment, PortConfig } from '../../shared/model/endpoint.ts';
import type { ContainerAttachments } from '../attachment/api.ts';
import type { ImageConfig, ImageStore } from '../image/api.ts';
import type { AttachRequest, NetworkPlane, Sandbox } from '../network/api.ts';
import type { ContainerPlan, HostMount } from '../runtime/api.ts';
import { commandOf } from '../runtime/bundle_spec.ts';
import { netSysctls, planOf, shortId } from '../runtime/container_plan.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { removeAnonymousVolumes, resolveMounts } from '../runtime/spec_mounts.ts';
import type { LocalVolumes } from '../volume/local_volumes.ts';
import type { ContainerRecord, ContainerRun } from './api.ts';
import { notStartable } from './errors.ts';

/** Clients that read slowly, or are gone, do not hold up the end of a container that was stopped for longer. */
const FAREWELL_MS = 3_000;

export interface LaunchDependencies {
  readonly logger: Logger;
  readonly runtime: ContainerRuntime;
  readonly images: Pick<ImageStore, 'find' | 'hold' | 'release'>;
  readonly volumes: LocalVolumes;
  /** Started. */
  readonly network: () => Promise<Pick<NetworkPlane, 'attach' | 'detach' | 'farewell'>>;
  readonly attachments: Pick<ContainerAttachments, 'attach' | 'release'>;
}

/** Makes the container, whose program does not run yet. After a failure `free` is to be called as after a run. */
export async function prepareRun(
  on: LaunchDependencies,
  record: ContainerRecord,
  options: { readonly writable: string; readonly signal: AbortSignal },
): Promise<ContainerRun> {
  const { id, config, imageId } = record;
  const { spec } = config;
  const { lowerDirs } = await on.images.hold(imageId, id);
  const image = on.images.find(imageId);
  if (image === undefined) {
    throw new Error(`image ${imageId} is held and not there`);
  }
  const attachments = await attach(on, record, options.signal);
  const network = await on.network();
  const sandbox = await network.attach(attachRequest(record, attachments, image.config), options.signal);
  const mounts = await resolveMounts(on.volumes, id, spec, lowerDirs, image.config.volumes);
  options.signal.throwIfAborted();
  await create(on, record, { image: image.config, lowerDirs, sandbox, mounts, writable: options.writable });
  return { ports: sandbox.ports, attachments, mounts };
}

/** Gives back what a run held; what cannot be given back is told and left to the next start. */
export async function freeRun(
  on: LaunchDependencies,
  { id, config }: ContainerRecord,
  { wasStopped }: { readonly wasStopped: boolean },
): Promise<void> {
  const attempt = async (work: Promise<void>): Promise<void> => {
    await work.catch((error: unknown) =>
      on.logger.warn({ container: id, error: errorMessage(error) }, 'freeing an ended container failed'),
    );
  };
  await attempt(on.runtime.clean(id));
  if (config.networking.kind !== 'host') {
    const network = await on.network();
    if (wasStopped) {
      await attempt(network.farewell(id, FAREWELL_MS));
    }
    await attempt(network.detach(id));
  }
  if (config.networking.kind === 'overlay') {
    await attempt(on.attachments.release(id));
  }
}

/** The container is gone for good: image and volumes are free of it, and its anonymous volumes go with it if told so. */
export async function giveBack(
  on: Pick<LaunchDependencies, 'images' | 'volumes'>,
  id: string,
  volumes: boolean,
): Promise<void> {
  await on.images.release(id);
  on.volumes.release(id);
  if (volumes) {
    await removeAnonymousVolumes(on.volumes, id);
  }
}

/** How the network plane knows the container. */
export function attachRequest(
  { id, name, config }: ContainerRecord,
  attachments: readonly NetworkAttachment[],
  image: ImageConfig | undefined,
): AttachRequest {
  const { spec, networking } = config;
  return {
    taskId: id,
    taskName: name,
    hostname: hostnameOf(id, spec.hostname, networking.kind),
    networks:
      networking.kind === 'overlay'
        ? attachments
        : networking.kind === 'bridge'
          ? []
          : [{ networkId: networking.kind, addresses: [], aliases: [] }],
    hostPorts: [...config.ports, ...(config.publishAll ? exposedPorts(image, config.ports) : [])],
    ...(spec.dnsConfig !== undefined && { dns: spec.dnsConfig }),
    sysctls: netSysctls(spec),
  };
}

/** With the host's network a container has the host's name too, as Docker's. */
function hostnameOf(id: string, wanted: string | undefined, networking: string): string {
  return (wanted ?? '') || (networking === 'host' ? hostname() : shortId(id));
}

function exposedPorts(image: ImageConfig | undefined, own: readonly PortConfig[]): readonly PortConfig[] {
  return (image?.exposedPorts ?? []).flatMap((text) => {
    const [, digits = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
    const target = Number(digits);
    const isOwn = own.some((port) => port.target === target && port.protocol === protocol);
    return target === 0 || isOwn || (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp')
      ? []
      : [{ name: '', protocol, target, published: 0, mode: 'host' as const }];
  });
}

async function attach(
  on: LaunchDependencies,
  { id, name, config }: ContainerRecord,
  signal: AbortSignal,
): Promise<readonly NetworkAttachment[]> {
  if (config.networking.kind !== 'overlay') {
    return [];
  }
  const { networks } = config.networking;
  return on.attachments.attach({ containerId: id, containerName: name, networks }, signal);
}

async function create(
  on: LaunchDependencies,
  { id, config }: ContainerRecord,
  parts: {
    readonly image: ImageConfig;
    readonly lowerDirs: readonly string[];
    readonly sandbox: Sandbox;
    readonly mounts: readonly HostMount[];
    readonly writable: string;
  },
): Promise<void> {
  const { spec, networking, resources, logDriver, stdinOnce } = config;
  const { writable, ...rest } = parts;
  const plan = planOf({
    ...rest,
    id,
    hostname: hostnameOf(id, spec.hostname, networking.kind),
    spec,
    secrets: [],
    configs: [],
    resources,
    logDriver,
  });
  try {
    for (const warning of await on.runtime.create({ ...plan, writable, leaveStdinOpen: !stdinOnce })) {
      on.logger.warn({ container: id }, warning);
    }
  } catch (error) {
    throw startError(error, plan);
  }
}

/** A program that cannot be run is the caller's affair: said in the words from which docker takes its exit code. */
function startError(error: unknown, plan: Pick<ContainerPlan, 'spec' | 'image'>): unknown {
  const message = errorMessage(error);
  if (!/exec|executable|open/.test(message)) {
    return error;
  }
  const [program = ''] = commandOf(plan);
  if (/permission denied/i.test(message)) {
    return notStartable(`exec: "${program}": permission denied (${message})`, error);
  }
  return /not found|no such file/i.test(message)
    ? notStartable(`exec: "${program}": executable file not found in $PATH (${message})`, error)
    : error;
}
