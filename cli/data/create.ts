// What secret create and config create have in common: the content from a file or stdin, then the API call.
import { readFile } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { CliError, messageOf } from '../errors.ts';
import type { Json } from '../service/scalars.ts';

/** Swarm refuses more than 500 KB of secret and 1000 KB of config; this only bounds what is read. */
const READ_LIMIT_BYTES = 8 * 1024 * 1024;

export async function createDataObject(
  { api, stdin, stdout }: Context,
  kind: 'secret' | 'config',
  path: string | undefined,
  spec: Json,
): Promise<number> {
  const data = path === undefined ? undefined : await readContent(stdin, path);
  const created = await api.post<{ readonly ID: string }>(`/${kind}s/create`, {
    body: { ...spec, ...(data !== undefined && { Data: data.toString('base64') }) },
  });
  stdout.write(`${created.ID}\n`);
  return 0;
}

async function readContent(stdin: AsyncIterable<unknown>, path: string): Promise<Buffer> {
  if (path !== '-') {
    try {
      return await readFile(path);
    } catch (error) {
      throw new CliError(`Error reading content from "${path}": ${messageOf(error)}`, { cause: error });
    }
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > READ_LIMIT_BYTES) {
      throw new CliError(`more than ${READ_LIMIT_BYTES} bytes on stdin: too much for a secret or config`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
