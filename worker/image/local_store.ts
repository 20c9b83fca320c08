// The images of this node: pulled, loaded, imported and saved. It composes parts that know nothing of each other:
// content, layers, registries, archives, and the ledger of what is here under which name.
import { mkdir, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { ImageStore, LocalImage, PullProgress, RegistryAuth } from './api.ts';
import { layOut, readArchive } from './archive.ts';
import { Assembler } from './assemble.ts';
import { looksLikeId } from './catalog.ts';
import { ContentStore } from './content.ts';
import { ImageLedger } from './image_ledger.ts';
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
  private readonly ledger: ImageLedger;
  /** Pulls under way by reference: tasks of one service share one. */
  private readonly pulls = new Map<string, Promise<LocalImage>>();

  constructor(dependencies: LocalImageStoreDependencies, options: LocalImageStoreOptions) {
    this.dependencies = dependencies;
    this.options = options;
    this.content = new ContentStore(options.directory);
    this.layers = new LayerStore(options.directory);
    this.assembler = new Assembler({ content: this.content, layers: this.layers });
    this.ledger = new ImageLedger({ content: this.content, layers: this.layers }, options);
  }

  async start(): Promise<void> {
    await mkdir(this.options.directory, { recursive: true, mode: 0o711 });
    await this.content.open();
    await this.layers.open();
    await this.ledger.open();
  }

  find(reference: string): LocalImage | undefined {
    return this.ledger.find(reference);
  }

  list(): readonly LocalImage[] {
    return this.ledger.list();
  }

  hold(imageId: string, holder: string) {
    return this.ledger.hold(imageId, holder);
  }

  release(holder: string): Promise<void> {
    return this.ledger.release(holder);
  }

  retainHolders(holders: ReadonlySet<string>, concerns?: (holder: string) => boolean): Promise<void> {
    return this.ledger.retainHolders(holders, concerns);
  }

  tag(source: string, target: string): Promise<void> {
    return this.ledger.tag(source, target);
  }

  remove(reference: string, options: { readonly force: boolean }) {
    return this.ledger.remove(reference, options);
  }

  history(reference: string) {
    return this.ledger.history(reference);
  }

  async ensure(
    reference: string,
    options: { readonly auth?: RegistryAuth; readonly signal: AbortSignal },
  ): Promise<LocalImage> {
    return this.ledger.find(reference) ?? this.pull(reference, options);
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

  async load(archive: Readable, options: { readonly signal: AbortSignal }): Promise<readonly LocalImage[]> {
    return this.ledger.addition(async () => {
      const scratch = await this.content.scratch();
      try {
        await layOut(archive, scratch, options.signal);
        const loaded: LocalImage[] = [];
        for (const image of await readArchive(scratch)) {
          const names = image.names.map((name) => taggedName(parseReference(name)));
          const parts = await this.assembler.fromArchive(image, options.signal);
          // What the archive named: the image may have had other names here before.
          loaded.push({ ...(await this.ledger.add(parts, names, undefined)), repoTags: names });
        }
        return loaded;
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    });
  }

  save(references: readonly string[]): Readable {
    const images = references.map((reference) => ({
      record: this.ledger.record(reference),
      // Asked for by id it goes without its names, as docker save does it.
      names: looksLikeId(reference) ? [] : [taggedName(parseReference(reference))],
    }));
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
    return this.ledger.addition(async () => {
      const parts = await this.assembler.fromRootfs(rootfs, {
        changes: options.changes,
        message: options.message,
        createdAt: this.dependencies.clock.now(),
        signal: options.signal,
      });
      return this.ledger.add(parts, names, undefined);
    });
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
    return this.ledger.addition(async () => {
      const puller = new Puller({ client, assembler: this.assembler, content: this.content });
      const pulled = await puller.pull(parsed, {
        signal: options.signal,
        platform: options.platform ?? '',
        onProgress: options.onProgress ?? (() => undefined),
      });
      const names = parsed.tag === '' ? [] : [taggedName(parsed)];
      return this.ledger.add(pulled.parts, names, digestedName(parsed, pulled.digest));
    });
  }
}
