// The Engine REST face: one fastify application on every host address, with Docker's headers, versions
// and error bodies. Routes translate; the backend decides.
import { chmod, chown, mkdir, readFile, unlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import { type Random, systemRandom } from '../../shared/random.ts';
import type { Backend } from './backend.ts';
import { httpStatus } from './errors.ts';
import { attachRoutes } from './routes/attach.ts';
import { backupRoutes } from './routes/backup.ts';
import { containerRoutes } from './routes/containers.ts';
import { imageRoutes } from './routes/images.ts';
import { logRoutes } from './routes/logs.ts';
import { networkCheckRoutes } from './routes/network_check.ts';
import { networkRoutes } from './routes/networks.ts';
import { nodeRoutes } from './routes/nodes.ts';
import { configRoutes, secretRoutes } from './routes/secrets.ts';
import { serviceRoutes } from './routes/services.ts';
import { swarmRoutes } from './routes/swarm.ts';
import { systemRoutes } from './routes/system.ts';
import { drain } from './upload.ts';
import { API_VERSION, stripVersion } from './version.ts';

export interface ApiServerDependencies {
  readonly backend: Backend;
  readonly log: Logger;
  /** For the names of services without one. */
  readonly random?: Random;
}

export interface ApiServerOptions {
  readonly hosts: readonly string[];
  /** Group id that may use unix sockets besides root. */
  readonly groupId: number | undefined;
  readonly tls: { readonly caCert: string; readonly cert: string; readonly key: string } | undefined;
}

/** The largest JSON body: a config of 1000 KiB in base64 with room to spare. Archives are streamed. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
/** Headers: registry credentials are the largest thing in one. */
const MAX_PARAM_LENGTH = 1024;

export class ApiServer implements Startable {
  private readonly dependencies: ApiServerDependencies;
  private readonly options: ApiServerOptions;
  private apps: FastifyInstance[] = [];

  constructor(dependencies: ApiServerDependencies, options: ApiServerOptions) {
    this.dependencies = dependencies;
    this.options = options;
  }

  async start(): Promise<void> {
    for (const host of this.options.hosts) {
      const app = await buildApi(
        this.dependencies,
        host.startsWith('tcp://') ? await this.readTls() : undefined,
      );
      await this.listen(app, host);
      this.apps.push(app);
    }
  }

  async stop(): Promise<void> {
    const apps = this.apps;
    this.apps = [];
    await Promise.all(apps.map((app) => app.close()));
  }

  private async readTls(): Promise<TlsMaterial> {
    const { tls } = this.options;
    if (tls === undefined) {
      throw new SkeinError('invalid', 'no-tls', 'tcp:// hosts need --tlscacert, --tlscert and --tlskey');
    }
    const [ca, cert, key] = await Promise.all([readFile(tls.caCert), readFile(tls.cert), readFile(tls.key)]);
    return { ca, cert, key };
  }

  private async listen(app: FastifyInstance, host: string): Promise<void> {
    try {
      if (host.startsWith('unix://')) {
        await listenUnix(app, host.slice('unix://'.length), this.options.groupId);
      } else {
        const url = new URL(host);
        await app.listen({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) });
      }
    } catch (error) {
      throw error instanceof SkeinError
        ? error
        : new SkeinError('unavailable', 'cannot-listen', `cannot listen on ${host}: ${errorMessage(error)}`, {
            cause: error,
          });
    }
    this.dependencies.log.info({ host }, 'API listens');
  }
}

interface TlsMaterial {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

async function listenUnix(app: FastifyInstance, path: string, groupId: number | undefined): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  if (await somebodyListens(path)) {
    throw new SkeinError(
      'conflict',
      'socket-taken',
      `another daemon listens on ${path}: stop it, or choose another -H`,
    );
  }
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') {
      throw error;
    }
  });
  // Nobody may connect between bind and chmod.
  const before = process.umask(0o177);
  try {
    await app.listen({ path });
  } finally {
    process.umask(before);
  }
  if (groupId !== undefined) {
    await chown(path, 0, groupId);
  }
  await chmod(path, 0o660);
}

function somebodyListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** The application without a listener; tests call it through `inject`. */
export async function buildApi(
  dependencies: ApiServerDependencies,
  tls?: TlsMaterial,
): Promise<FastifyInstance> {
  const options = {
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreTrailingSlash: true },
    rewriteUrl: (request: { url?: string | undefined }) => rewrite(request.url ?? '/'),
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    // A URL that cannot be decoded never reaches a route or a hook.
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      reply
        .code(400)
        .headers({ ...dockerHeaders(dependencies.backend.version), 'content-type': 'application/json' })
        .send(Buffer.from(JSON.stringify({ message: error.message })));
    },
  };
  const app: FastifyInstance =
    tls === undefined
      ? fastify(options)
      : fastify({ ...options, https: { ...tls, requestCert: true, rejectUnauthorized: true } });
  bodies(app);
  const { backend, log } = dependencies;
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(dockerHeaders(backend.version));
    done();
  });
  // docker compares the type as text: fastify's charset would make it print progress lines unread.
  app.addHook('onSend', async (_request, reply) => {
    if (reply.getHeader('content-type') === 'application/json; charset=utf-8') {
      reply.header('content-type', 'application/json');
    }
  });
  app.setErrorHandler((error: FastifyError | SkeinError, request, reply) =>
    sendError(error, request, reply, log),
  );
  app.setNotFoundHandler((request, reply) => notFound(request, reply));
  for (const routes of [
    systemRoutes,
    swarmRoutes,
    backupRoutes,
    nodeRoutes,
    serviceRoutes,
    logRoutes,
    networkRoutes,
    networkCheckRoutes,
    secretRoutes,
    configRoutes,
    imageRoutes,
    containerRoutes,
    attachRoutes,
  ]) {
    routes(app, backend, { log, random: dependencies.random ?? systemRandom });
  }
  await app.ready();
  return app;
}

/** What every answer of the Engine API carries. */
function dockerHeaders(version: string): Record<string, string> {
  return {
    'api-version': API_VERSION,
    'docker-experimental': 'false',
    ostype: 'linux',
    server: `Docker/${version} (linux) skein`,
  };
}

const BAD_VERSION = '/_bad-version';

function rewrite(url: string): string {
  try {
    return stripVersion(url);
  } catch {
    return `${BAD_VERSION}${url}`;
  }
}

/** JSON whatever the type says, since Docker's clients are lax; archives as they stream in. */
function bodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    /^application\/(?:json|.*\+json)/,
    { parseAs: 'string' },
    (request, text, done) => {
      if (isArchive(request)) {
        done(null, undefined);
        return;
      }
      if (text.trim() === '') {
        done(null, undefined);
        return;
      }
      try {
        done(null, JSON.parse(text));
      } catch (error) {
        done(new SkeinError('invalid', 'malformed-json', `invalid JSON: ${errorMessage(error)}`));
      }
    },
  );
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

function isArchive(request: FastifyRequest): boolean {
  return /^\/images\/(?:load|create)/.test(request.url);
}

async function sendError(
  error: FastifyError | SkeinError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): Promise<FastifyReply> {
  if (error instanceof SkeinError) {
    if (error.kind === 'internal') {
      log.error(
        { error: error.message, code: error.code, method: request.method, url: request.url },
        'a request failed',
      );
    }
    return reply.code(httpStatus(error)).send({ message: error.message });
  }
  // fastify's own refusals (body too large, bad content length) carry a status; anything else is a defect.
  const status = error.statusCode ?? 500;
  if (status >= 500) {
    log.error(
      { error: error.stack ?? error.message, method: request.method, url: request.url },
      'a request failed',
    );
    return reply.code(500).send({ message: "internal error: see the daemon's log" });
  }
  // A client cut off while it sends its body would report a broken pipe instead of the reason.
  await drain(request.raw);
  const message =
    error.code === 'FST_ERR_CTP_BODY_TOO_LARGE'
      ? `the request body is larger than ${BODY_LIMIT_BYTES / 1024 / 1024} MiB`
      : error.message;
  return reply.code(status).send({ message });
}

/** Paths of the Engine API that skein does not serve say so by name; others do not exist. */
const ENGINE_PATHS =
  /^\/(?:containers|exec|volumes|plugins|build|commit|auth|session|grpc|system|networks|images|swarm|nodes|services|tasks|secrets|configs|distribution)(?:\/|\?|$)/;

function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (request.url.startsWith(BAD_VERSION)) {
    try {
      stripVersion(request.url.slice(BAD_VERSION.length));
    } catch (error) {
      return reply.code(400).send({ message: errorMessage(error) });
    }
  }
  const path = request.url.replace(/\?.*$/, '');
  if (ENGINE_PATHS.test(request.url)) {
    // The words "not supported" let `docker inspect NAME` go on to the next kind of object.
    const message = `not implemented: ${request.method} ${path} is not supported`;
    return reply.code(501).send({ message });
  }
  return reply.code(404).send({ message: 'page not found' });
}
