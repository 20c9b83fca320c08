// The plain containers of this node: made, found by name or id, taken up after a restart of the daemon. What one of
// them does is plain_container.ts's; the cluster is known only by the attachments that it may offer.
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { Random } from '../../shared/random.ts';
import type { ContainerAttachments } from '../attachment/api.ts';
import { imageNotFound } from '../image/errors.ts';
import type { ImageStore } from '../image/api.ts';
import type { AttachRequest, NetworkPlane } from '../network/api.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { holdVolumes } from '../runtime/spec_mounts.ts';
import type { LocalVolumes } from '../volume/local_volumes.ts';
import { type ContainerConfig, type ContainerRecord, isContainerId } from './api.ts';
import { ambiguousContainer, badName, nameTaken, noSuchContainer, tooMany } from './errors.ts';
import { PlainContainer, type PlainContainerDependencies } from './plain_container.ts';
import { RecordStore } from './record_store.ts';

/** Each costs a record in memory, and one that runs a monitor process. */
const CONTAINERS_MAX = 10_000;
/** Docker's rule. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const ID_BYTES = 32;

export interface ContainersDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly runtime: ContainerRuntime;
  readonly images: ImageStore;
  readonly volumes: LocalVolumes;
  /** Started at its first use. */
  readonly network: () => Promise<Pick<NetworkPlane, 'attach' | 'detach' | 'farewell'>>;
  readonly attachments: ContainerAttachments;
}

export class Containers implements Startable {
  private readonly on: ContainersDependencies;
  private readonly records: RecordStore;
  private readonly containers = new Map<string, PlainContainer>();
  private stopHearingLosses: (() => void) | undefined;
  private stopListening: (() => void) | undefined;

  constructor(dependencies: ContainersDependencies, options: { readonly root: string }) {
    this.on = dependencies;
    this.records = new RecordStore({ log: dependencies.logger }, options);
  }

  /** After the runtime has started. What its restart policy wants is started in the background. */
  async start(): Promise<void> {
    const { runtime, images, volumes, attachments } = this.on;
    for (const record of await this.records.load()) {
      this.add(record);
    }
    this.stopListening = runtime.onExit((id) => this.containers.get(id)?.noteExit());
    for (const { id } of runtime.list().filter((one) => isContainerId(one.id))) {
      if (!this.containers.has(id)) {
        await runtime.remove(id);
      }
    }
    await images.retainHolders(new Set(this.containers.keys()), isContainerId);
    const all = [...this.containers.values()];
    await holdVolumes(
      volumes,
      all.map(({ id, record }) => ({ id, mounts: record.config.spec.mounts })),
    );
    if (this.survivors().length > 0) {
      await this.on.network();
    }
    await Promise.all(all.map((container) => container.takeUp()));
    await attachments.retain(new Set(this.survivors().map(({ taskId }) => taskId)));
    this.stopHearingLosses = attachments.onLost(({ containerId, networkId, reason }) =>
      this.containers.get(containerId)?.loseNetwork(`network ${networkId} was lost: ${reason}`),
    );
  }

  /** Containers run on. */
  async stop(): Promise<void> {
    this.stopListening?.();
    this.stopHearingLosses?.();
    await Promise.all([...this.containers.values()].map((container) => container.stopWatching()));
  }

  /** How those that live are attached: what a network plane that starts is to take up. */
  survivors(): readonly AttachRequest[] {
    return [...this.containers.values()].flatMap((container) => container.attachRequest() ?? []);
  }

  /** The cluster's networks go: containers that are on one are stopped. */
  async stopOnOverlays(): Promise<void> {
    const affected = [...this.containers.values()].filter(
      ({ record }) => record.config.networking.kind === 'overlay',
    );
    await Promise.all(
      affected.map((container) =>
        container
          .stop(undefined)
          .catch((error: unknown) =>
            this.on.logger.warn(
              { container: container.id, error: errorMessage(error) },
              'a container on a network of the cluster could not be stopped',
            ),
          ),
      ),
    );
  }

  /** @throws SkeinError `image-not-found`, `container-name-taken`, `bad-container-name` */
  async create(config: ContainerConfig, name: string): Promise<PlainContainer> {
    if (!NAME.test(name)) {
      throw badName(name);
    }
    this.requireFree(name);
    if (this.containers.size >= CONTAINERS_MAX) {
      throw tooMany(CONTAINERS_MAX);
    }
    const image = this.on.images.find(config.spec.image);
    if (image === undefined) {
      throw imageNotFound(config.spec.image);
    }
    const record: ContainerRecord = {
      id: Buffer.from(this.on.random.bytes(ID_BYTES)).toString('hex'),
      name,
      createdAt: this.on.clock.now(),
      imageId: image.id,
      config,
      stoppedByUser: false,
      restartCount: 0,
      startedAt: 0,
      finishedAt: 0,
      exitCode: 0,
      oomKilled: false,
      error: '',
    };
    const container = this.add(record);
    try {
      await this.on.images.hold(image.id, record.id);
      await holdVolumes(this.on.volumes, [{ id: record.id, mounts: config.spec.mounts }]);
      await this.records.save(record);
      return container;
    } catch (error) {
      this.containers.delete(record.id);
      await this.on.images.release(record.id);
      this.on.volumes.release(record.id);
      throw error;
    }
  }

  async rename(container: PlainContainer, name: string): Promise<void> {
    if (!NAME.test(name)) {
      throw badName(name);
    }
    this.requireFree(name);
    await container.rename(name);
  }

  isFree(name: string): boolean {
    return this.named(name) === undefined;
  }

  /** Oldest first. */
  list(): readonly PlainContainer[] {
    return [...this.containers.values()];
  }

  /** By id, name, or the beginning of an id. @throws SkeinError `no-such-container`, `ambiguous-container` */
  get(reference: string): PlainContainer {
    const plain = reference.replace(/^\//, '');
    const exact = this.containers.get(plain) ?? this.named(plain);
    if (exact !== undefined) {
      return exact;
    }
    const begins = /^[0-9a-f]+$/.test(plain) ? this.list().filter(({ id }) => id.startsWith(plain)) : [];
    if (begins.length > 1) {
      throw ambiguousContainer(reference);
    }
    const [only] = begins;
    if (only === undefined) {
      throw noSuchContainer(reference);
    }
    return only;
  }

  private named(name: string): PlainContainer | undefined {
    return this.list().find(({ record }) => record.name === name);
  }

  private requireFree(name: string): void {
    const holder = this.named(name);
    if (holder !== undefined) {
      throw nameTaken(name, holder.id);
    }
  }

  private add(record: ContainerRecord): PlainContainer {
    const { clock, logger, runtime, images, volumes, network, attachments } = this.on;
    const dependencies: PlainContainerDependencies = {
      ...{ clock, logger, runtime, images, volumes, network, attachments },
      save: (changed) => this.records.save(changed),
      discard: (id) => this.records.remove(id),
      onRemoved: (id) => this.containers.delete(id),
    };
    const container = new PlainContainer(dependencies, {
      record,
      writable: this.records.writable(record.id),
    });
    this.containers.set(record.id, container);
    return container;
  }
}
