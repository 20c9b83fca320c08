// Docker's progress answers: one JSON object a line while the work goes on. A failure before the first line
// has a status of its own; a later one is the last line, since the status has long been sent.
import type { FastifyReply } from 'fastify';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { AsyncQueue } from '../../shared/queue.ts';
import { sendStream } from './streaming.ts';

/** Lines waiting for a slow client; more is a client that does not read. */
const WAITING_LIMIT = 10_000;

export type SendLine = (line: Readonly<Record<string, unknown>>) => void;

/** Runs the work and answers with its lines. Rejects when the work fails before it sent one. */
export async function answerWithProgress(
  reply: FastifyReply,
  log: Logger,
  work: (send: SendLine) => Promise<void>,
): Promise<FastifyReply> {
  const lines = new AsyncQueue<string>(WAITING_LIMIT);
  let begun = false;
  let begin: () => void = () => undefined;
  const firstLine = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const send: SendLine = (line) => {
    lines.push(`${JSON.stringify(line)}\r\n`);
    begun = true;
    begin();
  };
  const finished = work(send)
    .catch((error: unknown) => {
      if (!begun) {
        throw error;
      }
      send({ errorDetail: { message: errorMessage(error) }, error: errorMessage(error) });
    })
    .finally(() => lines.close());
  await Promise.race([firstLine, finished]);
  return sendStream(reply, 'application/json', lines, log);
}
