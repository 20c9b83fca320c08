// The archive a command reads: a named file, or stdin when it is no terminal.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { CliError, messageOf, UsageError } from '../errors.ts';

export async function openArchive(
  { stdin }: Pick<Context, 'stdin'>,
  path: string | undefined,
): Promise<NodeJS.ReadableStream> {
  if (path === undefined || path === '-') {
    if (stdin.isTTY === true) {
      throw new UsageError(
        'requested load from stdin, but stdin is a terminal: name a file, or redirect one',
      );
    }
    return stdin;
  }
  try {
    if ((await stat(path)).isDirectory()) {
      throw new CliError(`${path} is a directory: an archive is needed`);
    }
  } catch (error) {
    throw error instanceof CliError
      ? error
      : new CliError(`open ${path}: ${messageOf(error)}`, { cause: error });
  }
  return createReadStream(path);
}
