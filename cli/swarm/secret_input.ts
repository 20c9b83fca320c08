// The passphrase or unlock key of a backup: from a file, or from stdin; never from an argument, which every user of
// the machine could read.
import { readFile } from 'node:fs/promises';
import { readAll } from '../client/client.ts';
import type { Context } from '../context.ts';
import { CliError, messageOf } from '../errors.ts';

/** Longer than any passphrase. */
const LIMIT_BYTES = 64 * 1024;

/** The first line of the file, or of stdin when no file is named. @throws CliError when it is empty */
export async function readSecret(
  { stdin, stderr }: Pick<Context, 'stdin' | 'stderr'>,
  path: string | undefined,
  what: string,
): Promise<string> {
  const text = path === undefined ? await fromStdin(stdin, stderr, what) : await fromFile(path);
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') {
    throw new CliError(`no ${what}: name a file that holds it, or pass it on stdin`);
  }
  return line;
}

function fromStdin(stdin: Context['stdin'], stderr: Context['stderr'], what: string): Promise<string> {
  if (stdin.isTTY === true) {
    stderr.write(`Please enter the ${what} (it is shown), then end with Ctrl-D:\n`);
  }
  return readAll(stdin, LIMIT_BYTES);
}

async function fromFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError(`open ${path}: ${messageOf(error)}`, { cause: error });
  }
}
