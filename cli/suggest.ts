// The name a mistyped word was probably meant to be.

/** More changes than this and the words have nothing to do with each other. */
const MAX_CHANGES = 2;

export function closest(word: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, changes: name.startsWith(word) ? 0 : changes(word, name) }))
    .filter((candidate) => candidate.changes <= Math.min(MAX_CHANGES, candidate.name.length - 1))
    .sort((a, b) => a.changes - b.changes);
  return best?.name;
}

/** Levenshtein's distance. */
function changes(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_value, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
