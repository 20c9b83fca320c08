// For tests: every method table there is, found in its folder and not listed, so that a new one is looked at too.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface FoundMethod {
  readonly path: string;
  readonly kind: string;
  readonly encodeRequest: (value: never) => Buffer;
  readonly decodeRequest: (bytes: Buffer) => unknown;
  readonly encodeResponse: (value: never) => Buffer;
  readonly decodeResponse: (bytes: Buffer) => unknown;
}

export async function methodsOfAllTables(): Promise<readonly FoundMethod[]> {
  const folder = fileURLToPath(new URL('../../shared/wire/methods', import.meta.url));
  const files = readdirSync(folder).filter((name) => /^\w+\.(ts|js)$/.test(name));
  const found: FoundMethod[] = [];
  for (const file of files) {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(folder, file)).href);
    for (const [name, table] of Object.entries(module)) {
      // `unaryMethods` and `streamMethods` build tables, they are none.
      if (name.endsWith('Methods') && typeof table === 'object' && table !== null) {
        found.push(...Object.values(table as Record<string, FoundMethod>));
      }
    }
  }
  return found;
}
