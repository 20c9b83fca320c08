// GET /containers/{id}/logs, and the log of a container as the beginning of an attached stream.
import type { FastifyReply } from 'fastify';
import type { Logger } from '../../../shared/log.ts';
import type { CallContext } from '../../../shared/protocol/peer.ts';
import type { PlainContainer } from '../../../worker/container/plain_container.ts';
import type { LogReadOptions } from '../../../worker/runtime/log_reader.ts';
import { formatLogMessage, type LogFormat } from '../log_stream.ts';
import type { Query } from '../request.ts';
import { sendStream } from '../streaming.ts';
import { readLogOptions } from './logs.ts';

/** No lines belong to a service. */
const NO_SOURCE = { nodeId: '', serviceId: '', taskId: '' };

export function containerLog(
  container: Pick<PlainContainer, 'record' | 'log'>,
  query: Query,
  {
    reply,
    log,
    context,
  }: { readonly reply: FastifyReply; readonly log: Logger; readonly context: CallContext },
): FastifyReply {
  const options = readLogOptions(query);
  const raw = container.record.config.spec.tty;
  const format: LogFormat = { timestamps: query.boolean('timestamps'), details: false, raw };
  const type = `application/vnd.docker.${raw ? 'raw-stream' : 'multiplexed-stream'}`;
  return sendStream(reply, type, logFrames(container, options, format, context.signal), log);
}

export async function* logFrames(
  container: Pick<PlainContainer, 'record' | 'log'>,
  options: LogReadOptions,
  format: LogFormat,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for await (const line of container.log(options, signal)) {
    yield formatLogMessage({ ...NO_SOURCE, ...line }, format);
  }
}
