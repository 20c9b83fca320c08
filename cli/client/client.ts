// The Engine REST API over a unix socket or tcp (with TLS): requests, JSON answers, streams, and errors that
// say what to do. Plain node:http, because dockerode takes 300 ms to load (it brings ssh2 and gRPC along)
// and the whole command is to answer in less than half of that. It knows paths and bytes, no commands.
import type { Agent, IncomingMessage, RequestOptions } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { CliError, messageOf } from '../errors.ts';
import { type Endpoint, readTls } from './host.ts';

/** No byte for this long on a call that should answer at once: the daemon hangs. Joining may take 20 s. */
const IDLE_LIMIT_MS = 120_000;
/** The longest JSON answer; 100,000 tasks are about 200 MB. */
const BODY_LIMIT_BYTES = 512 * 1024 * 1024;

export type QueryValue = string | number | boolean | undefined | readonly string[];
/** Docker's filters: name to values. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export interface Call {
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly filters?: Filters;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, an archive for example. */
  readonly upload?: NodeJS.ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** The answer may pause for ever (events, logs --follow). */
  readonly endless?: boolean;
}

/** An error the daemon answered: `{"message": …}` with an HTTP status. */
export class ApiError extends CliError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(`Error response from daemon: ${message}`);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** The daemon could not be asked at all. */
export class ConnectionError extends CliError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'ConnectionError';
  }
}

export class Client {
  readonly endpoint: Endpoint;
  private transport: Promise<Transport> | undefined;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  get<T>(path: string, call: Call = {}): Promise<T> {
    return this.json<T>('GET', path, call);
  }

  post<T = unknown>(path: string, call: Call = {}): Promise<T> {
    return this.json<T>('POST', path, call);
  }

  delete<T = unknown>(path: string, call: Call = {}): Promise<T> {
    return this.json<T>('DELETE', path, call);
  }

  /** The answer's body as it arrives. @throws ApiError, ConnectionError */
  async stream(method: string, path: string, call: Call = {}): Promise<IncomingMessage> {
    const response = await this.send(method, path, call);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) {
      throw new ApiError(status, await errorText(response));
    }
    return response;
  }

  private async json<T>(method: string, path: string, call: Call): Promise<T> {
    const body = await readAll(await this.stream(method, path, call), BODY_LIMIT_BYTES);
    if (body.trim() === '') {
      return undefined as T;
    }
    try {
      return JSON.parse(body) as T;
    } catch (error) {
      throw new CliError(
        `${this.endpoint.address} did not answer with JSON: is it a skein daemon? (${messageOf(error)})`,
        { cause: error },
      );
    }
  }

  private async send(method: string, path: string, call: Call): Promise<IncomingMessage> {
    this.transport ??= connect(this.endpoint);
    const { http, options } = await this.transport;
    const json = call.body === undefined ? undefined : JSON.stringify(call.body);
    const request = http.request({
      ...options,
      method,
      path: `${path}${queryString(call)}`,
      headers: {
        // Over tcp node fills in the address, from which TLS also takes the name to check.
        ...(this.endpoint.kind === 'unix' && { host: 'skein' }),
        'user-agent': 'skein-cli',
        ...(json !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(json),
        }),
        ...(call.upload !== undefined && { 'content-type': 'application/x-tar' }),
        ...call.headers,
      },
      ...(call.signal !== undefined && { signal: call.signal }),
    });
    if (call.endless !== true) {
      request.setTimeout(IDLE_LIMIT_MS, () =>
        request.destroy(new Error(`no answer for ${IDLE_LIMIT_MS / 1000} seconds`)),
      );
    }
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', (error) => reject(call.signal?.aborted ? error : explain(error, this.endpoint)));
    });
    if (call.upload === undefined) {
      request.end(json);
      return answered;
    }
    // The daemon may refuse before it has read the whole archive: its answer then says why, not our EPIPE.
    const sent = pipeline(call.upload, request);
    const failed = sent.then(() => answered);
    return Promise.race([
      answered,
      failed.catch((error: unknown) => answered.catch(() => Promise.reject(error))),
    ]);
  }
}

interface Transport {
  readonly http: { request(options: RequestOptions): import('node:http').ClientRequest };
  readonly options: RequestOptions & { readonly agent: Agent };
}

async function connect(endpoint: Endpoint): Promise<Transport> {
  if (endpoint.kind === 'tcp' && endpoint.tls !== undefined) {
    const https = await import('node:https');
    const agent = new https.Agent({ keepAlive: true, ...(await readTls(endpoint.tls)) });
    return { http: https, options: { agent, host: endpoint.host, port: endpoint.port } };
  }
  const http = await import('node:http');
  const agent = new http.Agent({ keepAlive: true });
  const target =
    endpoint.kind === 'unix' ? { socketPath: endpoint.path } : { host: endpoint.host, port: endpoint.port };
  return { http, options: { agent, ...target } };
}

function queryString({ query = {}, filters = {} }: Call): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false) {
      continue;
    }
    for (const item of Array.isArray(value) ? value : [value]) {
      parameters.append(name, item === true ? '1' : String(item));
    }
  }
  const entries = Object.entries(filters).filter(([, values]) => values.length > 0);
  if (entries.length > 0) {
    const sets = entries.map(([name, values]) => [
      name,
      Object.fromEntries(values.map((value) => [value, true])),
    ]);
    parameters.append('filters', JSON.stringify(Object.fromEntries(sets)));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

async function errorText(response: IncomingMessage): Promise<string> {
  const body = await readAll(response, 1024 * 1024);
  try {
    const parsed: unknown = JSON.parse(body);
    const message: unknown =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'message') : undefined;
    if (typeof message === 'string' && message !== '') {
      return message;
    }
  } catch {
    // Not JSON: the text itself is what there is to show.
  }
  return body.trim() || `${response.statusCode} ${response.statusMessage}`;
}

export async function readAll(stream: AsyncIterable<unknown>, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > limitBytes) {
      throw new CliError(`more than ${limitBytes} bytes: too large to be read at once`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function explain(error: NodeJS.ErrnoException, endpoint: Endpoint): ConnectionError {
  const { address } = endpoint;
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') {
    return new ConnectionError(`no skein daemon at ${address}: is skeind running?`, { cause: error });
  }
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new ConnectionError(
      `permission denied at ${address}: run the command as root, or as a member of the socket's group (see ls -l ${endpoint.kind === 'unix' ? endpoint.path : address})`,
      { cause: error },
    );
  }
  if (error.code === 'ECONNRESET' || error.message === 'socket hang up') {
    return new ConnectionError(
      `the daemon at ${address} closed the connection${endpoint.kind === 'tcp' && endpoint.tls === undefined ? ': does it want TLS (--tlsverify)?' : ''}`,
      { cause: error },
    );
  }
  return new ConnectionError(`cannot ask the daemon at ${address}: ${error.message}`, { cause: error });
}
