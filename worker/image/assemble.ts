// Makes an image of its parts: blobs stored, layers unpacked and checked against the config, a manifest
// where the archive had none. What it returns is complete on disk and only needs a name.
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ArchivedImage } from './archive.ts';
import { readPart } from './archive.ts';
import { applyChanges } from './changes.ts';
import { decompressed } from './compression.ts';
import type { ContentStore } from './content.ts';
import { MEDIA, type ParsedConfig, parseImageConfig } from './documents.ts';
import { damaged } from './errors.ts';
import type { ImageRecord, LayerRecord } from './index_file.ts';
import type { LayerStore } from './layers.ts';
import { checkPlatform, localPlatform } from './platform.ts';

export interface ArchivedParts {
  readonly record: ImageRecord;
  readonly config: ParsedConfig;
}

export interface AssemblerDependencies {
  readonly content: ContentStore;
  readonly layers: LayerStore;
}

/** A layer whose blob is in the content store. */
export interface StoredLayer {
  readonly blob: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

export interface ImportOptions {
  readonly changes: readonly string[];
  readonly message: string;
  readonly createdAt: number;
  readonly signal: AbortSignal;
}

export class Assembler {
  private readonly dependencies: AssemblerDependencies;

  constructor(dependencies: AssemblerDependencies) {
    this.dependencies = dependencies;
  }

  /** @throws SkeinError `image-damaged` when a part does not match what names it, `wrong-platform` */
  async fromArchive(image: ArchivedImage, signal: AbortSignal): Promise<ArchivedParts> {
    const { content } = this.dependencies;
    const configBlob = await content.write(readPart(image.config), undefined, 'the image config');
    const config = parseImageConfig(await content.document(configBlob.digest), 'the image config');
    checkPlatform(config, image.names[0] ?? configBlob.digest);
    const stored: StoredLayer[] = [];
    for (const layer of image.layers) {
      const blob = await content.write(
        readPart(layer.path),
        layer.digest,
        `layer ${layer.digest ?? stored.length + 1}`,
      );
      stored.push({
        blob: blob.digest,
        mediaType: layer.mediaType || MEDIA.ociLayer,
        sizeBytes: blob.sizeBytes,
      });
    }
    const manifest =
      image.manifest === undefined
        ? undefined
        : (await content.write(readPart(image.manifest), undefined, 'the manifest')).digest;
    return this.finish(configBlob.digest, configBlob.sizeBytes, config, stored, manifest, signal);
  }

  /** A root file system becomes an image of one layer. */
  async fromRootfs(rootfs: Readable, options: ImportOptions): Promise<ArchivedParts> {
    const { content } = this.dependencies;
    const run = applyChanges(options.changes);
    const blob = await content.write(rootfs, undefined, 'the root file system');
    const hash = createHash('sha256');
    for await (const chunk of decompressed(content.read(blob.digest), 'the root file system')) {
      hash.update(chunk);
    }
    const created = new Date(options.createdAt).toISOString();
    const bytes = Buffer.from(
      JSON.stringify({
        ...localPlatform(),
        created,
        config: run,
        rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] },
        history: [{ created, comment: options.message === '' ? 'Imported from -' : options.message }],
      }),
    );
    const configBlob = await content.put(bytes);
    const config = parseImageConfig(bytes, 'the image config');
    const layer = { blob: blob.digest, mediaType: MEDIA.ociLayer, sizeBytes: blob.sizeBytes };
    return this.finish(configBlob.digest, configBlob.sizeBytes, config, [layer], undefined, options.signal);
  }

  /** Unpacks what is not yet unpacked and writes the record. */
  async finish(
    id: string,
    configBytes: number,
    config: ParsedConfig,
    stored: readonly StoredLayer[],
    manifest: string | undefined,
    signal: AbortSignal,
  ): Promise<ArchivedParts> {
    const { content, layers } = this.dependencies;
    if (stored.length !== config.diffIds.length) {
      throw damaged(
        `image ${id}`,
        `it has ${stored.length} layers, its config names ${config.diffIds.length}`,
      );
    }
    const records: LayerRecord[] = [];
    for (const [position, layer] of stored.entries()) {
      const diffId = config.diffIds[position] ?? '';
      await layers.ensure(diffId, () => content.read(layer.blob), signal);
      records.push({ diffId, blob: layer.blob, mediaType: layer.mediaType });
    }
    const sizeBytes = stored.reduce((sum, layer) => sum + layer.sizeBytes, configBytes);
    const digest = manifest ?? (await this.writeManifest(id, configBytes, stored));
    return { config, record: { id, layers: records, manifest: digest, sizeBytes } };
  }

  private async writeManifest(
    id: string,
    configBytes: number,
    stored: readonly StoredLayer[],
  ): Promise<string> {
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA.ociManifest,
      config: { mediaType: MEDIA.ociConfig, digest: id, size: configBytes },
      layers: stored.map((layer) => ({
        mediaType: layer.mediaType,
        digest: layer.blob,
        size: layer.sizeBytes,
      })),
    };
    return (await this.dependencies.content.put(Buffer.from(JSON.stringify(manifest)))).digest;
  }
}
