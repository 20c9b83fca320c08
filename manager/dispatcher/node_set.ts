// What one node should have: its tasks, the secrets and configs that the live ones name, and the views of its
// networks. It remembers what was sent and answers the difference, looking only at what was marked.
import type { Id } from '../../shared/model/meta.ts';
import { isTerminal, type Task, taskStateRank } from '../../shared/model/task.ts';
import type { NetworkView } from '../../shared/model/view.ts';
import type { AssignmentChange, AssignmentItem } from '../../shared/protocol/dispatcher.ts';
import type { ReadView } from '../store/api.ts';
import { sameData } from './equal.ts';

type FileKind = 'secret' | 'config';

/** What may have changed for the node since the last look. */
export class Marks {
  readonly tasks = new Set<Id>();
  readonly secrets = new Set<Id>();
  readonly configs = new Set<Id>();
  readonly views = new Set<Id>();

  get isEmpty(): boolean {
    return this.tasks.size + this.secrets.size + this.configs.size + this.views.size === 0;
  }

  clear(): void {
    this.tasks.clear();
    this.secrets.clear();
    this.configs.clear();
    this.views.clear();
  }
}

export interface NodeSources {
  readonly view: ReadView;
  readonly viewFor: (networkId: Id) => NetworkView | undefined;
}

const ASSIGNED_RANK = taskStateRank('assigned');

/** True while the task belongs to the node's set: placed there, and either wanted or not ended yet. */
export function belongsTo(task: Task, nodeId: Id): boolean {
  return (
    task.nodeId === nodeId &&
    taskStateRank(task.status.state) >= ASSIGNED_RANK &&
    !(isTerminal(task.desiredState) && isTerminal(task.status.state))
  );
}

export class NodeSet {
  private readonly nodeId: Id;
  private readonly tasks = new Map<Id, Task>();
  private readonly files: Readonly<Record<FileKind, Map<Id, object>>> = {
    secret: new Map(),
    config: new Map(),
  };
  /** Which tasks need a file. */
  private readonly users: Readonly<Record<FileKind, Map<Id, Set<Id>>>> = {
    secret: new Map(),
    config: new Map(),
  };
  private readonly views = new Map<Id, NetworkView>();

  constructor(nodeId: Id) {
    this.nodeId = nodeId;
  }

  /** The node's changes for what is marked: what tasks need comes before them, what nobody needs leaves after. */
  changes(marks: Marks, sources: NodeSources): readonly AssignmentChange[] {
    const updates: AssignmentChange[] = [];
    const removals: AssignmentChange[] = [];
    const touched = { secret: new Set(marks.secrets), config: new Set(marks.configs) };
    const taskUpdates: AssignmentChange[] = [];
    for (const id of marks.tasks) {
      this.changeTask(id, sources.view.get('task', id), touched, taskUpdates, removals);
    }
    this.changeFiles('secret', touched.secret, sources.view, updates, removals);
    this.changeFiles('config', touched.config, sources.view, updates, removals);
    for (const id of marks.views) {
      this.changeView(id, sources.viewFor(id), updates, removals);
    }
    return [...updates, ...taskUpdates, ...removals];
  }

  private changeTask(
    id: Id,
    stored: Task | undefined,
    touched: Readonly<Record<FileKind, Set<Id>>>,
    updates: AssignmentChange[],
    removals: AssignmentChange[],
  ): void {
    const task = stored !== undefined && belongsTo(stored, this.nodeId) ? stored : undefined;
    const known = this.tasks.get(id);
    if (task === undefined && known === undefined) {
      return;
    }
    for (const kind of ['secret', 'config'] as const) {
      this.moveUses(kind, id, filesOf(known, kind), filesOf(task, kind), touched[kind]);
    }
    if (task === undefined) {
      this.tasks.delete(id);
      removals.push({ action: 'remove', kind: 'task', id });
      return;
    }
    this.tasks.set(id, task);
    if (known === undefined || !sameOrder(known, task)) {
      updates.push({ action: 'update', item: { kind: 'task', task } });
    }
  }

  private moveUses(
    kind: FileKind,
    taskId: Id,
    before: readonly Id[],
    after: readonly Id[],
    touched: Set<Id>,
  ): void {
    for (const id of before) {
      if (!after.includes(id)) {
        this.users[kind].get(id)?.delete(taskId);
        touched.add(id);
      }
    }
    for (const id of after) {
      const users = this.users[kind].get(id) ?? new Set<Id>();
      this.users[kind].set(id, users.add(taskId));
      touched.add(id);
    }
  }

  private changeFiles(
    kind: FileKind,
    ids: ReadonlySet<Id>,
    view: ReadView,
    updates: AssignmentChange[],
    removals: AssignmentChange[],
  ): void {
    for (const id of ids) {
      const isUsed = (this.users[kind].get(id)?.size ?? 0) > 0;
      const known = this.files[kind].get(id);
      const item = isUsed ? itemOf(kind, id, view) : undefined;
      if (!isUsed) {
        this.users[kind].delete(id);
      }
      if (item === undefined) {
        if (this.files[kind].delete(id)) {
          removals.push({ action: 'remove', kind, id });
        }
      } else if (known !== item.object) {
        this.files[kind].set(id, item.object);
        updates.push({ action: 'update', item: item.item });
      }
    }
  }

  private changeView(
    id: Id,
    view: NetworkView | undefined,
    updates: AssignmentChange[],
    removals: AssignmentChange[],
  ): void {
    if (view === undefined) {
      if (this.views.delete(id)) {
        removals.push({ action: 'remove', kind: 'view', id });
      }
    } else if (this.views.get(id) !== view) {
      this.views.set(id, view);
      updates.push({ action: 'update', item: { kind: 'view', view } });
    }
  }
}

/** Files that the task needs; one that has ended needs none. */
function filesOf(task: Task | undefined, kind: FileKind): readonly Id[] {
  if (task === undefined || isTerminal(task.status.state)) {
    return [];
  }
  const { secrets, configs } = task.spec.container;
  return kind === 'secret'
    ? secrets.map(({ secretId }) => secretId)
    : configs.map(({ configId }) => configId);
}

function itemOf(
  kind: FileKind,
  id: Id,
  view: ReadView,
): { readonly object: object; readonly item: AssignmentItem } | undefined {
  if (kind === 'secret') {
    const secret = view.get('secret', id);
    return secret && { object: secret, item: { kind, secret } };
  }
  const config = view.get('config', id);
  return config && { object: config, item: { kind, config } };
}

/** True when the task asks the same of its node: what the node itself reported is no news to it. */
function sameOrder(a: Task, b: Task): boolean {
  return (
    a.desiredState === b.desiredState &&
    a.specVersion === b.specVersion &&
    sameData(a.networks, b.networks) &&
    sameData(a.endpoint, b.endpoint) &&
    sameData(a.spec, b.spec) &&
    sameData(a.labels, b.labels) &&
    sameData(a.logDriver, b.logDriver)
  );
}
