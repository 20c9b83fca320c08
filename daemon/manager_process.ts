// Starts, watches and ends the manager as a process of its own, so that no container work delays a Raft
// heartbeat. It knows the process and its one line of configuration, nothing of what a manager does.
import { spawn, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Clock } from '../shared/clock.ts';
import { errorMessage, SkeinError } from '../shared/errors.ts';
import type { Logger } from '../shared/log.ts';
import {
  MANAGER_NODE_ARGUMENTS,
  type ManagerConfig,
  type ManagerReport,
} from '../shared/protocol/manager_process.ts';

export interface ManagerProcessDependencies {
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ManagerProcessOptions {
  /** The manager's entry point. */
  readonly entry: string;
  /** Told when a manager that was ready ended without being asked, and why; the owner decides what follows. */
  readonly onCrash: (reason: string) => void;
  /** Told when the manager made a lock key: the certificate's key is to be sealed with it. */
  readonly onLock: (lockKey: Uint8Array) => void;
}

/** A joining manager waits for the leader, its probe and a first snapshot; somebody waits at a prompt for it. */
const READY_TIMEOUT_MS = 60_000;
/** One that was a manager before reads its log, however slow the machine: ended half-way, it would never get through. */
const RESTART_TIMEOUT_MS = 15 * 60_000;
/** Handing leadership over and closing the log take well under this; then it is killed. */
const STOP_TIMEOUT_MS = 10_000;
/** Three times the share of an ordinary process where they compete. */
const MANAGER_NICENESS = -5;

type FirstReport = Exclude<ManagerReport, { event: 'lock' }>;

export class ManagerProcess {
  private readonly dependencies: ManagerProcessDependencies;
  private readonly options: ManagerProcessOptions;
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(dependencies: ManagerProcessDependencies, options: ManagerProcessOptions) {
    this.dependencies = dependencies;
    this.options = options;
  }

  get running(): boolean {
    return this.child !== undefined;
  }

  /** Resolves with the node's id once the manager serves. @throws SkeinError with the manager's own code */
  async start(config: ManagerConfig): Promise<string> {
    this.stopping = false;
    const child = spawn(process.execPath, [...MANAGER_NODE_ARGUMENTS, this.options.entry], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: '/',
    });
    this.child = child;
    prefer(child.pid);
    let ready = false;
    let reason = '';
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.child = undefined;
        resolve();
        if (ready && !this.stopping) {
          this.options.onCrash(reason || `the manager ended (${signal ?? `exit code ${code}`})`);
        }
      });
    });
    // A write to a child that has just died is told by its exit, not here.
    child.stdin?.on('error', (error) =>
      this.dependencies.log.debug({ error: error.message }, 'manager input closed'),
    );
    child.stdin?.write(`${JSON.stringify(config)}\n`);
    const limitMs = config.start.kind === 'restart' ? RESTART_TIMEOUT_MS : READY_TIMEOUT_MS;
    const report = await this.firstReport(child, limitMs, (last) => {
      reason = last;
    });
    if (report.event === 'failed') {
      await this.stop();
      throw new SkeinError('unavailable', report.code, report.message, { retryable: false });
    }
    if (report.event === 'ended') {
      await this.stop();
      throw new SkeinError('unavailable', report.code, report.message);
    }
    ready = true;
    return report.nodeId;
  }

  /** Ends the manager: by the end of its input, by force when that takes too long. */
  async stop(): Promise<void> {
    const child = this.child;
    this.stopping = true;
    if (child === undefined) {
      return;
    }
    child.stdin?.end();
    const timer = this.dependencies.clock.after(STOP_TIMEOUT_MS, () => {
      this.dependencies.log.error({ pid: child.pid }, 'the manager does not end; killing it');
      child.kill('SIGKILL');
    });
    await this.ended;
    timer.cancel();
  }

  private firstReport(
    child: ChildProcess,
    limitMs: number,
    onLastWord: (reason: string) => void,
  ): Promise<FirstReport> {
    return new Promise((resolve) => {
      const fail = (message: string) => resolve({ event: 'failed', code: 'manager-failed', message });
      const timer = this.dependencies.clock.after(limitMs, () =>
        fail(`the manager was not ready within ${limitMs / 1000} s: see the daemon's log`),
      );
      child.once('error', (error) => fail(`cannot start the manager: ${error.message}`));
      child.once('exit', (code, signal) =>
        fail(`the manager ended (${signal ?? `exit code ${code}`}): see the daemon's log`),
      );
      if (child.stdout === null) {
        fail('the manager has no output');
        return;
      }
      createInterface({ input: child.stdout }).on('line', (line) => {
        try {
          const report: ManagerReport = JSON.parse(line);
          if (report.event === 'lock') {
            this.options.onLock(Buffer.from(report.lockKey, 'base64'));
            return;
          }
          if (report.event === 'ended') {
            onLastWord(report.message);
          }
          // Of a promise only the first settling counts.
          timer.cancel();
          resolve(report);
        } catch (error) {
          fail(`the manager said something unreadable: ${errorMessage(error)}`);
        }
      });
    });
  }
}

/**
 * Heartbeats and elections go before what the node's containers compute. Where the host does not allow it the manager
 * competes like any process.
 */
function prefer(pid: number | undefined): void {
  try {
    if (pid !== undefined) {
      setPriority(pid, MANAGER_NICENESS);
    }
  } catch (error) {
    // ESRCH: it ended already, which its exit tells.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!['EACCES', 'EPERM', 'ESRCH'].includes(code)) {
      throw error;
    }
  }
}
