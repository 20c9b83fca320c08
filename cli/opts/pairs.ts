// Lists of `key=value` as maps, and environment files.
import { readFile } from 'node:fs/promises';
import { CliError, messageOf } from '../errors.ts';

/** Labels, options, sysctls: a key without `=` has an empty value; the last one of a key holds. */
export function toMap(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const cut = pair.indexOf('=');
      return cut === -1 ? [pair, ''] : [pair.slice(0, cut), pair.slice(cut + 1)];
    }),
  );
}

/** Variables as `NAME=value`; a bare NAME takes its value from this process, or is left out. */
export function resolveEnvironment(
  entries: readonly string[],
  own: Readonly<Record<string, string | undefined>>,
): string[] {
  return entries.flatMap((entry) => {
    if (entry.includes('=')) {
      if (entry.startsWith('=')) {
        throw new CliError(`invalid environment variable: ${entry}`);
      }
      return [entry];
    }
    const value = own[entry];
    return value === undefined ? [] : [`${entry}=${value}`];
  });
}

/** Lines of --env-file: blank lines and `#` comments do not count. @throws CliError naming file and line */
export async function readEnvironmentFile(path: string): Promise<string[]> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read --env-file ${path}: ${messageOf(error)}`, { cause: error });
  }
  return content
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, index) => {
      const text = line.trimStart();
      if (text === '' || text.startsWith('#')) {
        return [];
      }
      const name = text.split('=', 1)[0] ?? '';
      if (name === '' || /\s/.test(name)) {
        throw new CliError(`${path}:${index + 1}: variable '${name}' contains whitespaces or has no name`);
      }
      return [text];
    });
}
