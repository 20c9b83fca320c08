// What Go's templates make of a value: how it prints, and whether it counts as true.

/** Go's truth: false, 0, "", nothing and what is empty are false. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.length > 0;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length > 0;
  }
  return Boolean(value);
}

/** As Go's %v prints a value: `[a b]`, `map[k:v]`. */
export function printValue(value: unknown): string {
  if (value === undefined || value === null) {
    return '<nil>';
  }
  if (Array.isArray(value)) {
    return `[${value.map(printValue).join(' ')}]`;
  }
  if (typeof value === 'object') {
    const plain: object = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value;
    const entries = Object.entries(plain).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, item]) => `${key}:${printValue(item)}`).join(' ')}]`;
  }
  return String(value);
}
