// Which reports of an agent are taken: of its own tasks, forward only, and cut to a bearable size.
import type { Id } from '../../shared/model/meta.ts';
import { isTerminal, type Task, type TaskStatus, taskStateRank } from '../../shared/model/task.ts';
import { sameData } from './equal.ts';

/** Longest message or error of a task, in characters: enough for a compiler's complaint, harmless a thousandfold. */
export const MAX_STATUS_TEXT = 4 * 1024;
/** Host ports of one task. */
const MAX_STATUS_PORTS = 1_024;
const FIRST_AGENT_RANK = taskStateRank('accepted');
const LAST_AGENT_RANK = taskStateRank('rejected');

/** The status to store, or undefined when the report changes nothing or is not the node's to make. */
export function acceptStatus(task: Task | undefined, nodeId: Id, report: TaskStatus): TaskStatus | undefined {
  const rank = taskStateRank(report.state);
  if (task === undefined || task.nodeId !== nodeId || rank < FIRST_AGENT_RANK || rank > LAST_AGENT_RANK) {
    return undefined;
  }
  const stored = task.status;
  // A task ends once: a later, other ending is not news but confusion.
  if (stored.state !== report.state && (isTerminal(stored.state) || rank < taskStateRank(stored.state))) {
    return undefined;
  }
  const status: TaskStatus = {
    ...report,
    message: report.message.slice(0, MAX_STATUS_TEXT),
    error: report.error.slice(0, MAX_STATUS_TEXT),
    ports: report.ports.slice(0, MAX_STATUS_PORTS),
  };
  return sameData(status, stored) ? undefined : status;
}
