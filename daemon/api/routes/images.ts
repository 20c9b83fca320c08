// /images and /distribution. Names hold slashes, so the verb is taken off the end of the path.
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AsyncQueue } from '../../../shared/queue.ts';
import { errorMessage, SkeinError } from '../../../shared/errors.ts';
import type { Filters } from '../../../shared/protocol/control.ts';
import type { ImageStore, LocalImage, PullProgress, RegistryAuth } from '../../../worker/image/api.ts';
import type { Backend } from '../backend.ts';
import { notImplemented } from '../errors.ts';
import { writeImage, writeImageSummary } from '../json/image.ts';
import { callContext, parameter, Query } from '../request.ts';

/** Progress lines waiting for a slow client; more is a client that does not read. */
const PROGRESS_LIMIT = 10_000;

export function imageRoutes(app: FastifyInstance, backend: Backend): void {
  const { images } = backend;
  app.get('/images/json', (request) => {
    const filters = new Query(request).filters();
    return images
      .list()
      .filter((image) => matches(image, filters))
      .map(writeImageSummary);
  });
  app.post('/images/create', (request, reply) => createImage(images, request, reply));
  app.post('/images/load', (request, reply) => loadImages(images, request, reply));
  app.get('/images/get', (request, reply) => saveImages(images, new Query(request).strings('names'), reply));
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
      return saveImages(images, [path.slice(0, -'/get'.length)], reply);
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

function matches(image: LocalImage, filters: Filters): boolean {
  const tests: Readonly<Record<string, (value: string) => boolean>> = {
    reference: (value) => image.repoTags.some((tag) => tag === value || tag.startsWith(`${value}:`)),
    label: (value) => {
      const [key = '', wanted] = value.split(/=(.*)/s);
      const have = image.config.labels[key];
      return have !== undefined && (wanted === undefined || have === wanted);
    },
    dangling: (value) => (image.repoTags.length === 0) === (value === 'true' || value === '1'),
  };
  return Object.entries(filters).every(([name, values]) => {
    const test = tests[name];
    if (test === undefined) {
      throw new SkeinError('invalid', 'bad-filter', `invalid filter '${name}'`);
    }
    return values.some(test);
  });
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

function saveImages(images: ImageStore, names: readonly string[], reply: FastifyReply): FastifyReply {
  for (const name of names) {
    mustFind(images, name);
  }
  return reply.type('application/x-tar').send(images.save(names));
}

/** `fromImage` pulls, `fromSrc=-` imports the body; both answer with lines of progress. */
function createImage(images: ImageStore, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const query = new Query(request);
  const fromImage = query.string('fromImage');
  const lines = progressLines();
  const { signal } = callContext(reply);
  if (fromImage !== '') {
    const reference = withTag(fromImage, query.string('tag'));
    const platform = query.string('platform');
    const auth = registryAuth(request);
    lines.run(async () => {
      lines.send({ status: `Pulling from ${fromImage}`, id: query.string('tag') || 'latest' });
      const image = await images.pull(reference, {
        signal,
        onProgress: (progress) => lines.send(writeProgress(progress)),
        ...(auth !== undefined && { auth }),
        ...(platform !== '' && { platform }),
      });
      const digest = image.repoDigests[0]?.replace(/^.*@/, '');
      lines.send({ status: `Digest: ${digest ?? image.id}` });
      lines.send({ status: `Status: Image is up to date for ${reference}` });
    });
  } else if (query.string('fromSrc') === '-') {
    const rootfs = bodyStream(request);
    const repo = query.string('repo');
    lines.run(async () => {
      const image = await images.import(rootfs, {
        reference: repo === '' ? '' : withTag(repo, query.string('tag')),
        changes: query.strings('changes'),
        message: query.string('message'),
        signal,
      });
      lines.send({ status: image.id });
    });
  } else {
    throw query.string('fromSrc') === ''
      ? new SkeinError('invalid', 'no-source', 'fromImage or fromSrc is needed')
      : notImplemented('image import from a URL (send the archive itself)');
  }
  return reply.type('application/json').send(lines.stream);
}

function loadImages(images: ImageStore, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const lines = progressLines();
  const archive = bodyStream(request);
  const { signal } = callContext(reply);
  lines.run(async () => {
    for (const image of await images.load(archive, { signal })) {
      for (const tag of image.repoTags) {
        lines.send({ stream: `Loaded image: ${tag}\n` });
      }
      if (image.repoTags.length === 0) {
        lines.send({ stream: `Loaded image ID: ${image.id}\n` });
      }
    }
  });
  return reply.type('application/json').send(lines.stream);
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

interface ProgressLines {
  readonly stream: Readable;
  send(line: Readonly<Record<string, unknown>>): void;
  /** An error becomes the last line: the status has long been sent. */
  run(work: () => Promise<void>): void;
}

function progressLines(): ProgressLines {
  const queue = new AsyncQueue<string>(PROGRESS_LIMIT);
  const send = (line: Readonly<Record<string, unknown>>) => queue.push(`${JSON.stringify(line)}\r\n`);
  return {
    stream: Readable.from(queue, { objectMode: false }),
    send,
    run: (work) => {
      work()
        .catch((error: unknown) =>
          send({ errorDetail: { message: errorMessage(error) }, error: errorMessage(error) }),
        )
        .finally(() => queue.close());
    },
  };
}

function bodyStream(request: FastifyRequest): Readable {
  if (request.body instanceof Readable) {
    return request.body;
  }
  throw new SkeinError('invalid', 'no-body', 'the request needs an archive as its body');
}

function registryAuth(request: FastifyRequest): RegistryAuth | undefined {
  const header = request.headers['x-registry-auth'];
  return typeof header === 'string' ? parseRegistryAuth(header) : undefined;
}

/** base64url JSON as the docker command sends it; without a user name it means anonymous. */
export function parseRegistryAuth(header: string): RegistryAuth | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(header, 'base64url').toString('utf8') || '{}');
  } catch {
    throw new SkeinError(
      'invalid',
      'bad-registry-auth',
      'invalid X-Registry-Auth header: it takes base64 of a JSON object',
    );
  }
  if (typeof parsed !== 'object' || parsed === null) {
    return undefined;
  }
  const field = (name: string): string => {
    const value: unknown = Reflect.get(parsed, name);
    return typeof value === 'string' ? value : '';
  };
  const username = field('username');
  return username === ''
    ? undefined
    : { username, password: field('password'), serverAddress: field('serveraddress') };
}
