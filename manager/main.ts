// Entry point of the manager process: one line of configuration on standard input, one line of report on
// standard output, an end when the input closes.
import { createInterface } from 'node:readline';
import { systemClock } from '../shared/clock.ts';
import { errorMessage, SkeinError } from '../shared/errors.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import type { ManagerConfig, ManagerReport } from '../shared/protocol/manager_process.ts';
import { systemRandom } from '../shared/random.ts';
import { Manager } from './manager.ts';

/** A stop that takes longer than this is cut: the log on disk is safe at any moment. */
const STOP_TIMEOUT_MS = 8_000;

function report(line: ManagerReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function end(log: Logger, manager: Manager): void {
  const timer = setTimeout(() => process.exit(1), STOP_TIMEOUT_MS);
  timer.unref();
  manager
    .stop()
    .catch((error: unknown) => log.error({ error: errorMessage(error) }, 'the manager did not stop cleanly'))
    .finally(() => process.exit(0));
}

async function run(config: ManagerConfig, input: ReturnType<typeof createInterface>): Promise<void> {
  const log = createLogger(config.logLevel, { process: 'manager' });
  const manager = new Manager(
    {
      clock: systemClock,
      random: systemRandom,
      log,
      onFatal: (error) => {
        log.error(
          { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'the manager cannot go on',
        );
        process.exit(1);
      },
    },
    config,
  );
  // The daemon's end is this process' end.
  input.once('close', () => end(log, manager));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // The daemon decides when its manager stops: a signal to the whole group must not race it.
    process.on(signal, () => undefined);
  }
  try {
    await manager.start();
    report({ event: 'ready', nodeId: manager.nodeId });
  } catch (error) {
    log.error(
      { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      'the manager cannot start',
    );
    report({
      event: 'failed',
      code: error instanceof SkeinError ? error.code : 'manager-failed',
      message: errorMessage(error),
    });
    end(log, manager);
  }
}

const input = createInterface({ input: process.stdin });
input.once('line', (line) => {
  const config: ManagerConfig = JSON.parse(line);
  void run(config, input);
});
