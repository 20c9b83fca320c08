// What a leader knows of one follower's log and how it may send to it now: probe (one message at a time
// until the match point is known), replicate (optimistic, within a window), or snapshot (nothing).
import { Inflights } from './inflights.ts';
import type { CoreOptions } from './types.ts';

export type ProgressState = 'probe' | 'replicate' | 'snapshot';

export class Progress {
  state: ProgressState = 'probe';
  /** The follower's log equals the leader's up to here, durably. */
  match = 0;
  /** The next entry to send. */
  next: number;
  /** Snapshot state: the index that was sent. */
  pendingSnapshot = 0;
  /** Probe: one message is out; wait for its answer or the next heartbeat's. Replicate: the window was full. */
  paused = false;
  /** Heard from since the last quorum check. */
  active = false;
  /** The newest read sequence its heartbeat answers confirm. */
  readSequence = 0;
  /** The highest commit index that was sent to it. */
  sentCommit = 0;
  readonly inflights: Inflights;

  constructor(next: number, options: CoreOptions) {
    this.next = next;
    this.inflights = new Inflights(options.maxInflightMessages, options.maxInflightBytes);
  }

  mayNotSend(): boolean {
    switch (this.state) {
      case 'probe':
        return this.paused;
      case 'replicate':
        return this.paused || this.inflights.full();
      case 'snapshot':
        return true;
    }
  }

  becomeProbe(): void {
    if (this.state === 'snapshot') {
      const pending = this.pendingSnapshot;
      this.enter('probe');
      this.next = Math.max(this.match + 1, pending + 1);
    } else {
      this.enter('probe');
      this.next = this.match + 1;
    }
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
  }

  becomeReplicate(): void {
    this.enter('replicate');
    this.next = this.match + 1;
  }

  becomeSnapshot(index: number): void {
    this.enter('snapshot');
    this.pendingSnapshot = index;
    this.next = index + 1;
  }

  /** Entries up to `lastIndex` were sent. */
  sent(count: number, lastIndex: number, bytes: number): void {
    if (count > 0 && this.state === 'replicate') {
      this.next = lastIndex + 1;
      this.inflights.add(lastIndex, bytes);
      this.paused = this.inflights.full();
    } else if (this.state === 'probe') {
      this.paused = true;
    }
  }

  /** The follower acknowledged `index`; false when that is old news. */
  acknowledge(index: number): boolean {
    this.next = Math.max(this.next, index + 1);
    if (index <= this.match) {
      return false;
    }
    this.match = index;
    this.paused = false;
    return true;
  }

  /** The follower refused an append after `prevIndex`; false when the refusal is stale. */
  reject(prevIndex: number, hintIndex: number): boolean {
    if (this.state === 'replicate') {
      if (prevIndex <= this.match) {
        return false;
      }
      this.next = this.match + 1;
      this.sentCommit = Math.min(this.sentCommit, this.match);
      return true;
    }
    if (this.next - 1 !== prevIndex) {
      return false;
    }
    this.next = Math.max(Math.min(prevIndex, hintIndex + 1), this.match + 1);
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
    this.paused = false;
    return true;
  }

  private enter(state: ProgressState): void {
    this.state = state;
    this.paused = false;
    this.pendingSnapshot = 0;
    this.inflights.reset();
  }
}
