// POST /containers/{id}/attach: the connection leaves HTTP (101) and carries the container's streams, in Docker's
// frames unless it has a terminal. A client that takes nothing makes the container wait, for a bounded time.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { systemClock } from '../../../shared/clock.ts';
import { errorMessage, SkeinError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { PlainContainer } from '../../../worker/container/plain_container.ts';
import type { ContainerConsole } from '../../../worker/runtime/console.ts';
import type { Backend } from '../backend.ts';
import { httpStatus } from '../errors.ts';
import { frame } from '../log_stream.ts';
import { Query } from '../request.ts';
import { stripVersion } from '../version.ts';
import { logFrames } from './container_log.ts';

/** A client that took nothing for so long is cut off: the container, which waits for it, goes on. */
const STALL_MS = 60_000;
/** After the last byte the client closes its side; one that does not is cut off. */
const LINGER_MS = 10_000;
const ATTACH = /^\/containers\/([^/?]+)\/attach(?:\?(.*))?$/;

export function attachRoutes(
  app: FastifyInstance,
  backend: Backend,
  { log }: { readonly log: Logger },
): void {
  const sockets = new Set<Duplex>();
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', (error: Error) => log.debug({ error: error.message }, 'an attached client is gone'));
    try {
      begin(backend, request, socket, head, log);
    } catch (error) {
      refuse(socket, error);
    }
  });
  app.addHook('preClose', async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  app.post('/containers/:id/attach', async () => {
    throw new SkeinError(
      'invalid',
      'no-upgrade',
      'attaching needs the headers "Connection: Upgrade" and "Upgrade: tcp"',
    );
  });
}

/** A name with a broken escape names nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface Attachment {
  readonly container: PlainContainer;
  readonly socket: Duplex;
  readonly wants: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
    readonly logs: boolean;
    readonly stream: boolean;
  };
  readonly log: Logger;
}

function begin(backend: Backend, request: IncomingMessage, socket: Duplex, head: Buffer, log: Logger): void {
  const [, reference = '', text = ''] = ATTACH.exec(stripVersion(request.url ?? '')) ?? [];
  if (reference === '' || request.method !== 'POST') {
    throw new SkeinError(
      'not-implemented',
      'not-implemented',
      `not implemented: an upgraded connection for ${request.method} ${request.url}`,
    );
  }
  const container = backend.containers.get(decoded(reference));
  const query = new Query({ query: Object.fromEntries(new URLSearchParams(text)) });
  const { tty, openStdin } = container.record.config.spec;
  const wants = {
    stdin: query.boolean('stdin') && openStdin,
    stdout: query.boolean('stdout'),
    stderr: query.boolean('stderr'),
    logs: query.boolean('logs'),
    stream: query.boolean('stream'),
  };
  const gone = new AbortController();
  socket.once('close', () =>
    gone.abort(new SkeinError('unavailable', 'client-gone', 'the client went away')),
  );
  // Before the answer: the client starts the container as soon as it has it.
  const opening = wants.stream ? container.openConsole(gone.signal) : Promise.resolve(undefined);
  socket.pause();
  if (head.length > 0) {
    socket.unshift(head);
  }
  const type = `application/vnd.docker.${tty ? 'raw-stream' : 'multiplexed-stream'}`;
  socket.write(
    `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${type}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
  );
  serve({ container, socket, wants, log }, opening, gone.signal).catch((error: unknown) => {
    log.debug({ container: container.id, error: errorMessage(error) }, 'attached in vain');
    close(socket);
  });
}

async function serve(
  attachment: Attachment,
  opening: Promise<ContainerConsole | undefined>,
  signal: AbortSignal,
): Promise<void> {
  const { container, socket, wants } = attachment;
  // A refusal while the log is sent must not go unhandled; it is seen below.
  opening.catch(() => undefined);
  if (wants.logs) {
    const { stdout, stderr } = wants;
    const options = { follow: false, stdout, stderr, tail: -1, since: 0, until: 0 };
    const format = { timestamps: false, details: false, raw: container.record.config.spec.tty };
    for await (const bytes of logFrames(container, options, format, signal)) {
      if (!socket.write(bytes)) {
        await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
      }
    }
  }
  const console = await opening;
  if (console === undefined) {
    close(socket);
    return;
  }
  join(attachment, console);
}

/** Bytes go both ways until the container or the client ends. */
function join({ container, socket, wants, log }: Attachment, console: ContainerConsole): void {
  const { stdinOnce, spec } = container.record.config;
  let stalled: { cancel(): void } | undefined;
  console.listen({
    output: (stream, data) => {
      if (!wants[stream] || socket.destroyed) {
        return true;
      }
      const goesOn = socket.write(spec.tty ? data : frame(stream, data));
      if (!goesOn) {
        stalled ??= systemClock.after(STALL_MS, () => {
          log.warn(
            { container: container.id, limitMs: STALL_MS },
            'an attached client took nothing: cut off',
          );
          socket.destroy();
        });
      }
      return goesOn;
    },
    end: () => close(socket),
  });
  socket.on('drain', () => {
    stalled?.cancel();
    stalled = undefined;
    console.resume();
  });
  // The end may be told while the last bytes are still on their way to the container.
  let writing = Promise.resolve();
  socket.on('data', (data: Buffer) => {
    if (wants.stdin) {
      socket.pause();
      writing = console.write(data).finally(() => socket.resume());
    }
  });
  socket.on('end', () => {
    if (wants.stdin) {
      writing.then(
        () => console.endInput(),
        () => undefined,
      );
    }
  });
  socket.once('close', () => {
    stalled?.cancel();
    if (spec.openStdin && stdinOnce && !wants.stdin) {
      // Closing it would end the input of somebody else.
      console.ignore();
    } else {
      console.close();
    }
  });
  socket.resume();
}

/** What was written goes out first. */
function close(socket: Duplex): void {
  const timer = systemClock.after(LINGER_MS, () => socket.destroy());
  socket.once('close', () => timer.cancel());
  socket.end();
  socket.resume();
}

function refuse(socket: Duplex, error: unknown): void {
  const message = JSON.stringify({ message: errorMessage(error) });
  socket.end(
    `HTTP/1.1 ${httpStatus(error)} ${error instanceof SkeinError ? error.code : 'error'}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(message)}\r\nConnection: close\r\n\r\n${message}`,
  );
}
