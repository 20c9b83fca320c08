// /services/{id}/logs and /tasks/{id}/logs
import type { FastifyInstance, FastifyReply } from 'fastify';
import { errorMessage, SkeinError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { CallContext } from '../../../shared/protocol/peer.ts';
import type { LogMessage, LogOptions, LogSelector } from '../../../shared/protocol/logs.ts';
import type { Backend } from '../backend.ts';
import { formatLogError, formatLogMessage, type LogFormat } from '../log_stream.ts';
import { callContext, parameter, Query } from '../request.ts';
import { sendStream } from '../streaming.ts';

export function logRoutes(app: FastifyInstance, backend: Backend, { log }: { readonly log: Logger }): void {
  app.get('/services/:id/logs', async (request, reply) => {
    const context = callContext(reply);
    const ref = parameter(request, 'id');
    const service = await backend.node.control().getService({ ref, insertDefaults: false }, context);
    const selector = { serviceIds: [service.id], taskIds: [], nodeIds: [] };
    const { tty } = service.spec.task.container;
    return sendLogs(new Query(request), { backend, reply, log, context, selector, tty });
  });

  app.get('/tasks/:id/logs', async (request, reply) => {
    const context = callContext(reply);
    const task = await backend.node.control().getTask({ ref: parameter(request, 'id') }, context);
    const selector = { serviceIds: [], taskIds: [task.id], nodeIds: [] };
    const { tty } = task.spec.container;
    return sendLogs(new Query(request), { backend, reply, log, context, selector, tty });
  });
}

interface LogAnswer {
  readonly backend: Backend;
  readonly reply: FastifyReply;
  readonly log: Logger;
  readonly context: CallContext;
  readonly selector: LogSelector;
  readonly tty: boolean;
}

function sendLogs(query: Query, answer: LogAnswer): FastifyReply {
  const { backend, reply, context, selector, tty } = answer;
  const options = readLogOptions(query);
  const format: LogFormat = {
    timestamps: query.boolean('timestamps'),
    details: query.boolean('details'),
    raw: tty,
  };
  const messages = backend.node.logs().subscribe({ selector, options }, context);
  const type = `application/vnd.docker.${tty ? 'raw-stream' : 'multiplexed-stream'}`;
  return sendStream(reply, type, logFrames(messages, format, context), answer.log);
}

/** The status has long been sent when reading fails: the reason goes into the stream, as Docker does it. */
async function* logFrames(
  messages: AsyncIterable<LogMessage>,
  format: LogFormat,
  context: CallContext,
): AsyncGenerator<Buffer> {
  try {
    for await (const message of messages) {
      yield formatLogMessage(message, format);
    }
  } catch (error) {
    if (!context.signal.aborted) {
      yield formatLogError(errorMessage(error), format);
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
  if (!Number.isSafeInteger(lines)) {
    throw new SkeinError('invalid', 'bad-tail', `invalid tail '${tail}': it takes a number of lines or all`);
  }
  return {
    follow: query.boolean('follow'),
    stdout,
    stderr,
    tail: Math.max(-1, lines),
    since: query.time('since') ?? 0,
    until: query.time('until') ?? 0,
  };
}
