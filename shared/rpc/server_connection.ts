// One connection of a server: HTTP/2 over a socket that the listener has accepted, and the pings that notice a peer
// that fell silent. What the calls on it are is not its business.
import {
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../clock.ts';
import { KEEPALIVE_PERIOD_MS, KEEPALIVE_TIMEOUT_MS, MAX_STREAMS_PER_CONNECTION } from './limits.ts';

export interface ServerConnectionHooks {
  /** The headers of a call have come; nothing else of it is read until somebody does. */
  onCall(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void;
  onClosed(): void;
}

export interface ServerConnectionOptions {
  readonly socket: Duplex;
  /** Whether to ask now and then if the peer still lives: the kernel tells by itself of one on this machine. */
  readonly keepalive: boolean;
}

const SESSION_OPTIONS = {
  settings: { maxConcurrentStreams: MAX_STREAMS_PER_CONNECTION },
  // Memory is bounded by streams, windows and the callers' quota. Node's own limit refuses honest streams instead.
  maxSessionMemory: Number.MAX_SAFE_INTEGER,
} as const;

export class ServerConnection {
  private readonly clock: Clock;
  private readonly session: ServerHttp2Session;
  private timer: Timer | undefined;

  constructor(
    dependencies: { readonly clock: Clock },
    options: ServerConnectionOptions,
    hooks: ServerConnectionHooks,
  ) {
    this.clock = dependencies.clock;
    this.session = performServerHandshake(options.socket, SESSION_OPTIONS);
    // What breaks a session or a stream closes it, and that is told.
    this.session.on('error', () => undefined);
    this.session.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      hooks.onCall(stream, headers);
    });
    this.session.once('close', () => {
      this.timer?.cancel();
      hooks.onClosed();
    });
    if (options.keepalive) {
      this.pingLater();
    }
  }

  /** Cuts it, with all its calls. */
  destroy(): void {
    this.session.destroy();
  }

  private pingLater(): void {
    this.timer = this.clock.after(KEEPALIVE_PERIOD_MS, () => this.ping());
  }

  private ping(): void {
    const { session } = this;
    if (session.closed || session.destroyed) {
      return;
    }
    this.timer = this.clock.after(KEEPALIVE_TIMEOUT_MS, () => session.destroy());
    const sent = session.ping((error) => {
      this.timer?.cancel();
      if (error === null) {
        this.pingLater();
      } else {
        session.destroy();
      }
    });
    if (!sent) {
      session.destroy();
    }
  }
}
