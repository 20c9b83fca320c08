// States of tasks on their way to the managers: in order, numbered, kept until acknowledged, sent again in
// the next session. Bounded: of a long queue only each task's newest state stays. Pure but for its own memory.
import type { AgentMessage, StatusUpdate } from '../../shared/protocol/dispatcher.ts';

/** Most updates kept; beyond it only the newest of each task is. A node runs some hundred tasks. */
const PENDING_MAX = 2_000;
/** Most updates in one message, to stay far below gRPC's frame limit. */
const BATCH_MAX = 200;
/** Messages under way without an answer: enough to hide a commit's time, few enough to bound resends. */
const WINDOW = 8;

type StatusMessage = Extract<AgentMessage, { kind: 'status' }>;

export class StatusQueue {
  private pending: StatusUpdate[] = [];
  private inFlight: StatusMessage[] = [];
  private sequence = 0;

  get size(): number {
    return this.pending.length + this.inFlight.reduce((sum, message) => sum + message.updates.length, 0);
  }

  add(update: StatusUpdate): void {
    this.pending.push(update);
    if (this.pending.length > PENDING_MAX) {
      this.pending = newestPerTask(this.pending);
    }
  }

  /** A new session: what was not acknowledged goes again, numbered from 1. */
  reset(): void {
    this.pending = newestPerTask([...this.inFlight.flatMap((message) => message.updates), ...this.pending]);
    this.inFlight = [];
    this.sequence = 0;
  }

  /** The messages to send now. */
  take(): readonly StatusMessage[] {
    const messages: StatusMessage[] = [];
    while (this.pending.length > 0 && this.inFlight.length < WINDOW) {
      this.sequence += 1;
      const message: StatusMessage = {
        kind: 'status',
        sequence: this.sequence,
        updates: this.pending.splice(0, BATCH_MAX),
      };
      this.inFlight.push(message);
      messages.push(message);
    }
    return messages;
  }

  /** All messages up to this number are committed. */
  acknowledge(sequence: number): void {
    this.inFlight = this.inFlight.filter((message) => message.sequence > sequence);
  }
}

/** In the order of each task's last update. */
function newestPerTask(updates: readonly StatusUpdate[]): StatusUpdate[] {
  const newest = new Map<string, StatusUpdate>();
  for (const update of updates) {
    newest.delete(update.taskId);
    newest.set(update.taskId, update);
  }
  return [...newest.values()];
}
