// Are two plain values the same to a user? Unlike node's strict comparison it takes an absent field and an
// undefined one as equal and does not look at prototypes: a spec that went over the wire must not look
// changed, for a changed spec replaces every task.

export function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) {
    return true;
  }
  if (!isObject(left) || !isObject(right) || Array.isArray(left) !== Array.isArray(right)) {
    return false;
  }
  if (ArrayBuffer.isView(left) || ArrayBuffer.isView(right)) {
    return left instanceof Uint8Array && right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  }
  if (Array.isArray(left) && Array.isArray(right) && left.length !== right.length) {
    return false;
  }
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => sameValue(own(left, key), own(right, key)));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A label may be called `constructor`: only what the object itself has counts. */
function own(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined;
}
