// A cheap guess of how large a value is once encoded, so that most transactions are never encoded twice.

/** Tag, length and a number's longest varint: what a field costs besides its text. */
const BYTES_PER_FIELD = 12;
/** Map keys and enum words are text too; a UTF-16 unit takes at most three bytes in UTF-8. */
const BYTES_PER_CHARACTER = 3;

/** Bytes that a plain value takes at most, roughly; field names count as if they were written out. */
export function estimateBytes(value: unknown): number {
  if (typeof value === 'string') {
    return BYTES_PER_FIELD + value.length * BYTES_PER_CHARACTER;
  }
  if (typeof value !== 'object' || value === null) {
    return BYTES_PER_FIELD;
  }
  if (ArrayBuffer.isView(value)) {
    return BYTES_PER_FIELD + value.byteLength;
  }
  let total = BYTES_PER_FIELD;
  // Plain objects and arrays have no keys but their own.
  for (const key in value) {
    total += key.length + estimateBytes(Reflect.get(value, key));
  }
  return total;
}
