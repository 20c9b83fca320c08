// Objects of the store are shared by every reader, so they are frozen to the bottom once, when written.

/**
 * Freezes a plain value and everything in it, and returns it. What is frozen already is taken to be
 * frozen to the bottom (parts of stored objects are), so a changed copy costs only its new parts.
 * Byte arrays cannot be frozen by the language; nobody may write to them.
 */
export function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) {
    return value;
  }
  // Plain objects and arrays have no keys but their own; a list of them costs as much as the freezing.
  for (const key in value) {
    deepFreeze(value[key]);
  }
  return Object.freeze(value);
}
