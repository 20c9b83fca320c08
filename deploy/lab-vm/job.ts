// The words between the lab's two ends: what a caller asks of the agent in a machine, and the frames in which
// the agent answers.

export type Job =
  | { readonly run: readonly string[]; readonly environment?: Readonly<Record<string, string>> }
  | { readonly connect: string };

export const FRAME = { stdout: 1, stderr: 2, exit: 3, error: 4 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

const HEADER_BYTES = 5;

export function frame(kind: FrameKind, content: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(content.length, 1);
  return Buffer.concat([header, content]);
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  /** The frames that end with this chunk. */
  push(chunk: Buffer): { readonly kind: number; readonly content: Buffer }[] {
    const frames: { kind: number; content: Buffer }[] = [];
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (this.rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.rest.readUInt32BE(1);
      if (this.rest.length < end) {
        break;
      }
      frames.push({ kind: this.rest.readUInt8(0), content: this.rest.subarray(HEADER_BYTES, end) });
      this.rest = this.rest.subarray(end);
    }
    return frames;
  }
}
