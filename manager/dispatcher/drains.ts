// Tasks on their way out: each waits until every connected node of its networks has applied a view in which
// it drains; then its node may send the stop signal. Bookkeeping only; who has applied what is asked.
import type { Id } from '../../shared/model/meta.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import { isPlaced } from './endpoint_view.ts';

export interface DrainQuestions {
  /** Version of the network's newest view; undefined when there is none to wait for. */
  readonly versionOf: (networkId: Id) => number | undefined;
  /** Lowest version applied by the connected nodes of the network; Infinity without any. */
  readonly lowestApplied: (networkId: Id) => number;
}

interface Drain {
  readonly nodeId: Id;
  /** Networks still waited for, and the version that has the task draining (undefined: not built yet). */
  readonly needs: Map<Id, number | undefined>;
}

export class Drains {
  private readonly questions: DrainQuestions;
  private readonly waiting = new Map<Id, Drain>();
  /** Drained tasks that still run, by node: told again to a new session. */
  private readonly drained = new Map<Id, Id>();

  constructor(questions: DrainQuestions) {
    this.questions = questions;
  }

  /** Takes note of a task as it is now; undefined when it was removed. */
  follow(taskId: Id, task: Task | undefined): void {
    if (task === undefined || !isPlaced(task) || !isTerminal(task.desiredState)) {
      this.waiting.delete(taskId);
      this.drained.delete(taskId);
    } else if (!this.waiting.has(taskId) && !this.drained.has(taskId)) {
      const overlays = task.networks.filter(({ addresses }) => addresses.length > 0);
      const needs = new Map(overlays.map(({ networkId }) => [networkId, undefined]));
      this.waiting.set(taskId, { nodeId: task.nodeId, needs });
    }
  }

  /** To be called when all touched views are built: notes versions, and answers the tasks now drained. */
  settle(): readonly { readonly taskId: Id; readonly nodeId: Id }[] {
    const done: { taskId: Id; nodeId: Id }[] = [];
    const lowest = new Map<Id, number>();
    for (const [taskId, { nodeId, needs }] of this.waiting) {
      for (const [networkId, noted] of needs) {
        const version = noted ?? this.questions.versionOf(networkId);
        const applied = lowest.get(networkId) ?? this.questions.lowestApplied(networkId);
        lowest.set(networkId, applied);
        if (version === undefined || applied >= version) {
          needs.delete(networkId);
        } else {
          needs.set(networkId, version);
        }
      }
      if (needs.size === 0) {
        this.waiting.delete(taskId);
        this.drained.set(taskId, nodeId);
        done.push({ taskId, nodeId });
      }
    }
    return done;
  }

  get isWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /** What a new session of the node must be told. */
  drainedOn(nodeId: Id): readonly Id[] {
    return [...this.drained].filter(([, holder]) => holder === nodeId).map(([taskId]) => taskId);
  }
}
