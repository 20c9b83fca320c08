// The agent's set of assignments: what the dispatcher told, in full or in numbered increments. Pure.
import type { DispatcherMessage } from '../../shared/protocol/dispatcher.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Config, Secret } from '../../shared/model/secret.ts';
import type { Task } from '../../shared/model/task.ts';
import type { NetworkView } from '../../shared/model/view.ts';

export type AssignmentsMessage = Extract<DispatcherMessage, { kind: 'assignments' }>;

export interface AssignmentSet {
  readonly sequence: number;
  readonly tasks: ReadonlyMap<Id, Task>;
  readonly secrets: ReadonlyMap<Id, Secret>;
  readonly configs: ReadonlyMap<Id, Config>;
  readonly views: ReadonlyMap<Id, NetworkView>;
}

export const EMPTY_SET: AssignmentSet = {
  sequence: 0,
  tasks: new Map(),
  secrets: new Map(),
  configs: new Map(),
  views: new Map(),
};

/** What a message changed, for those who act on it. */
export interface AssignmentDelta {
  readonly set: AssignmentSet;
  readonly updatedTasks: readonly Task[];
  readonly removedTasks: readonly Id[];
  readonly updatedViews: readonly NetworkView[];
  readonly removedViews: readonly Id[];
}

/** The next set, or `gap` when the increment does not follow what the agent has. */
export function applyAssignments(
  current: AssignmentSet,
  message: AssignmentsMessage,
): AssignmentDelta | 'gap' {
  const full = message.mode === 'full';
  if (!full && message.base !== current.sequence) {
    return 'gap';
  }
  const from = full ? { ...EMPTY_SET, views: viewsInUse(current, message) } : current;
  const tasks = new Map(from.tasks);
  const secrets = new Map(from.secrets);
  const configs = new Map(from.configs);
  const views = new Map(from.views);
  const updatedTasks = new Map<Id, Task>();
  const updatedViews = new Map<Id, NetworkView>();
  for (const change of message.changes) {
    if (change.action === 'remove') {
      const table = { task: tasks, secret: secrets, config: configs, view: views }[change.kind];
      table.delete(change.id);
      continue;
    }
    const { item } = change;
    switch (item.kind) {
      case 'task':
        tasks.set(item.task.id, item.task);
        updatedTasks.set(item.task.id, item.task);
        break;
      case 'secret':
        secrets.set(item.secret.id, item.secret);
        break;
      case 'config':
        configs.set(item.config.id, item.config);
        break;
      case 'view':
        views.set(item.view.networkId, item.view);
        updatedViews.set(item.view.networkId, item.view);
        break;
    }
  }
  const missing = <T>(before: ReadonlyMap<Id, T>, after: ReadonlyMap<Id, T>): readonly Id[] =>
    [...before.keys()].filter((id) => !after.has(id));
  return {
    set: { sequence: message.sequence, tasks, secrets, configs, views },
    updatedTasks: [...updatedTasks.values()].filter((task) => tasks.has(task.id)),
    removedTasks: missing(current.tasks, tasks),
    updatedViews: [...updatedViews.values()].filter((view) => views.has(view.networkId)),
    removedViews: missing(current.views, views),
  };
}

/**
 * A full set may be cut into several messages, views last: the views of networks that its tasks use stay
 * until their successors come, so that no network is taken down in between.
 */
function viewsInUse(current: AssignmentSet, message: AssignmentsMessage): ReadonlyMap<Id, NetworkView> {
  const used = new Set(
    message.changes.flatMap((change) =>
      change.action === 'update' && change.item.kind === 'task'
        ? change.item.task.networks.map((network) => network.networkId)
        : [],
    ),
  );
  return new Map([...current.views].filter(([id]) => used.has(id)));
}
