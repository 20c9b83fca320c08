// For tests only: an HTTP server on a unix socket that answers as a test tells it, and a run of the command
// against it whose every byte is kept.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from '../client/client.ts';
import type { Endpoint } from '../client/host.ts';
import type { Output } from '../context.ts';
import { run } from '../run.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  /** Sent as it is, in place of JSON. */
  readonly bytes?: Uint8Array | string;
}

/** `GET /nodes` to an answer, or to what makes one. */
export type Answers = Readonly<Record<string, Answer | ((asked: Asked) => Answer)>>;

export class FakeDaemon {
  readonly asked: Asked[] = [];
  answers: Answers = {};
  private readonly directory: string;
  private readonly server: Server;

  private constructor(directory: string) {
    this.directory = directory;
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) =>
        response.destroy(error instanceof Error ? error : undefined),
      );
    });
  }

  static async start(): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(await mkdtemp(join(tmpdir(), 'skein-cli-')));
    await new Promise<void>((resolve) => daemon.server.listen(daemon.socket, resolve));
    return daemon;
  }

  get socket(): string {
    return join(this.directory, 'skein.sock');
  }

  get host(): string {
    return `unix://${this.socket}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The one request of that kind; fails when there was none. */
  request(line: string): Asked {
    const found = this.asked.find((asked) => `${asked.method} ${asked.path}` === line);
    if (found === undefined) {
      throw new Error(
        `${line} was not asked; asked were ${this.asked.map((a) => `${a.method} ${a.path}`).join(', ')}`,
      );
    }
    return found;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://skein');
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
    }
    const content = Buffer.concat(chunks).toString();
    const isJson = request.headers['content-type'] === 'application/json';
    const path = url.pathname.replace(/^\/v1\.\d+/, '');
    const asked: Asked = {
      method: request.method ?? '',
      path: decodeURIComponent(path),
      query: url.searchParams,
      body: isJson ? JSON.parse(content) : content,
      headers: request.headers,
    };
    this.asked.push(asked);
    const made = this.answers[`${asked.method} ${asked.path}`];
    const answer = typeof made === 'function' ? made(asked) : made;
    const {
      status = 200,
      json,
      bytes,
    } = answer ?? { status: 404, json: { message: `no such object: ${asked.path}` } };
    response.writeHead(status, { 'content-type': 'application/json', 'api-version': '1.41' });
    response.end(bytes ?? (json === undefined ? '' : JSON.stringify(json)));
  }
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly host?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Makes stdout a terminal of that size. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** Ctrl-C after so many virtual milliseconds. */
  readonly interruptAfterMs?: number;
}

/** Virtual now: sleeping moves it, so that waits of seconds take none. */
export const NOW = Date.parse('2026-11-20T12:00:00Z');

export async function skein(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const stdout = new Capture(options.terminal);
  const stderr = new Capture();
  const env = {
    ...(options.host !== undefined && { SKEIN_HOST: options.host }),
    HOME: '/nonexistent',
    ...options.env,
  };
  let now = NOW;
  const interrupt = new AbortController();
  const context = (endpoint: Endpoint) => ({
    stdin: Readable.from([Buffer.from(options.stdin ?? '')]),
    stdout,
    stderr,
    env,
    api: new Client(endpoint),
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
      if (options.interruptAfterMs !== undefined && now - NOW >= options.interruptAfterMs) {
        interrupt.abort();
      }
    },
    interrupt: { signal: () => interrupt.signal },
  });
  const code = await run(words, { stdout, stderr, env, context });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Capture implements Output {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;

  constructor(terminal?: { readonly columns: number; readonly rows: number }) {
    this.isTTY = terminal !== undefined;
    this.columns = terminal?.columns ?? 80;
    this.rows = terminal?.rows ?? 24;
  }

  write(chunk: string | Uint8Array): boolean {
    this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  }

  once(): void {}
}
