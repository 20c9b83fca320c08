// Plain HTTP over a unix socket, chunk by chunk: for tests of when something arrives, not only what.
import { type IncomingMessage, request } from 'node:http';

export interface SocketCall {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Resolves with the headers; the body is still to come. `write` sends the request's body, if any. */
export function call(
  socketPath: string,
  { method = 'GET', path, headers = {} }: SocketCall,
  write: (send: (chunk: Buffer) => Promise<void>) => Promise<void> = () => Promise.resolve(),
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers, agent: false }, resolve);
    sent.once('error', reject);
    const send = (chunk: Buffer) =>
      new Promise<void>((next) => {
        if (sent.write(chunk)) {
          next();
        } else {
          sent.once('drain', next);
        }
      });
    write(send).then(() => sent.end(), reject);
  });
}

export async function text(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString('utf8');
}
