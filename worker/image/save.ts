// Images out as one archive that both `docker load` (20.10 and later) and OCI tools read: an OCI layout
// with a manifest.json beside it.
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { ContentStore } from './content.ts';
import { MEDIA } from './documents.ts';
import type { ImageRecord } from './index_file.ts';

export interface SavedImage {
  readonly record: ImageRecord;
  readonly names: readonly string[];
}

type Member = { readonly name: string } & (
  | { readonly bytes: Buffer }
  | { readonly digest: string; readonly size: number }
);

export function saveArchive(images: readonly SavedImage[], content: ContentStore): Readable {
  return Readable.from(archiveChunks(images, content), { objectMode: false });
}

async function* archiveChunks(images: readonly SavedImage[], content: ContentStore): AsyncGenerator<Buffer> {
  for (const member of await members(images, content)) {
    yield* memberChunks(member, content);
  }
  // Two zero blocks end an archive (POSIX ustar).
  yield Buffer.alloc(1024);
}

async function members(images: readonly SavedImage[], content: ContentStore): Promise<Member[]> {
  const blobs = new Map<string, number>();
  for (const { record } of images) {
    for (const digest of [record.id, record.manifest, ...record.layers.map((layer) => layer.blob)]) {
      blobs.set(digest, (await content.size(digest)) ?? 0);
    }
  }
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA.ociIndex,
    manifests: images.flatMap(({ record, names }) =>
      (names.length > 0 ? names : ['']).map((name) => ({
        mediaType: MEDIA.ociManifest,
        digest: record.manifest,
        size: blobs.get(record.manifest) ?? 0,
        ...(name !== '' && { annotations: { 'io.containerd.image.name': name } }),
      })),
    ),
  };
  const docker = images.map(({ record, names }) => ({
    Config: blobName(record.id),
    RepoTags: names,
    Layers: record.layers.map((layer) => blobName(layer.blob)),
  }));
  return [
    { name: 'oci-layout', bytes: json({ imageLayoutVersion: '1.0.0' }) },
    { name: 'index.json', bytes: json(index) },
    { name: 'manifest.json', bytes: json(docker) },
    ...[...blobs].map(([digest, size]) => ({ name: blobName(digest), digest, size })),
  ];
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function blobName(digest: string): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

const BLOCK = 512;

/** One member: its header from tar-stream, then its bytes as the consumer asks for them. */
async function* memberChunks(member: Member, content: ContentStore): AsyncGenerator<Buffer> {
  const size = 'bytes' in member ? member.bytes.length : member.size;
  yield await header(member.name, size);
  if ('bytes' in member) {
    yield member.bytes;
  } else {
    yield* content.read(member.digest);
  }
  if (size % BLOCK !== 0) {
    yield Buffer.alloc(BLOCK - (size % BLOCK));
  }
}

/** The ustar header alone; tar-stream makes it, the bytes after it are written by the caller. */
async function header(name: string, size: number): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name, size, mode: 0o644, mtime: new Date(0) });
  try {
    for await (const chunk of tar) {
      if (chunk instanceof Uint8Array && chunk.length >= BLOCK) {
        return Buffer.from(chunk);
      }
    }
  } finally {
    tar.destroy();
  }
  throw new Error(`tar-stream gave no header for ${name}`);
}
