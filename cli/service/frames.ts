// The multiplexed stream of the Engine API: frames of `[stream,0,0,0,length]` and that many bytes, where
// stream is 1 for stdout and 2 for stderr. A task with a terminal sends bytes without frames.
import { CliError } from '../errors.ts';

export interface Chunk {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

const HEADER_BYTES = 8;
/** A log line is cut at 16 KiB by the daemon; anything near this is no frame. */
const FRAME_LIMIT_BYTES = 16 * 1024 * 1024;

/** @throws CliError when what arrives are no frames, or the last one is cut */
export async function* demultiplex(body: AsyncIterable<unknown>): AsyncGenerator<Chunk> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    let at = 0;
    while (pending.length - at >= HEADER_BYTES) {
      const length = frameLength(pending.subarray(at, at + HEADER_BYTES));
      if (pending.length - at - HEADER_BYTES < length) {
        break;
      }
      const start = at + HEADER_BYTES;
      yield {
        stream: pending[at] === 2 ? 'stderr' : 'stdout',
        data: pending.subarray(start, start + length),
      };
      at = start + length;
    }
    pending = pending.subarray(at);
  }
  if (pending.length > 0) {
    throw new CliError('the stream of logs was cut in the middle of a line: ask again');
  }
}

function frameLength(header: Buffer): number {
  const length = header.readUInt32BE(4);
  if ((header[0] ?? 0) > 3 || header.readUIntBE(1, 3) !== 0 || length > FRAME_LIMIT_BYTES) {
    throw new CliError('the daemon did not send a stream of logs');
  }
  return length;
}
