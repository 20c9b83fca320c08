// /services/{id}/logs and /tasks/{id}/logs
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { SkeinError } from '../../../shared/errors.ts';
import type { LogOptions, LogSelector } from '../../../shared/protocol/logs.ts';
import type { Backend } from '../backend.ts';
import { formatLogMessage, type LogFormat } from '../log_stream.ts';
import { callContext, parameter, Query } from '../request.ts';

export function logRoutes(app: FastifyInstance, backend: Backend): void {
  app.get('/services/:id/logs', async (request, reply) => {
    const context = callContext(reply);
    const ref = parameter(request, 'id');
    const service = await backend.node.control().getService({ ref, insertDefaults: false }, context);
    const selector = { serviceIds: [service.id], taskIds: [], nodeIds: [] };
    return sendLogs(backend, reply, new Query(request), selector, service.spec.task.container.tty);
  });

  app.get('/tasks/:id/logs', async (request, reply) => {
    const context = callContext(reply);
    const task = await backend.node.control().getTask({ ref: parameter(request, 'id') }, context);
    const selector = { serviceIds: [], taskIds: [task.id], nodeIds: [] };
    return sendLogs(backend, reply, new Query(request), selector, task.spec.container.tty);
  });
}

function sendLogs(
  backend: Backend,
  reply: FastifyReply,
  query: Query,
  selector: LogSelector,
  tty: boolean,
): FastifyReply {
  const options = readLogOptions(query);
  const format: LogFormat = {
    timestamps: query.boolean('timestamps'),
    details: query.boolean('details'),
    raw: tty,
  };
  const type = tty ? 'raw-stream' : 'multiplexed-stream';
  return reply
    .type(`application/vnd.docker.${type}`)
    .send(Readable.from(logFrames(backend, reply, selector, options, format), { objectMode: false }));
}

async function* logFrames(
  backend: Backend,
  reply: FastifyReply,
  selector: LogSelector,
  options: LogOptions,
  format: LogFormat,
): AsyncGenerator<Buffer> {
  const context = callContext(reply);
  try {
    for await (const message of backend.node.logs().subscribe({ selector, options }, context)) {
      yield formatLogMessage(message, format);
    }
  } catch (error) {
    if (!context.signal.aborted) {
      throw error;
    }
  }
}

export function readLogOptions(query: Query): LogOptions {
  const stdout = query.boolean('stdout');
  const stderr = query.boolean('stderr');
  if (!stdout && !stderr) {
    throw new SkeinError('invalid', 'no-stream', 'Bad parameters: you must choose at least one stream');
  }
  const tail = query.string('tail');
  const lines = tail === '' || tail === 'all' ? -1 : Number(tail);
  if (!Number.isInteger(lines)) {
    throw new SkeinError('invalid', 'bad-tail', `invalid tail '${tail}': it takes a number of lines or all`);
  }
  return {
    follow: query.boolean('follow'),
    stdout,
    stderr,
    tail: lines,
    since: secondsToMs(query.string('since')),
    until: secondsToMs(query.string('until')),
  };
}

/** Unix seconds with an optional fraction, as the docker command sends them. */
function secondsToMs(text: string): number {
  const seconds = text === '' ? 0 : Number(text);
  if (!Number.isFinite(seconds)) {
    throw new SkeinError('invalid', 'bad-time', `invalid time '${text}': it takes Unix seconds`);
  }
  return seconds * 1000;
}
