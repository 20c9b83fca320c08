// For tests: a client of gRPC's wire format on node's own HTTP/2 and TLS, which checks nothing and sends whatever
// it is told to, unlike the client of the house.
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { Presented } from './running_manager.ts';

/** How a call ended: gRPC's status and the house's own code for the error. */
export interface Answer {
  /** `open` when the call was let in and had not ended yet when this client gave up waiting. */
  readonly status: number | 'open' | 'cut';
  readonly code: string;
  readonly message: string;
  readonly bytes: Buffer;
}

export const GRPC_OK = 0;
export const GRPC_UNIMPLEMENTED = 12;

/** The five bytes before a message and the message. */
export function framed(message: Uint8Array, options: { flag?: number; length?: number } = {}): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = options.flag ?? 0;
  prefix.writeUInt32BE(options.length ?? message.length, 1);
  return Buffer.concat([prefix, message]);
}

export class RawClient {
  readonly session: ClientHttp2Session;

  constructor(port: number, presented: Presented = {}) {
    this.session = connect(`https://127.0.0.1:${port}`, { ...presented, rejectUnauthorized: false });
    this.session.on('error', () => undefined);
  }

  open(path: string, headers: Readonly<Record<string, string | Buffer>> = {}): ClientHttp2Stream {
    const encoded = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : value.toString('base64'),
      ]),
    );
    const stream = this.session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...encoded,
    });
    stream.on('error', () => undefined);
    return stream;
  }

  /** Sends one message and the end, and waits for the status; at most `patienceMs`. */
  call(
    path: string,
    message: Uint8Array = new Uint8Array(0),
    options: {
      headers?: Readonly<Record<string, string | Buffer>>;
      patienceMs?: number;
      isOpen?: boolean;
    } = {},
  ): Promise<Answer> {
    const stream = this.open(path, options.headers);
    if (options.isOpen === true) {
      stream.write(framed(message));
    } else {
      stream.end(framed(message));
    }
    return answerOf(stream, options.patienceMs);
  }

  close(): void {
    this.session.destroy();
  }
}

export function answerOf(stream: ClientHttp2Stream, patienceMs = 5_000): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let headers: Readonly<Record<string, unknown>> = {};
    const settle = (status: Answer['status']) => {
      clearTimeout(timer);
      const carried = headers['skein-error-bin'];
      const error: unknown =
        typeof carried === 'string' ? JSON.parse(Buffer.from(carried, 'base64').toString()) : undefined;
      const code = typeof error === 'object' && error !== null ? String(Reflect.get(error, 'code')) : '';
      const message = decodeURIComponent(String(headers['grpc-message'] ?? ''));
      resolve({ status, code, message, bytes: Buffer.concat(chunks) });
      stream.close();
    };
    const timer = setTimeout(() => settle('open'), patienceMs);
    const take = (received: Readonly<Record<string, unknown>>) => {
      headers = received;
    };
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('close', () => {
      const status = headers['grpc-status'];
      settle(status === undefined ? 'cut' : Number(status));
    });
  });
}
