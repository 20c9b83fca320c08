// Entry point of skeind: flags in, a daemon until a signal, exit code 1 with one clear line when it cannot start.
import { errorMessage } from '../shared/errors.ts';
import { createLogger } from '../shared/log.ts';
import { SKEIN_VERSION } from './api/version.ts';
import { Daemon } from './daemon.ts';
import { type DaemonOptions, parseOptions, USAGE } from './options.ts';

/** Handing over leadership, ending the manager and closing the API take a few seconds at most. */
const STOP_TIMEOUT_MS = 25_000;

function fail(error: unknown): never {
  process.stderr.write(`skeind: ${errorMessage(error)}\n`);
  process.exit(1);
}

async function run(options: DaemonOptions): Promise<void> {
  const log = createLogger(options.logLevel, { process: 'skeind' });
  const daemon = new Daemon({ log }, options);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) {
      return;
    }
    stopping = true;
    log.info({ signal }, 'stopping; containers go on');
    const timer = setTimeout(
      () => fail(new Error(`not stopped within ${STOP_TIMEOUT_MS / 1000} s`)),
      STOP_TIMEOUT_MS,
    );
    timer.unref();
    daemon.stop().then(() => process.exit(0), fail);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, stop);
  }
  // A lost terminal or a closed pipe of the log is no reason to end.
  process.on('SIGHUP', () => log.info({}, 'SIGHUP: nothing to read again'));
  process.on('unhandledRejection', (reason) => {
    log.error(
      { error: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason) },
      'an error that nobody handled',
    );
    process.exit(1);
  });
  await daemon.start();
}

function main(): void {
  try {
    const invocation = parseOptions(process.argv.slice(2));
    switch (invocation.kind) {
      case 'help':
        process.stdout.write(USAGE);
        return;
      case 'version':
        process.stdout.write(`skeind version ${SKEIN_VERSION}\n`);
        return;
      case 'run':
        run(invocation.options).catch(fail);
    }
  } catch (error) {
    fail(error);
  }
}

main();
