// Answers that go on while something happens: events, logs, progress, archives. The headers leave at once,
// since docker waits for them before it shows anything; the end of the client ends the source.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';

/**
 * Sends what the source gives as it comes, with exactly this content type (docker compares it as text). A
 * source that fails cuts the connection, so that the client sees an unfinished answer and not a short one.
 */
export function sendStream(
  reply: FastifyReply,
  contentType: string,
  source: AsyncIterable<Uint8Array | string>,
  log: Logger,
): FastifyReply {
  const { raw } = reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) {
      raw.setHeader(name, value);
    }
  }
  raw.setHeader('content-type', contentType);
  raw.flushHeaders();
  pipeline(Readable.from(source, { objectMode: false }), raw).catch((error: unknown) => {
    if (!isClientGone(error)) {
      log.warn({ error: errorMessage(error), url: reply.request.url }, 'an answer was cut short');
    }
  });
  return reply;
}

function isClientGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
