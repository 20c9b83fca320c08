// The scheduler's picture of all nodes, kept up to date task by task from the store's changes, so that a
// placement never has to walk all tasks.
import type { Id } from '../../shared/model/meta.ts';
import type { Node } from '../../shared/model/node.ts';
import { isTerminal, type Task, taskStateRank } from '../../shared/model/task.ts';
import type { Random } from '../../shared/random.ts';
import type { ReadView } from '../store/api.ts';
import { FAILURE_MEMORY_MS, NodeEntry } from './node_entry.ts';

const ASSIGNED = taskStateRank('assigned');
const RUNNING = taskStateRank('running');

export class Ledger {
  private readonly entries = new Map<Id, NodeEntry>();
  private readonly random: Random;
  private freedCount = 0;

  constructor(random: Random) {
    this.random = random;
  }

  /** Grows whenever a task that fitted nowhere might fit now: a node changed or something became free. */
  get epoch(): number {
    return this.freedCount;
  }

  nodes(): Iterable<NodeEntry> {
    return this.entries.values();
  }

  get(nodeId: Id): NodeEntry | undefined {
    return this.entries.get(nodeId);
  }

  /** Starts anew from the whole store. */
  rebuild(view: ReadView, now: number): void {
    this.entries.clear();
    for (const node of view.all('node')) {
      this.putNode(node);
    }
    for (const task of view.all('task')) {
      this.noteTask(task, now);
    }
  }

  putNode(node: Node): void {
    const entry = this.entries.get(node.id);
    if (entry === undefined) {
      this.entries.set(node.id, new NodeEntry(node, this.random.next()));
    } else {
      entry.node = node;
    }
    this.freedCount += 1;
  }

  removeNode(nodeId: Id): void {
    this.entries.delete(nodeId);
    this.freedCount += 1;
  }

  /** Takes a task as the store has it now. */
  noteTask(task: Task, now: number): void {
    const entry = task.nodeId === '' ? undefined : this.entries.get(task.nodeId);
    // A container's attachment runs nothing: it is no load.
    if (entry === undefined || task.attachment !== undefined) {
      return;
    }
    const { state } = task.status;
    if (isTerminal(state)) {
      this.freedCount += entry.release(task.id) ? 1 : 0;
      if ((state === 'failed' || state === 'rejected') && now - task.status.timestamp <= FAILURE_MEMORY_MS) {
        entry.recordFailure(task, Math.min(now, task.status.timestamp));
      }
    } else if (taskStateRank(state) >= ASSIGNED) {
      const wanted = taskStateRank(task.desiredState) <= RUNNING;
      entry.book(task, wanted);
      this.freedCount += wanted ? 0 : 1;
    }
  }

  /** The task object is gone from the store. */
  forgetTask(task: Task): void {
    const entry = task.nodeId === '' ? undefined : this.entries.get(task.nodeId);
    this.freedCount += entry?.release(task.id) === true ? 1 : 0;
  }
}
