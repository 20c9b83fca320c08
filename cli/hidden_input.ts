// Secrets that somebody types: asked for on a terminal without showing them, else read from stdin; never taken from
// arguments or the environment, which other users of the machine could read.
import { readAll } from './client/client.ts';
import type { Context, Input } from './context.ts';
import { CliError, EXIT_INTERRUPTED } from './errors.ts';

/** Longer than any passphrase or key. */
const LIMIT_BYTES = 64 * 1024;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ERASE_LINE = '\u0015';
const BACKSPACES = new Set(['\b', '\u007f']);

/** The first line, asked for by `prompt` where there is a terminal. May be empty. @throws CliError at Ctrl-C */
export async function readHidden(
  { stdin, stderr }: Pick<Context, 'stdin' | 'stderr'>,
  prompt: string,
): Promise<string> {
  if (stdin.isTTY === true && stdin.setRawMode !== undefined) {
    stderr.write(prompt);
    return await typed(stdin);
  }
  const [line = ''] = (await readAll(stdin, LIMIT_BYTES)).split(/\r?\n/);
  return line;

  async function typed(terminal: Input): Promise<string> {
    // In raw mode the terminal shows nothing and sends every key.
    terminal.setRawMode?.(true);
    try {
      return await readLine(terminal);
    } finally {
      terminal.setRawMode?.(false);
      terminal.pause();
      stderr.write('\n');
    }
  }
}

/** Resolves at Enter or the end; keys that edit are obeyed. */
function readLine(terminal: Input): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = '';
    const settle = (finish: () => void) => {
      terminal.off('data', onData);
      terminal.off('end', onEnd);
      finish();
    };
    const onEnd = () => settle(() => resolve(line));
    const onData = (chunk: Buffer | string) => {
      for (const key of chunk.toString()) {
        if (key === '\r' || key === '\n' || key === CTRL_D) {
          onEnd();
          return;
        }
        if (key === CTRL_C) {
          settle(() => reject(new CliError('interrupted', { exitCode: EXIT_INTERRUPTED })));
          return;
        }
        line = edited(line, key);
      }
    };
    terminal.on('data', onData);
    terminal.on('end', onEnd);
    terminal.resume();
  });
}

function edited(line: string, key: string): string {
  if (BACKSPACES.has(key)) {
    return [...line].slice(0, -1).join('');
  }
  return key === ERASE_LINE ? '' : line + key;
}
