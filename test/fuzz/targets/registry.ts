// A registry that answers whatever it likes: each request gets the next of a list of answers.
import { createServer, type Server, validateHeaderName, validateHeaderValue } from 'node:http';
import { parseReference } from '../../../worker/image/reference.ts';
import { RegistryClient } from '../../../worker/image/registry.ts';
import type { FuzzTarget } from '../target.ts';

const MANIFEST = { schemaVersion: 2, config: {}, layers: [] };
const DIGEST = `sha256:${'0'.repeat(64)}`;
/** Some redirect for ever; an honest exchange takes milliseconds. */
const CALL_MS = 2_000;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Says that more comes than does. */
  readonly isCut?: boolean;
}

const OK: Answer = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(MANIFEST),
};

function challenge(port: string): Answer {
  const realm = `Bearer realm="http://127.0.0.1:${port}/token",service="s",scope="repository:a:pull"`;
  return { status: 401, headers: { 'www-authenticate': realm }, body: '' };
}

const SEEDS: readonly (readonly Answer[])[] = [
  [OK],
  [challenge('PORT'), { ...OK, body: '{"token":"t"}' }, OK],
  [{ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, body: '' }, OK],
  [{ status: 307, headers: { location: '/v2/elsewhere' }, body: '' }, OK],
  [{ ...OK, isCut: true }, OK],
];

function answersIn(input: Buffer, port: number): readonly Answer[] {
  let value: unknown;
  try {
    value = JSON.parse(input.toString().replaceAll('PORT', String(port)));
  } catch {
    return [];
  }
  return (Array.isArray(value) ? value : []).map((each: unknown) => {
    const part = (name: string): unknown =>
      typeof each === 'object' && each !== null ? Reflect.get(each, name) : '';
    const headers = Object.entries(Object(part('headers')) as object).filter(([name, text]) => {
      try {
        validateHeaderName(name);
        validateHeaderValue(name, String(text));
        return true;
      } catch {
        return false;
      }
    });
    const status = Number(part('status'));
    return {
      status: Number.isInteger(status) && status >= 200 && status <= 999 ? status : 200,
      headers: Object.fromEntries(headers.map(([name, text]) => [name, String(text)])),
      body: String(part('body')),
      isCut: part('isCut') === true,
    };
  });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export function registryTarget(): FuzzTarget {
  let waiting: Answer[] = [];
  let port = 0;
  const server = createServer((request, response) => {
    request.resume();
    const answer = waiting.shift() ?? OK;
    const length = answer.isCut === true ? { 'content-length': String(answer.body.length + 100) } : {};
    response.writeHead(answer.status, { ...answer.headers, ...length });
    if (answer.isCut === true) {
      response.write(answer.body, () => response.destroy());
    } else {
      response.end(answer.body);
    }
  });
  return {
    name: 'registry answers',
    form: 'json',
    seeds: async () => {
      port = await listening(server);
      return SEEDS.map((answers) => Buffer.from(`\n${JSON.stringify(answers)}`));
    },
    run: async (input) => {
      waiting = [...answersIn(input, port)];
      const reference = parseReference(`127.0.0.1:${port}/a/b:1`);
      const auth = { username: 'u', password: 'p', serverAddress: '' };
      const registry = new RegistryClient({ insecure: [], defaultRegistry: '' }, reference, auth);
      const signal = AbortSignal.timeout(CALL_MS);
      await registry.manifest('1', signal);
      for await (const chunk of registry.blob(DIGEST, signal)) {
        if (chunk.length === 0) {
          break;
        }
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
