// Archives that clients send as a body. What reads one may give up in its midst; the connection, over which
// the reason has to go back, must outlive that.
import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { systemClock } from '../../shared/clock.ts';
import { SkeinError } from '../../shared/errors.ts';

/**
 * How long an answer waits for a client to finish sending what nobody reads any more, in ms. A client
 * that is cut off while it writes reports a broken pipe and never reads the reason.
 */
const DRAIN_MS = 10_000;

/** The body as a stream that may be destroyed. @throws SkeinError `no-body` */
export function uploadOf(request: FastifyRequest): Readable {
  const { body } = request;
  if (!(body instanceof Readable)) {
    throw new SkeinError('invalid', 'no-body', 'the request needs an archive as its body');
  }
  const shield = new PassThrough();
  body.pipe(shield);
  body.once('close', () => {
    if (!body.readableEnded) {
      shield.destroy(new SkeinError('invalid', 'upload-cut', 'the upload ended before its end'));
    }
  });
  shield.once('close', () => {
    body.unpipe(shield);
    body.resume();
  });
  return shield;
}

/** Reads a body to its end and drops it, for a bounded time; resolves also when the client has gone. */
export function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      resolve();
    };
    const timer = systemClock.after(DRAIN_MS, done);
    request.once('end', done);
    request.once('close', done);
    request.resume();
  });
}
