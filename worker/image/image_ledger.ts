// Which images this node has, under which names and held by which tasks: the index on disk and in memory, and the
// removal of content and layers that it no longer names. It knows nothing of where images come from.
import { join } from 'node:path';
import { assert } from '../../shared/errors.ts';
import type { LocalImage } from './api.ts';
import type { ArchivedParts } from './assemble.ts';
import { findImage, holdersOf, namesByIdOnly, namesOf, namesToDrop, usedParts, without } from './catalog.ts';
import type { ContentStore } from './content.ts';
import { type ParsedConfig, parseImageConfig } from './documents.ts';
import { imageNotFound, inUse, invalidReference } from './errors.ts';
import { type ImageIndex, type ImageRecord, readIndex, writeIndex } from './index_file.ts';
import type { LayerStore } from './layers.ts';
import { parseReference, taggedName } from './reference.ts';

export interface ImageLedgerDependencies {
  readonly content: ContentStore;
  readonly layers: LayerStore;
}

export interface ImageLedgerOptions {
  /** Where the index file lies. */
  readonly directory: string;
}

export class ImageLedger {
  private readonly content: ContentStore;
  private readonly layers: LayerStore;
  private readonly options: ImageLedgerOptions;
  private readonly configs = new Map<string, ParsedConfig>();
  private index: ImageIndex = { version: 1, images: {}, tags: {}, digests: {}, holds: {} };
  /** Changes of the index, and removals of what it no longer names, happen one after the other. */
  private turn: Promise<unknown> = Promise.resolve();
  /** Additions under way: nothing may be swept while blobs are not yet in the index. */
  private adding = 0;

  constructor(dependencies: ImageLedgerDependencies, options: ImageLedgerOptions) {
    this.content = dependencies.content;
    this.layers = dependencies.layers;
    this.options = options;
  }

  /** Reads the index, and deletes what an interrupted pull or a crash left beside it. */
  async open(): Promise<void> {
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

  /** The record of an image, for reading its parts. Throws `image-not-found`. */
  record(reference: string): ImageRecord {
    const id = this.idOf(reference);
    const record = id === undefined ? undefined : this.index.images[id];
    if (record === undefined) {
      throw imageNotFound(reference);
    }
    return record;
  }

  /** Runs work that brings content which only `add` will name: nothing is swept meanwhile. */
  async addition<T>(work: () => Promise<T>): Promise<T> {
    this.adding += 1;
    try {
      return await work();
    } finally {
      this.adding -= 1;
    }
  }

  /** Takes an image with its names into the index. */
  add(parts: ArchivedParts, names: readonly string[], digested: string | undefined): Promise<LocalImage> {
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

  async retainHolders(
    holders: ReadonlySet<string>,
    concerns: (holder: string) => boolean = () => true,
  ): Promise<void> {
    const stays = (holder: string): boolean => holders.has(holder) || !concerns(holder);
    await this.exclusive(async () => {
      const gone = Object.entries(this.index.holds).filter(([holder]) => !stays(holder));
      if (gone.length === 0) {
        return;
      }
      const holds = Object.fromEntries(Object.entries(this.index.holds).filter(([holder]) => stays(holder)));
      await this.replace({ ...this.index, holds });
      for (const imageId of new Set(gone.map(([, id]) => id))) {
        await this.dropUnnamed(imageId);
      }
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
