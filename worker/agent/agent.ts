// The node's side of the cluster: finds the leader, keeps a session with it, and passes assignments to the
// task manager and views to the network plane. Without a leader nothing on the node changes.
import { ChildAbort } from '../../shared/child_abort.ts';
import type { Clock } from '../../shared/clock.ts';
import { SkeinError, errorMessage } from '../../shared/errors.ts';
import type { Startable } from '../../shared/lifecycle.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { NodeEncryption } from '../../shared/model/network_keys.ts';
import type { NodeDescription } from '../../shared/model/node.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import type { DispatcherService, ManagerPeer } from '../../shared/protocol/dispatcher.ts';
import type { LogService } from '../../shared/protocol/logs.ts';
import type { Random } from '../../shared/random.ts';
import type { AttachmentClaims } from '../attachment/api.ts';
import type { NetworkPlane } from '../network/api.ts';
import {
  type AssignmentDelta,
  type AssignmentSet,
  type AssignmentsMessage,
  EMPTY_SET,
  applyAssignments,
} from './assignment_set.ts';
import { retryDelay } from './backoff.ts';
import { ManagerBook } from './manager_book.ts';
import { DispatcherSession, type SessionMessage } from './session.ts';
import { StatusQueue } from './status_queue.ts';
import type { TaskManager } from './task_manager.ts';

/** How long a leaving node waits for the leader to take its farewell; without it the leader finds out by silence. */
const LEAVE_MS = 2_000;

/** A leaving node's tasks are moved within this long, as a drain does it, or end with the node. */
const HAND_OVER_MS = 30_000;

/** Clients of the manager at `host:port`, over this node's certificate. Connections are the dialer's to keep. */
export interface ManagerDialer {
  dispatcher(address: string): DispatcherService;
  logs(address: string): LogService;
}

/** Serves the log subscriptions of one manager until aborted (log_publisher.ts). */
export interface LogSource {
  serve(service: LogService, signal: AbortSignal): Promise<void>;
}

export interface AgentDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly dialer: ManagerDialer;
  readonly tasks: Pick<TaskManager, 'apply' | 'drained' | 'statuses' | 'onStatus'>;
  readonly network: Pick<
    NetworkPlane,
    'setView' | 'removeView' | 'retainViews' | 'onApplied' | 'onEncryption' | 'setIdentity'
  >;
  readonly logs: LogSource;
  /** Of containers that are no tasks. */
  readonly attachments: AttachmentClaims;
}

export interface AgentOptions {
  readonly nodeId: Id;
  /** Where to begin: the managers as last told, or the address used to join. Keeping them is the node's business. */
  readonly managers: readonly ManagerPeer[];
  readonly description: NodeDescription;
  readonly address: string;
  readonly vtepAddress: string;
}

export type AgentConnection =
  | { readonly state: 'disconnected'; readonly error: string }
  | { readonly state: 'connected'; readonly managerAddress: string; readonly sessionId: string };

export class Agent implements Startable {
  private readonly on: AgentDependencies;
  private readonly options: AgentOptions;
  private readonly statuses = new StatusQueue();
  private readonly applied = new Map<Id, number>();
  private encryption: NodeEncryption | undefined;
  private readonly sessionListeners = new Set<(message: SessionMessage) => void>();
  private description: NodeDescription;
  private readonly book: ManagerBook;
  private assignments: AssignmentSet = EMPTY_SET;
  private current: DispatcherSession | undefined;
  private state: AgentConnection = { state: 'disconnected', error: 'not started' };
  private abort = new AbortController();
  private done: Promise<void> = Promise.resolve();
  private leaving = false;
  private handingOver = false;
  private readonly unsubscribe: (() => void)[] = [];
  private flushing = false;

  constructor(dependencies: AgentDependencies, options: AgentOptions) {
    this.on = dependencies;
    this.options = options;
    this.description = options.description;
    this.book = new ManagerBook(options.managers);
  }

  async start(): Promise<void> {
    const { tasks, network } = this.on;
    for (const update of tasks.statuses()) {
      this.statuses.add(update);
    }
    this.unsubscribe.push(
      tasks.onStatus((update) => {
        this.statuses.add(update);
        this.flush();
      }),
      network.onApplied((networkId, version) => {
        this.applied.set(networkId, version);
        this.current?.send({ kind: 'views-applied', views: [{ networkId, version }] });
      }),
      network.onEncryption((encryption) => {
        this.encryption = encryption;
        this.current?.send({ kind: 'encryption', encryption });
      }),
    );
    this.on.attachments.enter();
    this.abort = new AbortController();
    this.done = this.run(this.abort.signal);
  }

  /** Ends the session; tasks run on. */
  async stop(): Promise<void> {
    this.abort.abort(new SkeinError('unavailable', 'agent-stopped', 'the agent was stopped'));
    for (const stop of this.unsubscribe.splice(0)) {
      stop();
    }
    await this.done;
    this.on.attachments.exit();
  }

  /**
   * Asks the managers to move this node's tasks, and waits until none of them runs: their connections end as in
   * a drain. Without a session, or after HAND_OVER_MS, what still runs ends with the node.
   */
  async handOver(): Promise<void> {
    const { tasks, clock } = this.on;
    const runs = (): boolean => tasks.statuses().some(({ status }) => !isTerminal(status.state));
    if (this.current === undefined || this.state.state !== 'connected' || !runs()) {
      return;
    }
    this.handingOver = true;
    this.current.send({ kind: 'leaving' });
    const late = new AbortController();
    let stop: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      stop = tasks.onStatus(() => {
        if (!runs()) {
          resolve();
        }
      });
    });
    await Promise.race([over, clock.sleep(HAND_OVER_MS, late.signal).catch(() => undefined)]);
    late.abort();
    stop();
  }

  /**
   * Ends the session for good, with a farewell: the leader counts this node as gone at once instead of waiting
   * for a daemon that restarts. Without a session, or within LEAVE_MS, it just stops.
   */
  async leave(): Promise<void> {
    this.leaving = true;
    this.on.attachments.leave();
    this.current?.finish();
    const late = new AbortController();
    await Promise.race([this.done, this.on.clock.sleep(LEAVE_MS, late.signal).catch(() => undefined)]);
    late.abort();
    await this.stop();
  }

  connection(): AgentConnection {
    return this.state;
  }

  /** Managers as last told, for the API's `/info`. */
  knownManagers(): readonly ManagerPeer[] {
    return this.book.managers;
  }

  /** Told at session start and at every change of role, managers, availability or root certificate. */
  onSession(listener: (message: SessionMessage) => void): () => void {
    this.sessionListeners.add(listener);
    return () => this.sessionListeners.delete(listener);
  }

  /** The host changed (resources, labels, root certificate). */
  describe(description: NodeDescription): void {
    this.description = description;
    this.current?.send({ kind: 'describe', description });
  }

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted && !this.leaving) {
      const address = this.book.next();
      try {
        if (address === undefined) {
          throw new SkeinError('unavailable', 'no-managers', 'no manager of the cluster is known');
        }
        await this.runSession(address, signal);
      } catch (error) {
        if (signal.aborted || this.leaving) {
          break;
        }
        failures = this.state.state === 'connected' ? 1 : failures + 1;
        this.state = { state: 'disconnected', error: errorMessage(error) };
        this.on.logger.info({ manager: address, error: errorMessage(error), failures }, 'no session');
        this.book.failed(address, error);
        await this.on.clock.sleep(retryDelay(failures, this.on.random), signal).catch(() => undefined);
      }
    }
    this.state = { state: 'disconnected', error: 'stopped' };
  }

  private async runSession(address: string, signal: AbortSignal): Promise<void> {
    const over = new ChildAbort(signal);
    const session = new DispatcherSession(this.on, {
      onRegistered: (sessionId) => {
        this.state = { state: 'connected', managerAddress: address, sessionId };
        this.on.logger.info({ manager: address, session: sessionId }, 'session with the leader');
        this.current = session;
        this.assignments = { ...this.assignments, sequence: -1 };
        this.statuses.reset();
        this.sendApplied();
        if (this.encryption !== undefined) {
          session.send({ kind: 'encryption', encryption: this.encryption });
        }
        this.flush();
        if (this.handingOver) {
          // The leader of before may not have got to it.
          session.send({ kind: 'leaving' });
        }
        this.on.attachments.opened((message) => session.send(message));
        this.serveLogs(address, over.signal);
      },
      onSession: (message) => this.noteSession(message),
      onAssignments: (message) => this.applyMessage(message),
      onDrained: (taskIds) => this.on.tasks.drained(taskIds),
      onRefused: (refusals) => this.on.attachments.refused(refusals),
      onStatusAck: (sequence) => {
        this.statuses.acknowledge(sequence);
        this.flush();
      },
    });
    try {
      await session.run(
        this.on.dialer.dispatcher(address),
        {
          description: this.description,
          address: this.options.address,
          vtepAddress: this.options.vtepAddress,
        },
        signal,
      );
    } finally {
      this.current = undefined;
      this.on.attachments.closed();
      over.abort();
    }
  }

  private noteSession(message: SessionMessage): void {
    this.book.tell(message.managers);
    this.on.network.setIdentity({
      nodeId: this.options.nodeId,
      overlayIndex: message.overlayIndex,
      vtepAddress: this.options.vtepAddress,
      dataPathPort: message.dataPathPort,
    });
    for (const listener of this.sessionListeners) {
      listener(message);
    }
  }

  private applyMessage(message: AssignmentsMessage): boolean {
    const delta = applyAssignments(this.assignments, message);
    if (delta === 'gap') {
      this.on.logger.warn(
        { base: message.base, have: this.assignments.sequence },
        'a gap in the assignments',
      );
      return false;
    }
    this.assignments = delta.set;
    // Views first: a task's attachment waits for them.
    for (const view of delta.updatedViews) {
      this.on.network.setView(view);
    }
    const isOurs = (task: Task): boolean => task.attachment === undefined;
    this.on.tasks.apply(
      { ...delta, updatedTasks: delta.updatedTasks.filter(isOurs) },
      message.mode === 'full',
    );
    this.applyAttachments(delta);
    for (const networkId of delta.removedViews) {
      this.applied.delete(networkId);
      this.on.network.removeView(networkId);
    }
    if (message.mode === 'full') {
      this.on.network.retainViews(new Set(delta.set.views.keys())).catch((error: unknown) => {
        this.on.logger.error(
          { error: errorMessage(error) },
          'networks of an earlier time could not be removed',
        );
      });
    }
    return true;
  }

  private applyAttachments({ set, updatedTasks }: AssignmentDelta): void {
    const { attachments } = this.on;
    for (const update of attachments.assigned(updatedTasks.filter((task) => task.attachment !== undefined))) {
      this.statuses.add(update);
    }
    attachments.unassigned((taskId) => !set.tasks.has(taskId));
    this.flush();
  }

  private sendApplied(): void {
    const views = [...this.applied].map(([networkId, version]) => ({ networkId, version }));
    if (views.length > 0) {
      this.current?.send({ kind: 'views-applied', views });
    }
  }

  /** States of one turn of the event loop ride in one message. */
  private flush(): void {
    if (this.flushing || this.current === undefined) {
      return;
    }
    this.flushing = true;
    queueMicrotask(() => {
      this.flushing = false;
      for (const message of this.current === undefined ? [] : this.statuses.take()) {
        this.current?.send(message);
      }
    });
  }

  private serveLogs(address: string, signal: AbortSignal): void {
    this.on.logs.serve(this.on.dialer.logs(address), signal).catch((error: unknown) => {
      if (!signal.aborted) {
        this.on.logger.warn({ error: errorMessage(error) }, 'log subscriptions ended');
      }
    });
  }
}
