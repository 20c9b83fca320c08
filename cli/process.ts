// The command as a process: its real streams, clock and signals, behind the interfaces that commands know.
import { type Context, once } from './context.ts';
import { Client } from './client/client.ts';
import type { Endpoint } from './client/host.ts';
import { EXIT_INTERRUPTED } from './errors.ts';
import { run } from './run.ts';

export function runProcess(words: readonly string[]): Promise<number> {
  // `skein service logs | head`: the reader has gone, which is no failure worth a stack trace.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return run(words, {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    context: (endpoint) => processContext(endpoint),
  });
}

function processContext(endpoint: Endpoint): Context {
  return {
    // Opened by the commands that read it: an open stdin would keep the process alive.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    api: new Client(endpoint),
    now: () => Date.now(),
    sleep,
    interrupt: { signal: once(interruptSignal) },
  };
}

/** The first Ctrl-C tells the command to end in good order, the second ends it. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort();
    process.once('SIGINT', () => process.exit(EXIT_INTERRUPTED));
  });
  return controller.signal;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
