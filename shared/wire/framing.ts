// Checks that the fields of a message end where its bytes end. The decoder behind proto-loader cuts a
// text that is longer than the rest instead of refusing it, so a cut message could pass as a whole one.
// Nested messages need no such check: one that is cut makes the decoder read past the end, which it refuses.
// Source: the Protocol Buffers encoding guide (tags, wire types 0-5).

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_LENGTH = 2;
const WIRE_FIXED32 = 5;
const MAX_VARINT_BYTES = 10;

/** What is wrong with the outermost fields of a message, or undefined when they fill the bytes exactly. */
export function framingProblem(bytes: Uint8Array): string | undefined {
  const cursor = { position: 0 };
  while (cursor.position < bytes.length) {
    const tag = varint(bytes, cursor);
    const type = tag & 7;
    if (type === WIRE_VARINT) {
      varint(bytes, cursor);
    } else if (type === WIRE_LENGTH) {
      const length = varint(bytes, cursor);
      cursor.position += length;
    } else if (type === WIRE_FIXED64) {
      cursor.position += 8;
    } else if (type === WIRE_FIXED32) {
      cursor.position += 4;
    } else {
      return `has a field of wire type ${type}`;
    }
    if (cursor.position > bytes.length) {
      return 'is cut off';
    }
  }
  return undefined;
}

/** Reads one varint; an endless one moves the cursor beyond any end, so that the caller refuses. */
function varint(bytes: Uint8Array, cursor: { position: number }): number {
  let value = 0;
  for (let shift = 0; shift < MAX_VARINT_BYTES; shift += 1) {
    const byte = bytes[cursor.position];
    if (byte === undefined) {
      break;
    }
    cursor.position += 1;
    // Multiplied, not shifted: lengths may use more than 31 bits.
    value += (byte & 0x7f) * 2 ** (7 * shift);
    if (byte < 0x80) {
      return value;
    }
  }
  cursor.position = Number.POSITIVE_INFINITY;
  return 0;
}
