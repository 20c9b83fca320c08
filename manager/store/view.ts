// The reads that control loops make, over any source. Plain delegation: the words of the contract
// (tasksByService …) in terms of tables and indexes.
import type { Id } from '../../shared/model/meta.ts';
import type { Service } from '../../shared/model/service.ts';
import type { Task, TaskState } from '../../shared/model/task.ts';
import type { ReadView, TableName, Tables } from './api.ts';
import { slotKey } from './indexes.ts';
import type { Source } from './source.ts';

export class View implements ReadView {
  protected readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  get<T extends TableName>(table: T, id: Id): Tables[T] | undefined {
    return this.source.get(table, id);
  }

  all<T extends TableName>(table: T): Iterable<Tables[T]> {
    return this.source.all(table);
  }

  count(table: TableName): number {
    return this.source.count(table);
  }

  byName<T extends TableName>(table: T, name: string): readonly Tables[T][] {
    return this.source.lookup(table, 'name', name);
  }

  byIdPrefix<T extends TableName>(table: T, prefix: string): readonly Tables[T][] {
    return this.source.prefix(table, prefix);
  }

  tasksByService(serviceId: Id): readonly Task[] {
    return this.source.lookup('task', 'service', serviceId);
  }

  tasksByNode(nodeId: Id): readonly Task[] {
    return this.source.lookup('task', 'node', nodeId);
  }

  tasksBySlot(serviceId: Id, slot: number): readonly Task[] {
    return this.source.lookup('task', 'slot', slotKey(serviceId, slot));
  }

  tasksByDesiredState(state: TaskState): readonly Task[] {
    return this.source.lookup('task', 'desiredState', state);
  }

  tasksByNetwork(networkId: Id): readonly Task[] {
    return this.source.lookup('task', 'network', networkId);
  }

  tasksBySecret(secretId: Id): readonly Task[] {
    return this.source.lookup('task', 'secret', secretId);
  }

  tasksByConfig(configId: Id): readonly Task[] {
    return this.source.lookup('task', 'config', configId);
  }

  servicesByNetwork(networkId: Id): readonly Service[] {
    return this.source.lookup('service', 'network', networkId);
  }

  servicesBySecret(secretId: Id): readonly Service[] {
    return this.source.lookup('service', 'secret', secretId);
  }

  servicesByConfig(configId: Id): readonly Service[] {
    return this.source.lookup('service', 'config', configId);
  }
}
