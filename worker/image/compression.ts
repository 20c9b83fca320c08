// Layers come plain or gzipped; which, their first bytes say.
import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { errorMessage } from '../../shared/errors.ts';
import { damaged, unsupported } from './errors.ts';

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const XZ = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]);

/** The stream's uncompressed bytes. @throws SkeinError `not-implemented` for zstd and xz, `image-damaged` for broken gzip */
export async function* decompressed(source: AsyncIterable<Buffer>, what: string): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  const head = await firstBytes(chunks, XZ.length);
  const whole = rest(head, chunks);
  if (head.subarray(0, GZIP.length).equals(GZIP)) {
    yield* gunzip(whole, what);
    return;
  }
  if (head.subarray(0, ZSTD.length).equals(ZSTD) || head.subarray(0, XZ.length).equals(XZ)) {
    throw unsupported(`${what} compressed with zstd or xz (gzip and plain tar are served)`);
  }
  yield* whole;
}

async function firstBytes(chunks: AsyncIterator<Buffer>, wanted: number): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < wanted) {
    const { value, done } = await chunks.next();
    if (done === true) {
      break;
    }
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function* rest(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield head;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

async function* gunzip(source: AsyncIterable<Buffer>, what: string): AsyncGenerator<Buffer> {
  const input = Readable.from(source);
  const unzipped = createGunzip();
  let inputError: unknown;
  input.on('error', (error) => {
    inputError = error;
    unzipped.destroy(error);
  });
  try {
    yield* input.pipe(unzipped);
  } catch (error) {
    throw inputError ?? damaged(what, errorMessage(error), error);
  } finally {
    input.destroy();
  }
}
