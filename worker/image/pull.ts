// Pulls one image: manifest by platform, config, layers a few at a time, every blob checked while it streams.
import { errorMessage } from '../../shared/errors.ts';
import type { PullProgress } from './api.ts';
import type { ArchivedParts, Assembler, StoredLayer } from './assemble.ts';
import type { ContentStore } from './content.ts';
import {
  type Descriptor,
  isIndex,
  parseImageConfig,
  parseIndex,
  parseJson,
  parseManifest,
} from './documents.ts';
import { damaged } from './errors.ts';
import { checkPlatform, choosePlatform } from './platform.ts';
import type { Reference } from './reference.ts';
import type { FetchedManifest, RegistryClient } from './registry.ts';

export interface PullerDependencies {
  readonly client: RegistryClient;
  readonly assembler: Assembler;
  readonly content: ContentStore;
}

export interface PullOptions {
  readonly signal: AbortSignal;
  /** `os/arch`, or empty for this node's. */
  readonly platform: string;
  readonly onProgress: (progress: PullProgress) => void;
}

/** Docker's default of concurrent downloads. */
const PARALLEL_LAYERS = 3;
/** Progress is told at most once in so many bytes of a layer. */
const PROGRESS_STEP_BYTES = 512 * 1024;

export class Puller {
  private readonly dependencies: PullerDependencies;

  constructor(dependencies: PullerDependencies) {
    this.dependencies = dependencies;
  }

  async resolve(reference: Reference, signal: AbortSignal) {
    const top = await this.dependencies.client.manifest(reference.digest || reference.tag, signal);
    const json = parseJson(top.bytes, 'the manifest');
    const platforms = isIndex(top.mediaType, json)
      ? parseIndex(json, 'the index').flatMap((item) => (item.platform === undefined ? [] : [item.platform]))
      : [await this.platformOf(top, signal)];
    return {
      digest: top.digest,
      mediaType: top.mediaType,
      sizeBytes: top.bytes.length,
      platforms: platforms.filter((platform) => platform.os !== 'unknown'),
    };
  }

  /** @returns the parts, and the digest that the reference resolved to (of the index where there is one) */
  async pull(
    reference: Reference,
    options: PullOptions,
  ): Promise<{ readonly parts: ArchivedParts; readonly digest: string }> {
    const { client, content, assembler } = this.dependencies;
    const name = reference.path;
    const top = await client.manifest(reference.digest || reference.tag, options.signal);
    const chosen = await this.manifestFor(top, options, name);
    const manifest = parseManifest(parseJson(chosen.bytes, 'the manifest'), 'the manifest');
    await this.fetchBlob(manifest.config, () => undefined, options.signal);
    const config = parseImageConfig(await content.document(manifest.config.digest), 'the image config');
    if (options.platform === '') {
      checkPlatform(config, name);
    }
    const layers = await this.fetchLayers(manifest.layers, options);
    const { digest } = await content.put(chosen.bytes);
    const parts = await assembler.finish(
      manifest.config.digest,
      manifest.config.size,
      config,
      layers,
      digest,
      options.signal,
    );
    return { parts, digest: top.digest };
  }

  private async manifestFor(
    top: FetchedManifest,
    options: PullOptions,
    name: string,
  ): Promise<FetchedManifest> {
    const json = parseJson(top.bytes, 'the manifest');
    if (!isIndex(top.mediaType, json)) {
      return top;
    }
    const entry = choosePlatform(parseIndex(json, 'the index'), options.platform, name);
    return this.dependencies.client.manifest(entry.digest, options.signal);
  }

  private async platformOf(manifest: FetchedManifest, signal: AbortSignal) {
    const { client } = this.dependencies;
    const { config } = parseManifest(parseJson(manifest.bytes, 'the manifest'), 'the manifest');
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of client.blob(config.digest, signal)) {
      size += chunk.length;
      if (size > config.size) {
        throw damaged(`blob ${config.digest}`, 'it is larger than its manifest says');
      }
      chunks.push(chunk);
    }
    const parsed = parseImageConfig(Buffer.concat(chunks), 'the image config');
    return { architecture: parsed.architecture, os: parsed.os };
  }

  private async fetchLayers(layers: readonly Descriptor[], options: PullOptions): Promise<StoredLayer[]> {
    const waiting = layers.entries();
    const failures: unknown[] = [];
    const worker = async () => {
      for (const [, layer] of waiting) {
        if (failures.length > 0) {
          return;
        }
        try {
          await this.fetchLayer(layer, options);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_LAYERS }, worker));
    if (failures.length > 0) {
      throw failures[0];
    }
    return layers.map((layer) => ({ blob: layer.digest, mediaType: layer.mediaType, sizeBytes: layer.size }));
  }

  private async fetchLayer(layer: Descriptor, options: PullOptions): Promise<void> {
    const id = layer.digest.slice('sha256:'.length, 'sha256:'.length + 12);
    if (await this.dependencies.content.has(layer.digest)) {
      options.onProgress({ id, status: 'Already exists' });
      return;
    }
    options.onProgress({ id, status: 'Pulling fs layer' });
    let told = 0;
    const onBytes = (received: number) => {
      if (received - told >= PROGRESS_STEP_BYTES) {
        told = received;
        options.onProgress({ id, status: 'Downloading', currentBytes: received, totalBytes: layer.size });
      }
    };
    try {
      await this.fetchBlob(layer, onBytes, options.signal);
      options.onProgress({ id, status: 'Pull complete' });
    } catch (error) {
      options.onProgress({ id, status: `Failed: ${errorMessage(error)}` });
      throw error;
    }
  }

  private async fetchBlob(
    blob: Descriptor,
    onBytes: (received: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, content } = this.dependencies;
    if (await content.has(blob.digest)) {
      return;
    }
    async function* counted(): AsyncGenerator<Buffer> {
      let received = 0;
      for await (const chunk of client.blob(blob.digest, signal)) {
        received += chunk.length;
        if (received > blob.size) {
          throw damaged(`blob ${blob.digest}`, `it is larger than the ${blob.size} bytes of its manifest`);
        }
        onBytes(received);
        yield chunk;
      }
    }
    await content.write(counted(), blob.digest, `blob ${blob.digest}`);
  }
}
