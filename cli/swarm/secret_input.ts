// The passphrase or unlock key of a backup: from a file, typed without being shown, or from stdin.
import { readFile } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { CliError, messageOf } from '../errors.ts';
import { readHidden } from '../hidden_input.ts';

/** @throws CliError when it is empty, or when a passphrase that is typed twice is not the same */
export async function readSecret(
  context: Pick<Context, 'stdin' | 'stderr'>,
  path: string | undefined,
  what: 'passphrase' | 'unlock key',
  options: { readonly isNew: boolean },
): Promise<string> {
  const line =
    path === undefined ? await readHidden(context, `Please enter the ${what}: `) : await firstLine(path);
  if (line === '') {
    throw new CliError(`no ${what}: type it, pass it on stdin, or name a file that holds it`);
  }
  if (path === undefined && options.isNew && context.stdin.isTTY === true) {
    // What nobody sees is mistyped easily, and a backup that nobody can open is none.
    const again = await readHidden(context, `Please enter the ${what} again: `);
    if (again !== line) {
      throw new CliError(`the two are not the same: nothing was done`);
    }
  }
  return line;
}

async function firstLine(path: string): Promise<string> {
  try {
    const [line = ''] = (await readFile(path, 'utf8')).split(/\r?\n/);
    return line;
  } catch (error) {
    throw new CliError(`open ${path}: ${messageOf(error)}`, { cause: error });
  }
}
