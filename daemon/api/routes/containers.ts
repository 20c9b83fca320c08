// /containers: plain containers of this node. Attaching is in attach.ts, since it leaves HTTP.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { systemClock } from '../../../shared/clock.ts';
import { SkeinError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Random } from '../../../shared/random.ts';
import type { WaitCondition } from '../../../worker/container/api.ts';
import type { PlainContainer } from '../../../worker/container/plain_container.ts';
import { imageNotFound } from '../../../worker/image/errors.ts';
import { belongsToTask, type TaskContainer } from '../../task_containers.ts';
import type { Backend } from '../backend.ts';
import { containerFilter } from '../container_filter.ts';
import { notImplemented } from '../errors.ts';
import { readContainerConfig } from '../json/container_config.ts';
import { writeContainerSummary } from '../json/container_summary.ts';
import { writeContainer } from '../json/container_view.ts';
import { randomName } from '../random_name.ts';
import { body, callContext, parameter, Query } from '../request.ts';
import { sendStream } from '../streaming.ts';
import { containerLog } from './container_log.ts';

const NAME_ATTEMPTS = 20;
const CONDITIONS: readonly WaitCondition[] = ['not-running', 'next-exit', 'removed'];

export interface ContainerRouteOptions {
  readonly log: Logger;
  readonly random: Random;
}

export function containerRoutes(
  app: FastifyInstance,
  backend: Backend,
  { log, random }: ContainerRouteOptions,
): void {
  const { containers, taskContainers, images } = backend;
  /** A task's container is none that anybody may change. */
  const found = (request: FastifyRequest): PlainContainer => {
    const reference = parameter(request, 'id');
    try {
      return containers.get(reference);
    } catch (error) {
      const task = taskContainers.find(reference);
      throw task === undefined ? error : belongsToTask(task.record.name);
    }
  };
  const shown = (request: FastifyRequest): PlainContainer | TaskContainer =>
    taskContainers.find(parameter(request, 'id')) ?? found(request);

  app.get('/containers/json', async (request) => {
    const query = new Query(request);
    const filters = query.filters();
    const passes = containerFilter(filters);
    const limit = Number(query.string('limit') || '0');
    const all = query.boolean('all') || limit > 0 || Object.hasOwn(filters, 'status');
    const views = [...containers.list().map((container) => container.view()), ...taskContainers.list()]
      .sort((one, other) => other.record.createdAt - one.record.createdAt)
      .filter((view) => (all || view.status === 'running' || view.status === 'restarting') && passes(view));
    return (limit > 0 ? views.slice(0, limit) : views).map((view) =>
      writeContainerSummary(view, images.find(view.record.imageId)?.config, systemClock.now()),
    );
  });

  app.post('/containers/create', async (request, reply) => {
    const query = new Query(request);
    const config = readContainerConfig(body(request, 'ContainerConfig'));
    refusePlatform(backend, config.spec.image, query.string('platform'));
    const name = query.string('name').replace(/^\//, '') || freeName(backend, random);
    const container = await containers.create(config, name);
    return reply.code(201).send({ Id: container.id, Warnings: [] });
  });

  app.get('/containers/:id/json', async (request) => {
    const view = shown(request).view();
    return writeContainer(view, images.find(view.record.imageId)?.config);
  });

  app.get('/containers/:id/logs', async (request, reply) =>
    containerLog(shown(request), new Query(request), { reply, log, context: callContext(reply) }),
  );

  app.post('/containers/:id/start', async (request, reply) => {
    const started = await found(request).start();
    return reply.code(started ? 204 : 304).send();
  });

  app.post('/containers/:id/stop', async (request, reply) => {
    const query = new Query(request);
    refuseStopSignal(query);
    const stopped = await found(request).stop(graceSeconds(query));
    return reply.code(stopped ? 204 : 304).send();
  });

  app.post('/containers/:id/restart', async (request, reply) => {
    const query = new Query(request);
    refuseStopSignal(query);
    await found(request).restart(graceSeconds(query));
    return reply.code(204).send();
  });

  app.post('/containers/:id/kill', async (request, reply) => {
    const container = found(request);
    try {
      await container.kill(new Query(request).string('signal') || 'KILL');
    } catch (error) {
      throw error instanceof SkeinError && error.code === 'container-not-running'
        ? new SkeinError(
            'conflict',
            error.code,
            `cannot kill container: ${parameter(request, 'id')}: ${error.message}`,
          )
        : error;
    }
    return reply.code(204).send();
  });

  app.post('/containers/:id/wait', async (request, reply) => {
    const text = new Query(request).string('condition') || 'not-running';
    const condition = CONDITIONS.find((one) => one === text);
    if (condition === undefined) {
      throw new SkeinError('invalid', 'bad-condition', `invalid condition: "${text}"`);
    }
    const ended = found(request).wait(condition, callContext(reply).signal);
    // docker starts the container only once it has this answer's headers.
    return sendStream(reply, 'application/json', waitAnswer(ended), log);
  });

  app.post('/containers/:id/resize', async (request, reply) => {
    const query = new Query(request);
    const [height, width] = [Number(query.string('h')), Number(query.string('w'))];
    if (!isCharacters(height) || !isCharacters(width)) {
      throw new SkeinError('invalid', 'bad-size', 'the size of a terminal takes h and w, in characters');
    }
    found(request).resize({ height, width });
    return reply.code(200).send();
  });

  app.post('/containers/:id/rename', async (request, reply) => {
    const name = new Query(request).string('name').replace(/^\//, '');
    await containers.rename(found(request), name);
    return reply.code(204).send();
  });

  app.delete('/containers/:id', async (request, reply) => {
    const query = new Query(request);
    if (query.boolean('link')) {
      throw notImplemented('links between containers');
    }
    await found(request).remove({ force: query.boolean('force'), volumes: query.boolean('v') });
    return reply.code(204).send();
  });

  app.post('/containers/prune', async (request) => {
    const { label: labels, ...others } = new Query(request).filters();
    const [other] = Object.keys(others);
    if (other !== undefined) {
      throw notImplemented(`filter ${other} of container prune`);
    }
    const passes = containerFilter(labels === undefined ? {} : { label: labels });
    const removed: string[] = [];
    for (const container of containers.list()) {
      const view = container.view();
      if ((view.status === 'exited' || view.status === 'created') && passes(view)) {
        await container.remove({ force: false, volumes: false });
        removed.push(container.id);
      }
    }
    return { ContainersDeleted: removed, SpaceReclaimed: 0 };
  });
}

async function* waitAnswer(ended: Promise<{ readonly exitCode: number }>): AsyncGenerator<string> {
  const { exitCode } = await ended;
  yield `${JSON.stringify({ StatusCode: exitCode })}\n`;
}

function freeName({ containers }: Backend, random: Random): string {
  for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt += 1) {
    const name = randomName(random, attempt);
    if (containers.isFree(name)) {
      return name;
    }
  }
  throw new SkeinError(
    'exhausted',
    'no-free-name',
    'no free name was found for the container: give it one (--name)',
  );
}

function refusePlatform({ images }: Backend, reference: string, platform: string): void {
  const image = images.find(reference);
  if (platform !== '' && image !== undefined) {
    const [os = '', architecture = ''] = platform.split('/');
    if (os !== image.os || (architecture !== '' && architecture !== image.architecture)) {
      throw imageNotFound(`${reference} for platform ${platform}`);
    }
  }
}

/** `signal` of stop and restart would have to be kept for a daemon that comes after: it is not carried. */
function refuseStopSignal(query: Query): void {
  if (query.string('signal') !== '') {
    throw notImplemented('a signal of its own for stop and restart: make the container with --stop-signal');
  }
}

function graceSeconds(query: Query): number | undefined {
  const text = query.string('t');
  if (text === '') {
    return undefined;
  }
  const seconds = Number(text);
  if (!Number.isSafeInteger(seconds)) {
    throw new SkeinError('invalid', 'bad-time', `invalid time '${text}': it takes whole seconds`);
  }
  return seconds;
}

function isCharacters(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff;
}
