// The images of this node: found, pulled, loaded, saved, tagged, held by tasks and removed. It owns the
// index; content, layers, registries and archives are parts that know nothing of each other.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { assert } from '../../shared/errors.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { ImageStore, LocalImage, PullProgress, RegistryAuth } from './api.ts';
import { layOut, readArchive } from './archive.ts';
import { type ArchivedParts, Assembler } from './assemble.ts';
import {
  findImage,
  holdersOf,
  looksLikeId,
  namesByIdOnly,
  namesOf,
  namesToDrop,
  usedParts,
  without,
} from './catalog.ts';
import { ContentStore } from './content.ts';
import { type ParsedConfig, parseImageConfig } from './documents.ts';
import { imageNotFound, inUse, invalidReference } from './errors.ts';
import { type ImageIndex, type ImageRecord, readIndex, writeIndex } from './index_file.ts';
import { LayerStore } from './layers.ts';
import { Puller } from './pull.ts';
import { digestedName, parseReference, taggedName } from './reference.ts';
import { RegistryClient, type RegistryOptions } from './registry.ts';
import { saveArchive } from './save.ts';

export interface LocalImageStoreDependencies {
  readonly clock: Clock;
  readonly log: Logger;
}

export interface LocalImageStoreOptions extends RegistryOptions {
  /** Everything of images lives below this directory. */
  readonly directory: string;
}

export class LocalImageStore implements ImageStore {
  private readonly dependencies: LocalImageStoreDependencies;
  private readonly options: LocalImageStoreOptions;
  private readonly content: ContentStore;
  private readonly layers: LayerStore;
  private readonly assembler: Assembler;
  private readonly configs = new Map<string, ParsedConfig>();
  private index: ImageIndex = { version: 1, images: {}, tags: {}, digests: {}, holds: {} };
  /** Changes of the index, and removals of what it no longer names, happen one after the other. */
  private turn: Promise<unknown> = Promise.resolve();
  /** Pulls under way by reference: tasks of one service share one. */
  private readonly pulls = new Map<string, Promise<LocalImage>>();
  /** Additions under way: nothing may be swept while blobs are not yet in the index. */
  private adding = 0;

  constructor(dependencies: LocalImageStoreDependencies, options: LocalImageStoreOptions) {
    this.dependencies = dependencies;
    this.options = options;
    this.content = new ContentStore(options.directory);
    this.layers = new LayerStore(options.directory);
    this.assembler = new Assembler({ content: this.content, layers: this.layers });
  }

  async start(): Promise<void> {
    await mkdir(this.options.directory, { recursive: true, mode: 0o711 });
    await this.content.open();
    await this.layers.open();
    this.index = await readIndex(this.indexPath());
    for (const record of Object.values(this.index.images)) {
      this.configs.set(
        record.id,
        parseImageConfig(await this.content.document(record.id), `image ${record.id}`),
      );
    }
    await this.sweep();
  }

  find(reference: string): LocalImage | undefined {
    const id = this.idOf(reference);
    return id === undefined ? undefined : this.describe(id);
  }

  list(): readonly LocalImage[] {
    return Object.keys(this.index.images)
      .map((id) => this.describe(id))
      .sort((left, right) => right.createdAt - left.createdAt);
  }

  async ensure(
    reference: string,
    options: { readonly auth?: RegistryAuth; readonly signal: AbortSignal },
  ): Promise<LocalImage> {
    return this.find(reference) ?? this.pull(reference, options);
  }

  pull(
    reference: string,
    options: {
      readonly auth?: RegistryAuth;
      readonly signal: AbortSignal;
      readonly platform?: string;
      readonly onProgress?: (progress: PullProgress) => void;
    },
  ): Promise<LocalImage> {
    const key = `${reference} ${options.platform ?? ''} ${options.auth?.username ?? ''}`;
    const running = this.pulls.get(key);
    if (running !== undefined) {
      return running;
    }
    const work = this.pullNow(reference, options).finally(() => this.pulls.delete(key));
    this.pulls.set(key, work);
    return work;
  }

  async resolve(reference: string, options: { readonly auth?: RegistryAuth; readonly signal: AbortSignal }) {
    const parsed = parseReference(reference);
    const client = new RegistryClient(this.options, parsed, options.auth);
    return new Puller({ client, assembler: this.assembler, content: this.content }).resolve(
      parsed,
      options.signal,
    );
  }

  async hold(imageId: string, holder: string): Promise<{ readonly lowerDirs: readonly string[] }> {
    return this.exclusive(async () => {
      const record = this.index.images[imageId];
      if (record === undefined) {
        throw imageNotFound(imageId);
      }
      if (this.index.holds[holder] !== imageId) {
        await this.replace({ ...this.index, holds: { ...this.index.holds, [holder]: imageId } });
      }
      return { lowerDirs: record.layers.map((layer) => this.layers.path(layer.diffId)).reverse() };
    });
  }

  async release(holder: string): Promise<void> {
    await this.exclusive(async () => {
      const { [holder]: held, ...holds } = this.index.holds;
      if (held !== undefined) {
        await this.replace({ ...this.index, holds });
        await this.dropUnnamed(held);
      }
    });
  }

  async retainHolders(holders: ReadonlySet<string>): Promise<void> {
    await this.exclusive(async () => {
      const gone = Object.entries(this.index.holds).filter(([holder]) => !holders.has(holder));
      if (gone.length === 0) {
        return;
      }
      const holds = Object.fromEntries(
        Object.entries(this.index.holds).filter(([holder]) => holders.has(holder)),
      );
      await this.replace({ ...this.index, holds });
      for (const imageId of new Set(gone.map(([, id]) => id))) {
        await this.dropUnnamed(imageId);
      }
    });
  }

  async load(archive: Readable, options: { readonly signal: AbortSignal }): Promise<readonly LocalImage[]> {
    return this.addition(async () => {
      const scratch = await this.content.scratch();
      try {
        await layOut(archive, scratch, options.signal);
        const loaded: LocalImage[] = [];
        for (const image of await readArchive(scratch)) {
          const names = image.names.map((name) => taggedName(parseReference(name)));
          const parts = await this.assembler.fromArchive(image, options.signal);
          // What the archive named: the image may have had other names here before.
          loaded.push({ ...(await this.add(parts, names, undefined)), repoTags: names });
        }
        return loaded;
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    });
  }

  save(references: readonly string[]): Readable {
    const images = references.map((reference) => {
      const id = this.idOf(reference);
      const record = id === undefined ? undefined : this.index.images[id];
      if (record === undefined) {
        throw imageNotFound(reference);
      }
      // Asked for by id it goes without its names, as docker save does it.
      return { record, names: looksLikeId(reference) ? [] : [taggedName(parseReference(reference))] };
    });
    return saveArchive(images, this.content);
  }

  async import(
    rootfs: Readable,
    options: {
      readonly reference: string;
      readonly changes: readonly string[];
      readonly message: string;
      readonly signal: AbortSignal;
    },
  ): Promise<LocalImage> {
    const names = options.reference === '' ? [] : [taggedName(parseReference(options.reference))];
    return this.addition(async () => {
      const parts = await this.assembler.fromRootfs(rootfs, {
        changes: options.changes,
        message: options.message,
        createdAt: this.dependencies.clock.now(),
        signal: options.signal,
      });
      return this.add(parts, names, undefined);
    });
  }

  async tag(source: string, target: string): Promise<void> {
    const reference = parseReference(target);
    if (reference.digest !== '') {
      throw invalidReference(target, 'a tag cannot be a digest');
    }
    await this.exclusive(async () => {
      const id = this.idOf(source);
      if (id === undefined) {
        throw imageNotFound(source);
      }
      await this.replace({ ...this.index, tags: { ...this.index.tags, [taggedName(reference)]: id } });
    });
  }

  async remove(reference: string, options: { readonly force: boolean }) {
    return this.exclusive(async () => {
      const id = this.idOf(reference);
      if (id === undefined) {
        throw imageNotFound(reference);
      }
      const names = namesOf(this.index, id);
      const untagged = namesToDrop(this.index, reference, id);
      const left = names.tags.filter((tag) => !untagged.includes(tag));
      const holders = holdersOf(this.index, id).map((holder) => `task ${holder}`);
      if (left.length === 0 && holders.length > 0 && !options.force) {
        throw inUse(reference, holders);
      }
      if (namesByIdOnly(reference, names) && names.tags.length > 1 && !options.force) {
        throw inUse(reference, names.tags);
      }
      const dropped = new Set(left.length === 0 ? [...untagged, ...names.digests] : untagged);
      await this.replace({
        ...this.index,
        tags: without(this.index.tags, dropped),
        digests: without(this.index.digests, dropped),
      });
      return { untagged: [...dropped], deleted: await this.dropUnnamed(id) };
    });
  }

  history(reference: string) {
    const id = this.idOf(reference);
    const config = id === undefined ? undefined : this.configs.get(id);
    const record = id === undefined ? undefined : this.index.images[id];
    if (config === undefined || record === undefined || id === undefined) {
      throw imageNotFound(reference);
    }
    const tags = namesOf(this.index, id).tags;
    return [...config.history].reverse().map((item, position) => ({
      id: position === 0 ? id : '<missing>',
      createdAt: item.createdAt,
      createdBy: item.createdBy,
      comment: item.comment,
      tags: position === 0 ? tags : [],
      sizeBytes: item.empty || config.history.length !== 1 ? 0 : record.sizeBytes,
    }));
  }

  private async pullNow(
    reference: string,
    options: {
      readonly auth?: RegistryAuth;
      readonly signal: AbortSignal;
      readonly platform?: string;
      readonly onProgress?: (progress: PullProgress) => void;
    },
  ): Promise<LocalImage> {
    const parsed = parseReference(reference);
    const client = new RegistryClient(this.options, parsed, options.auth);
    this.dependencies.log.info({ image: reference }, 'pulling an image');
    return this.addition(async () => {
      const puller = new Puller({ client, assembler: this.assembler, content: this.content });
      const pulled = await puller.pull(parsed, {
        signal: options.signal,
        platform: options.platform ?? '',
        onProgress: options.onProgress ?? (() => undefined),
      });
      const names = parsed.tag === '' ? [] : [taggedName(parsed)];
      return this.add(pulled.parts, names, digestedName(parsed, pulled.digest));
    });
  }

  private async addition<T>(work: () => Promise<T>): Promise<T> {
    this.adding += 1;
    try {
      return await work();
    } finally {
      this.adding -= 1;
    }
  }

  private add(
    parts: ArchivedParts,
    names: readonly string[],
    digested: string | undefined,
  ): Promise<LocalImage> {
    return this.exclusive(async () => {
      const { record, config } = parts;
      this.configs.set(record.id, config);
      await this.replace({
        ...this.index,
        images: { ...this.index.images, [record.id]: record },
        tags: { ...this.index.tags, ...Object.fromEntries(names.map((name) => [name, record.id])) },
        digests:
          digested === undefined ? this.index.digests : { ...this.index.digests, [digested]: record.id },
      });
      return this.describe(record.id);
    });
  }

  /** Deletes an image that neither name nor holder refers to, and the layers that were its alone. */
  private async dropUnnamed(id: string): Promise<string[]> {
    const names = namesOf(this.index, id);
    const held = Object.values(this.index.holds).includes(id);
    if (held || names.tags.length + names.digests.length > 0 || this.index.images[id] === undefined) {
      return [];
    }
    const { [id]: record, ...images } = this.index.images;
    await this.replace({ ...this.index, images });
    this.configs.delete(id);
    assert(record !== undefined, 'the record was there a line ago');
    await this.sweepParts(record);
    return [id];
  }

  private async sweepParts(record: ImageRecord): Promise<void> {
    if (this.adding > 0) {
      // Whoever is adding may share these parts; the next start sweeps what nobody took.
      return;
    }
    const used = usedParts(Object.values(this.index.images));
    for (const layer of record.layers) {
      if (!used.layers.has(layer.diffId)) {
        await this.layers.remove(layer.diffId);
      }
      if (!used.blobs.has(layer.blob)) {
        await this.content.remove(layer.blob);
      }
    }
    for (const blob of [record.id, record.manifest]) {
      if (!used.blobs.has(blob)) {
        await this.content.remove(blob);
      }
    }
  }

  /** At start: what no image names was left by a crash or an interrupted pull. */
  private async sweep(): Promise<void> {
    const used = usedParts(Object.values(this.index.images));
    await this.layers.retain(used.layers);
    for (const blob of await this.content.list()) {
      if (!used.blobs.has(blob)) {
        await this.content.remove(blob);
      }
    }
  }

  private idOf(reference: string): string | undefined {
    return findImage(this.index, reference);
  }

  private describe(id: string): LocalImage {
    const record = this.index.images[id];
    const config = this.configs.get(id);
    assert(record !== undefined && config !== undefined, `image ${id} is in the index`);
    const names = namesOf(this.index, id);
    return {
      id,
      repoTags: names.tags,
      repoDigests: names.digests,
      architecture: config.architecture,
      os: config.os,
      createdAt: config.createdAt,
      sizeBytes: record.sizeBytes,
      config: config.config,
      diffIds: config.diffIds,
    };
  }

  private async replace(index: ImageIndex): Promise<void> {
    await writeIndex(this.indexPath(), index);
    this.index = index;
  }

  private indexPath(): string {
    return join(this.options.directory, 'images.json');
  }

  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work, work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}
