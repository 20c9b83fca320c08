// Values as text in which only their content counts: keys sorted, bytes as base64, what is undefined left out.

export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Uint8Array) {
      return Buffer.from(part).toString('base64');
    }
    if (typeof part !== 'object' || part === null || Array.isArray(part)) {
      return part;
    }
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
