// The agent's side of service logs: hears from the broker which tasks' lines someone wants, reads them from
// the containers' log files and sends them in batches. A slow reader slows the reading; nothing is queued.
import { ChildAbort } from '../../shared/child_abort.ts';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Task } from '../../shared/model/task.ts';
import type {
  LogMessage,
  LogOptions,
  LogPublish,
  LogSelector,
  LogService,
  LogSubscription,
} from '../../shared/protocol/logs.ts';
import type { LogLine } from '../runtime/cri_log.ts';
import { readLog } from '../runtime/log_reader.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { LogSource } from './agent.ts';
import { LogMerge } from './log_merge.ts';
import type { TaskManager } from './task_manager.ts';

/** A batch goes when it is this large, or when no further line is at hand. */
const BATCH_MESSAGES = 256;
const BATCH_BYTES = 256 * 1024;
/** Subscriptions served at once; one more is answered with an error. */
const SUBSCRIPTIONS_MAX = 100;
/** Pause before listening again after the stream of subscriptions broke, while the session lives. */
const LISTEN_RETRY_MS = 1_000;

type Opening = Extract<LogSubscription, { action: 'open' }>;

export interface LogPublisherDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tasks: TaskManager;
  readonly runtime: ContainerRuntime;
}

export class LogPublisher implements LogSource {
  private readonly on: LogPublisherDependencies;
  private readonly nodeId: Id;

  constructor(dependencies: LogPublisherDependencies, options: { readonly nodeId: Id }) {
    this.on = dependencies;
    this.nodeId = options.nodeId;
  }

  async serve(service: LogService, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const over = new ChildAbort(signal);
      try {
        await this.listen(service, over.signal);
      } catch (error) {
        if (!signal.aborted) {
          // A change of leader ends every stream; that is nothing to look into.
          const level = error instanceof SkeinError && error.kind === 'unavailable' ? 'info' : 'warn';
          this.on.logger[level]({ error: errorMessage(error) }, 'the stream of log subscriptions broke');
        }
      } finally {
        over.abort();
      }
      await this.on.clock.sleep(LISTEN_RETRY_MS, signal).catch(() => undefined);
    }
  }

  private async listen(service: LogService, signal: AbortSignal): Promise<void> {
    const open = new Map<Id, ChildAbort>();
    for await (const subscription of service.listen({ peer: { kind: 'local' }, signal })) {
      if (subscription.action === 'close') {
        open.get(subscription.id)?.abort();
        open.delete(subscription.id);
        continue;
      }
      const abort = new ChildAbort(signal);
      const refused = open.size >= SUBSCRIPTIONS_MAX;
      open.set(subscription.id, abort);
      this.publish(service, subscription, refused, abort.signal)
        .catch((error: unknown) => {
          if (!signal.aborted && !abort.signal.aborted) {
            this.on.logger.warn({ error: errorMessage(error) }, 'sending log lines failed');
          }
        })
        .finally(() => {
          abort.release();
          open.delete(subscription.id);
        });
    }
  }

  private publish(
    service: LogService,
    subscription: Opening,
    refused: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const messages = refused
      ? refusal(subscription.id)
      : this.batches(subscription.id, subscription.selector, subscription.options, signal);
    return service.publish(messages, { peer: { kind: 'local' }, signal });
  }

  private async *batches(
    id: Id,
    selector: LogSelector,
    options: LogOptions,
    signal: AbortSignal,
  ): AsyncGenerator<LogPublish, void, undefined> {
    yield { kind: 'open', subscriptionId: id };
    try {
      const chosen = this.on.tasks.list().filter((task) => matches(task, selector, this.nodeId));
      const merge = new LogMerge(BATCH_MESSAGES, BATCH_BYTES);
      for (const task of chosen) {
        merge.add(this.lines(task, options, signal));
      }
      const unsubscribe = options.follow ? this.followNewTasks(selector, options, merge, signal) : undefined;
      try {
        for await (const messages of merge.batches(options.follow, signal)) {
          yield { kind: 'messages', messages };
        }
      } finally {
        unsubscribe?.();
      }
      yield { kind: 'done', error: '' };
    } catch (error) {
      yield { kind: 'done', error: errorMessage(error) };
    }
  }

  /** Tasks that start later belong to the subscription too. */
  private followNewTasks(
    selector: LogSelector,
    options: LogOptions,
    merge: LogMerge,
    signal: AbortSignal,
  ): () => void {
    const seen = new Set(this.on.tasks.list().map((task) => task.id));
    return this.on.tasks.onStatus(({ taskId, status }) => {
      const task = this.on.tasks.get(taskId);
      if (status.state === 'starting' && task !== undefined && !seen.has(taskId)) {
        seen.add(taskId);
        if (matches(task, selector, this.nodeId)) {
          merge.add(this.lines(task, { ...options, tail: -1 }, signal));
        }
      }
    });
  }

  private async *lines(
    task: Task,
    options: LogOptions,
    signal: AbortSignal,
  ): AsyncGenerator<LogMessage, void, undefined> {
    const files = this.on.runtime.logFiles(task.id);
    if (files === undefined) {
      return;
    }
    const over = new ChildAbort(signal);
    const ended = this.on.runtime.wait(task.id, over.signal);
    ended.catch(() => undefined);
    try {
      for await (const line of readLog(files, options, ended, signal)) {
        yield this.message(task, line);
      }
    } finally {
      over.abort();
    }
  }

  private message(task: Task, line: LogLine): LogMessage {
    return { nodeId: this.nodeId, serviceId: task.serviceId, taskId: task.id, ...line };
  }
}

/** Any of the named services, tasks or nodes. */
function matches(task: Task, selector: LogSelector, nodeId: Id): boolean {
  return (
    selector.taskIds.includes(task.id) ||
    selector.serviceIds.includes(task.serviceId) ||
    selector.nodeIds.includes(nodeId)
  );
}

async function* refusal(subscriptionId: Id): AsyncGenerator<LogPublish, void, undefined> {
  yield { kind: 'open', subscriptionId };
  yield { kind: 'done', error: `this node serves ${SUBSCRIPTIONS_MAX} log readers already; end some` };
}
