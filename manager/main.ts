// Entry point of the manager process: one line of configuration on standard input, one line of report on
// standard output, an end when the input closes.
import { createInterface } from 'node:readline';
import { systemClock } from '../shared/clock.ts';
import { errorMessage, SkeinError } from '../shared/errors.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import type { ManagerConfig, ManagerReport } from '../shared/protocol/manager_process.ts';
import { systemRandom } from '../shared/random.ts';
import { emptyCoreDumps } from './core_dump.ts';
import { Manager } from './manager.ts';

/** A stop that takes longer than this is cut: the log on disk is safe at any moment. */
const STOP_TIMEOUT_MS = 8_000;
/** After a failure of the disk: long enough to answer those who wait, with the reason. */
const FAILED_STOP_TIMEOUT_MS = 2_000;

function report(line: ManagerReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function end(
  log: Logger,
  manager: Manager,
  how: { readonly timeoutMs: number; readonly code: number },
): void {
  const timer = setTimeout(() => process.exit(1), how.timeoutMs);
  timer.unref();
  manager
    .stop()
    .catch((error: unknown) => log.error({ error: errorMessage(error) }, 'the manager did not stop cleanly'))
    .finally(() => process.exit(how.code));
}

function codeOf(error: unknown): string {
  return error instanceof SkeinError ? error.code : 'manager-failed';
}

async function run(config: ManagerConfig, input: ReturnType<typeof createInterface>): Promise<void> {
  const log = createLogger(config.logLevel, { process: 'manager' });
  const manager = new Manager(
    {
      clock: systemClock,
      random: systemRandom,
      log,
      onLock: (lockKey) => report({ event: 'lock', lockKey: Buffer.from(lockKey).toString('base64') }),
      onFatal: (error) => {
        log.error(
          { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'the manager cannot go on',
        );
        report({ event: 'ended', code: codeOf(error), message: errorMessage(error) });
        if (!(error instanceof SkeinError)) {
          // An invariant broke: nothing more may happen.
          process.exit(1);
        }
        end(log, manager, { timeoutMs: FAILED_STOP_TIMEOUT_MS, code: 1 });
      },
    },
    config,
  );
  // The daemon's end is this process' end.
  input.once('close', () => end(log, manager, { timeoutMs: STOP_TIMEOUT_MS, code: 0 }));
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
      code: codeOf(error),
      message: errorMessage(error),
    });
    end(log, manager, { timeoutMs: STOP_TIMEOUT_MS, code: 0 });
  }
}

emptyCoreDumps();
const input = createInterface({ input: process.stdin });
input.once('line', (line) => {
  const config: ManagerConfig = JSON.parse(line);
  void run(config, input);
});
