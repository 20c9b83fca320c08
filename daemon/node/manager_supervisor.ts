// Keeps the manager process of this node running while it is meant to, and holds the connection to it.
// When it should run is the node's business.
import { rm } from 'node:fs/promises';
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { BackupService } from '../../shared/protocol/backup.ts';
import type { ControlService, ManagerState } from '../../shared/protocol/control.ts';
import type { LogService } from '../../shared/protocol/logs.ts';
import type { ManagerConfig, ManagerStart } from '../../shared/protocol/manager_process.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { RaftMembershipService } from '../../shared/protocol/raft.ts';
import { addressesOf, type NodeState } from './state_file.ts';

export interface ManagerHandle {
  readonly running: boolean;
  start(config: ManagerConfig): Promise<Id>;
  stop(): Promise<void>;
}

/** The services of this node's own manager, over its socket. */
export interface LocalManager {
  readonly control: ControlService;
  readonly logs: LogService;
  readonly backup: BackupService;
  readonly membership: RaftMembershipService;
  getState(context: CallContext): Promise<ManagerState>;
  close(): void;
}

/** What a manager process tells of itself besides being ready. */
export interface ManagerEvents {
  readonly onCrash: (reason: string) => void;
  readonly onLock: (lockKey: Uint8Array) => void;
}

export interface ManagerSupervisorDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly createManager: (events: ManagerEvents) => ManagerHandle;
  readonly connectLocal: (socket: string) => LocalManager;
}

export interface ManagerSupervisorOptions {
  /** Raft's files. */
  readonly directory: string;
  readonly certificates: string;
  readonly socket: string;
  readonly logLevel: ManagerConfig['logLevel'];
  /** What the manager's keys are sealed with at this moment, if with anything. */
  readonly lockKey: () => Uint8Array | undefined;
  readonly onLock: (lockKey: Uint8Array) => void;
}

/** A manager that ended or did not start is tried again after this long, doubling up to the greatest. */
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 30_000;
/** A manager that reads its log for longer than this is not waited for: its node has other work meanwhile. */
const RESUME_WAIT_MS = 20_000;

export class ManagerSupervisor {
  private readonly dependencies: ManagerSupervisorDependencies;
  private readonly options: ManagerSupervisorOptions;
  private readonly manager: ManagerHandle;
  private connection: LocalManager | undefined;
  /** What the running (or to be restarted) manager was started with; undefined while none should run. */
  private wanted: NodeState | undefined;
  private retry: Timer | undefined;
  private retryMs = RETRY_FIRST_MS;
  private failure = '';
  private ready = false;

  constructor(dependencies: ManagerSupervisorDependencies, options: ManagerSupervisorOptions) {
    this.dependencies = dependencies;
    this.options = options;
    this.manager = dependencies.createManager({
      onLock: options.onLock,
      onCrash: (reason) => {
        this.ready = false;
        this.failure = reason;
        dependencies.log.error(
          { error: reason, retryMs: this.retryMs },
          'the manager ended; starting it again',
        );
        this.restartLater();
      },
    });
  }

  /** The way to the manager while it serves; a process that is starting does not yet. */
  get local(): LocalManager | undefined {
    return this.ready ? this.connection : undefined;
  }

  /** Why no manager runs although it should; empty when all is well. */
  get error(): string {
    return this.failure;
  }

  /** @throws SkeinError with the manager's own code when it cannot start; it is not tried again */
  async start(state: NodeState, start: ManagerStart): Promise<Id> {
    const lockKey = this.options.lockKey();
    const nodeId = await this.manager.start({
      directory: this.options.directory,
      certificates: this.options.certificates,
      socket: this.options.socket,
      listenAddress: state.listenAddress,
      advertiseAddress: state.advertiseAddress,
      logLevel: this.options.logLevel,
      ...(lockKey !== undefined && { lockKey: Buffer.from(lockKey).toString('base64') }),
      start,
    });
    this.wanted = state;
    this.connection ??= this.dependencies.connectLocal(this.options.socket);
    this.ready = true;
    this.failure = '';
    this.retryMs = RETRY_FIRST_MS;
    return nodeId;
  }

  /** As `start`, but a failure is noted and tried again until it works or `stop` is called. */
  async startInsistently(state: NodeState, start: ManagerStart): Promise<void> {
    this.wanted = state;
    try {
      await this.start(state, start);
    } catch (error) {
      this.failure = errorMessage(error);
      this.dependencies.log.error(
        { error: this.failure, retryMs: this.retryMs },
        'the manager cannot start; trying again',
      );
      this.restartLater();
    }
  }

  /** As `startInsistently`, of a manager that ran here before; goes on by itself when that takes long. */
  async resume(state: NodeState): Promise<void> {
    const over = new AbortController();
    const start = { kind: 'restart', managers: addressesOf(state) } as const;
    const started = this.startInsistently(state, start).finally(() => over.abort());
    const late = this.dependencies.clock.sleep(RESUME_WAIT_MS, over.signal).then(
      () => {
        this.failure = 'it is still reading its log';
      },
      () => undefined,
    );
    await Promise.race([started, late]);
  }

  async stop(): Promise<void> {
    this.wanted = undefined;
    this.ready = false;
    this.retry?.cancel();
    await this.manager.stop();
    this.connection?.close();
    this.connection = undefined;
    this.failure = '';
  }

  /** Forgets raft's state: this node is no member any more. To be called when stopped. */
  async forget(): Promise<void> {
    await rm(this.options.directory, { recursive: true, force: true });
  }

  private restartLater(): void {
    const delay = this.retryMs;
    this.retryMs = Math.min(this.retryMs * 2, RETRY_LAST_MS);
    this.retry?.cancel();
    this.retry = this.dependencies.clock.after(delay, () => {
      const { wanted } = this;
      if (wanted !== undefined && !this.manager.running) {
        void this.resume(wanted);
      }
    });
  }
}
