// The log lines that conmon writes: `<RFC 3339 time> <stream> <F|P> <text>`, where P marks a piece of a line
// that goes on. Pure.

export interface LogLine {
  /** Epoch milliseconds, whole. */
  readonly timestamp: number;
  /** Nanoseconds below the millisecond. */
  readonly nanos: number;
  readonly stream: 'stdout' | 'stderr';
  /** Without the line's end. */
  readonly data: Uint8Array;
}

export interface LogPiece extends LogLine {
  readonly partial: boolean;
}

const SPACE = 0x20;
/** A line that never ends is given out in pieces of this size. */
const JOINED_MAX_BYTES = 256 * 1024;

/** One line of the file, without its line feed; undefined when it is no such line. */
export function parseLogLine(bytes: Uint8Array): LogPiece | undefined {
  const first = bytes.indexOf(SPACE);
  const second = bytes.indexOf(SPACE, first + 1);
  const third = bytes.indexOf(SPACE, second + 1);
  if (first < 0 || second < 0 || third < 0 || third > 64) {
    return undefined;
  }
  const [time = '', stream, tag] = Buffer.from(bytes.buffer, bytes.byteOffset, third)
    .toString('latin1')
    .split(' ');
  const moment = parseTime(time);
  if (moment === undefined || (stream !== 'stdout' && stream !== 'stderr') || (tag !== 'F' && tag !== 'P')) {
    return undefined;
  }
  return { ...moment, stream, partial: tag === 'P', data: bytes.subarray(third + 1) };
}

/** Nine digits of a second do not fit a double of epoch milliseconds: whole milliseconds and the rest. */
function parseTime(text: string): Pick<LogLine, 'timestamp' | 'nanos'> | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, seconds = '', fraction = '', zone = ''] = match;
  const epoch = Date.parse(`${seconds}${zone}`);
  const nanos = Number(fraction.padEnd(9, '0'));
  return Number.isNaN(epoch) ? undefined : { timestamp: epoch + Math.floor(nanos / 1e6), nanos: nanos % 1e6 };
}

/** Puts the pieces of each stream's lines together. */
export class LineJoiner {
  private readonly open = new Map<
    LogLine['stream'],
    { readonly first: LogPiece; data: Uint8Array[]; bytes: number }
  >();

  /** The line that this piece completes, with the time of its first piece. */
  add(piece: LogPiece): LogLine | undefined {
    const open = this.open.get(piece.stream) ?? { first: piece, data: [], bytes: 0 };
    open.data.push(Uint8Array.from(piece.data));
    open.bytes += piece.data.length;
    if (piece.partial && open.bytes < JOINED_MAX_BYTES) {
      this.open.set(piece.stream, open);
      return undefined;
    }
    this.open.delete(piece.stream);
    const { timestamp, nanos, stream } = open.first;
    return { timestamp, nanos, stream, data: Buffer.concat(open.data) };
  }
}
