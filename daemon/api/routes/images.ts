// /images and /distribution. Names hold slashes, so the verb is taken off the end of the path.
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SkeinError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { ImageStore, LocalImage, PullProgress } from '../../../worker/image/api.ts';
import type { Backend } from '../backend.ts';
import { notImplemented } from '../errors.ts';
import { filterImages } from '../image_filter.ts';
import { writeImage, writeImageSummary } from '../json/image.ts';
import { answerWithProgress } from '../progress.ts';
import { registryAuth } from '../registry_auth.ts';
import { callContext, parameter, Query } from '../request.ts';
import { sendStream } from '../streaming.ts';
import { drain, uploadOf } from '../upload.ts';

interface ImageTools {
  readonly images: ImageStore;
  readonly log: Logger;
}

export function imageRoutes(app: FastifyInstance, backend: Backend, { log }: { readonly log: Logger }): void {
  const { images } = backend;
  const tools = { images, log };
  app.get('/images/json', (request) => {
    return filterImages(images.list(), new Query(request).filters()).map(writeImageSummary);
  });
  app.post('/images/create', (request, reply) => createImage(tools, request, reply));
  app.post('/images/load', (request, reply) => loadImages(tools, request, reply));
  app.get('/images/get', (request, reply) => saveImages(tools, new Query(request).strings('names'), reply));
  app.get('/images/search', () => {
    throw notImplemented('image search');
  });
  app.post('/images/prune', () => {
    throw notImplemented('image prune');
  });

  app.get('/images/*', (request, reply) => {
    const path = parameter(request, '*');
    if (path.endsWith('/json')) {
      return writeImage(mustFind(images, path.slice(0, -'/json'.length)));
    }
    if (path.endsWith('/history')) {
      return writeHistory(images, path.slice(0, -'/history'.length));
    }
    if (path.endsWith('/get')) {
      return saveImages(tools, [path.slice(0, -'/get'.length)], reply);
    }
    throw new SkeinError('not-found', 'page-not-found', 'page not found');
  });
  app.post('/images/*', async (request, reply) => {
    const path = parameter(request, '*');
    const query = new Query(request);
    if (path.endsWith('/tag')) {
      const repo = query.string('repo');
      const tag = query.string('tag');
      await images.tag(path.slice(0, -'/tag'.length), tag === '' ? repo : `${repo}:${tag}`);
      return reply.code(201).send();
    }
    throw notImplemented(path.endsWith('/push') ? 'image push' : `POST /images/${path}`);
  });
  app.delete('/images/*', async (request) => {
    const force = new Query(request).boolean('force');
    const { untagged, deleted } = await images.remove(parameter(request, '*'), { force });
    return [...untagged.map((name) => ({ Untagged: name })), ...deleted.map((id) => ({ Deleted: id }))];
  });

  app.get('/distribution/*', async (request, reply) => {
    const path = parameter(request, '*');
    if (!path.endsWith('/json')) {
      throw new SkeinError('not-found', 'page-not-found', 'page not found');
    }
    const auth = registryAuth(request);
    const resolved = await images.resolve(path.slice(0, -'/json'.length), {
      signal: callContext(reply).signal,
      ...(auth !== undefined && { auth }),
    });
    return {
      Descriptor: { mediaType: resolved.mediaType, digest: resolved.digest, size: resolved.sizeBytes },
      Platforms: resolved.platforms.map((item) => ({ architecture: item.architecture, os: item.os })),
    };
  });
}

function mustFind(images: ImageStore, reference: string): LocalImage {
  const image = images.find(reference);
  if (image === undefined) {
    throw new SkeinError('not-found', 'image-not-found', `No such image: ${reference}`);
  }
  return image;
}

function writeHistory(images: ImageStore, reference: string): unknown {
  mustFind(images, reference);
  return images.history(reference).map((item) => ({
    Id: item.id,
    Created: Math.floor(item.createdAt / 1000),
    CreatedBy: item.createdBy,
    Tags: item.tags.length > 0 ? item.tags : null,
    Size: item.sizeBytes,
    Comment: item.comment,
  }));
}

function saveImages(
  { images, log }: ImageTools,
  names: readonly string[],
  reply: FastifyReply,
): FastifyReply {
  if (names.length === 0) {
    throw new SkeinError('invalid', 'no-image', 'name the images to save: ?names=');
  }
  for (const name of names) {
    mustFind(images, name);
  }
  return sendStream(reply, 'application/x-tar', images.save(names), log);
}

/** `fromImage` pulls, `fromSrc=-` imports the body; both answer with lines of progress. */
function createImage(tools: ImageTools, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = new Query(request);
  if (query.string('fromImage') !== '') {
    return pullImage(tools, query, request, reply);
  }
  if (query.string('fromSrc') === '-') {
    return importImage(tools, query, request, reply);
  }
  throw query.string('fromSrc') === ''
    ? new SkeinError('invalid', 'no-source', 'fromImage or fromSrc is needed')
    : notImplemented('image import from a URL (send the archive itself)');
}

function pullImage(
  { images, log }: ImageTools,
  query: Query,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const name = query.string('fromImage');
  const reference = withTag(name, query.string('tag'));
  const platform = query.string('platform');
  const auth = registryAuth(request);
  const { signal } = callContext(reply);
  const before = images.find(reference)?.id;
  return answerWithProgress(reply, log, async (send) => {
    // Sent with the first news: a pull that fails before answers with a status.
    let announced = false;
    const announce = () => {
      if (!announced) {
        send({ status: `Pulling from ${name}`, id: query.string('tag') || 'latest' });
      }
      announced = true;
    };
    const image = await images.pull(reference, {
      signal,
      onProgress: (progress) => {
        announce();
        send(writeProgress(progress));
      },
      ...(auth !== undefined && { auth }),
      ...(platform !== '' && { platform }),
    });
    announce();
    const digest = image.repoDigests[0]?.replace(/^.*@/, '');
    send({ status: `Digest: ${digest ?? image.id}` });
    const news = image.id === before ? 'Image is up to date for' : 'Downloaded newer image for';
    send({ status: `Status: ${news} ${reference}` });
  });
}

function importImage(
  { images, log }: ImageTools,
  query: Query,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const repo = query.string('repo');
  if (query.string('platform') !== '') {
    throw notImplemented('image import for another platform (--platform)');
  }
  return withUpload(request, (rootfs) =>
    answerWithProgress(reply, log, async (send) => {
      const image = await images.import(rootfs, {
        reference: repo === '' ? '' : withTag(repo, query.string('tag')),
        changes: query.strings('changes'),
        message: query.string('message'),
        signal: callContext(reply).signal,
      });
      send({ status: image.id });
    }),
  );
}

function loadImages(
  { images, log }: ImageTools,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { signal } = callContext(reply);
  return withUpload(request, (archive) =>
    answerWithProgress(reply, log, async (send) => {
      const loaded = await images.load(archive, { signal });
      const names = new Set(loaded.flatMap((image) => image.repoTags));
      for (const name of names) {
        send({ stream: `Loaded image: ${name}\n` });
      }
      for (const image of loaded.filter(({ repoTags }) => repoTags.length === 0)) {
        send({ stream: `Loaded image ID: ${image.id}\n` });
      }
    }),
  );
}

/** A refusal goes out once the client has sent the rest: it would not read it before. */
async function withUpload(
  request: FastifyRequest,
  work: (archive: Readable) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const archive = uploadOf(request);
  try {
    return await work(archive);
  } catch (error) {
    archive.destroy();
    await drain(request.raw);
    throw error;
  }
}

function withTag(name: string, tag: string): string {
  if (tag === '') {
    return name;
  }
  return tag.includes(':') ? `${name}@${tag}` : `${name}:${tag}`;
}

function writeProgress(progress: PullProgress): Record<string, unknown> {
  const { id, status, currentBytes, totalBytes } = progress;
  const detail =
    currentBytes === undefined
      ? {}
      : { current: currentBytes, ...(totalBytes !== undefined && { total: totalBytes }) };
  return { id, status, progressDetail: detail };
}
