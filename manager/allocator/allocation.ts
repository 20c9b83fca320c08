// The allocator's decisions over time: which objects need something, who waits for what, and what each gets.
// It keeps a ledger derived from the store and follows it commit by commit, so that its work is in
// proportion to the change. It runs inside the loop's transactions and knows no clock, promise or raft.
import type { Id } from '../../shared/model/meta.ts';
import type { Network } from '../../shared/model/network.ts';
import type { Commit, ReadView, StoreChange, WriteTransaction } from '../store/api.ts';
import { isAllocated, Ledger } from './ledger.ts';
import { allocateNetwork } from './networks.ts';
import { allocateService } from './services.ts';
import { allocateTask, explainWait, needsAllocation } from './tasks.ts';
import { type Waiter, WaitingList, type WaitKey } from './waiting.ts';

/** In this order, because each stands on the ones before it. */
const ORDER = ['network', 'node', 'service', 'task'] as const;

export class Allocation {
  private readonly ledger: Ledger;
  private readonly waiting = new WaitingList();
  private readonly dirty: Readonly<Record<Waiter['table'], Set<Id>>> = {
    network: new Set(),
    node: new Set(),
    service: new Set(),
    task: new Set(),
  };

  private readonly refused: ReadonlySet<Id>;

  /**
   * Derives everything from the view; what is not allocated there is to be done.
   * @param refused objects to leave alone because they cannot be written
   */
  constructor(view: ReadView, refused: ReadonlySet<Id> = new Set()) {
    this.refused = refused;
    this.ledger = new Ledger(view);
    for (const table of ['network', 'node', 'service'] as const) {
      for (const object of view.all(table)) {
        this.dirty[table].add(object.id);
      }
    }
    for (const task of view.all('task')) {
      if (needsAllocation(task)) {
        this.dirty.task.add(task.id);
      }
    }
  }

  /** Objects to look at. */
  get pending(): number {
    return ORDER.reduce((sum, table) => sum + this.dirty[table].size, 0);
  }

  /** Follows a commit: what became free, what is new, whom it wakes. */
  follow(commit: Commit): void {
    const freed = new Map<WaitKey, number>();
    for (const change of commit.changes) {
      for (const key of this.ledger.apply(change, commit.time)) {
        freed.set(key, (freed.get(key) ?? 0) + 1);
      }
      this.note(change);
    }
    for (const [key, count] of freed) {
      // One address serves one waiter; the other keys are few and their waiters may take different ones.
      this.wake(key, key.startsWith('address:') ? count : Number.POSITIVE_INFINITY);
    }
  }

  /** Looks at everything that waits once more: what no event told must not wait for ever. */
  retryAll(view: ReadView): void {
    for (const table of ['network', 'service'] as const) {
      for (const object of view.all(table)) {
        if (this.waiting.reasonOf(object.id) !== undefined) {
          this.dirty[table].add(object.id);
        }
      }
    }
    for (const task of view.all('task')) {
      if (needsAllocation(task)) {
        this.dirty.task.add(task.id);
      }
    }
  }

  /** Serves until so many objects were written within the transaction, and answers which. */
  run(tx: WriteTransaction, limit: number): readonly Waiter[] {
    const written: Waiter[] = [];
    for (const table of ORDER) {
      for (const id of this.dirty[table]) {
        if (written.length >= limit) {
          return written;
        }
        this.dirty[table].delete(id);
        if (!this.refused.has(id) && this.serve(tx, table, id)) {
          written.push({ table, id });
        }
      }
    }
    return written;
  }

  private serve(tx: WriteTransaction, table: Waiter['table'], id: Id): boolean {
    switch (table) {
      case 'network':
        return this.serveNetwork(tx, id);
      case 'node':
        return this.serveNode(tx, id);
      case 'service':
        return this.serveService(tx, id);
      case 'task':
        return this.serveTask(tx, id);
    }
  }

  private serveNetwork(tx: WriteTransaction, id: Id): boolean {
    const network = tx.get('network', id);
    const [cluster] = tx.all('cluster');
    if (network === undefined || cluster === undefined || isAllocated(network)) {
      this.waiting.delete(id);
      return false;
    }
    const nameOf = (other: Id) => tx.get('network', other)?.spec.name ?? other;
    const outcome = allocateNetwork(network, cluster, this.ledger, nameOf, tx.now);
    if ('done' in outcome) {
      this.waiting.delete(id);
      tx.update('network', outcome.done);
      return true;
    }
    this.waiting.set({ table: 'network', id }, { reason: outcome.error, keys: outcome.waitsFor });
    if (network.allocationError === outcome.error) {
      return false;
    }
    tx.update('network', { ...network, allocationError: outcome.error });
    return true;
  }

  private serveNode(tx: WriteTransaction, id: Id): boolean {
    const node = tx.get('node', id);
    if (node === undefined || node.overlayIndex !== undefined) {
      this.waiting.delete(id);
      return false;
    }
    const overlayIndex = this.ledger.overlayIndexes.take(id, tx.now);
    if (overlayIndex === undefined) {
      const reason = 'all overlay indexes are in use: remove nodes that are gone';
      this.waiting.set({ table: 'node', id }, { reason, keys: ['overlay-index'] });
      return false;
    }
    this.waiting.delete(id);
    tx.update('node', { ...node, overlayIndex });
    return true;
  }

  private serveService(tx: WriteTransaction, id: Id): boolean {
    const service = tx.get('service', id);
    const before = this.waiting.reasonOf(id);
    this.waiting.delete(id);
    if (service === undefined) {
      return false;
    }
    const outcome = allocateService(service, tx, this.ledger);
    if (outcome.kind === 'wait') {
      this.waiting.set({ table: 'service', id }, outcome.wait);
    }
    if (before !== this.waiting.reasonOf(id)) {
      this.wake(`service:${id}`);
    }
    if (outcome.kind === 'done') {
      tx.update('service', outcome.service);
      return true;
    }
    return false;
  }

  private serveTask(tx: WriteTransaction, id: Id): boolean {
    const task = tx.get('task', id);
    this.waiting.delete(id);
    if (task === undefined) {
      return false;
    }
    const outcome = allocateTask(task, this.waiting.reasonOf(task.serviceId), tx, this.ledger, tx.now);
    if (outcome.kind === 'settled') {
      return false;
    }
    if (outcome.kind === 'wait') {
      this.waiting.set({ table: 'task', id }, outcome.wait);
    }
    const next = outcome.kind === 'done' ? outcome.task : explainWait(task, outcome.wait.reason, tx.now);
    if (next === undefined) {
      return false;
    }
    tx.update('task', next);
    return true;
  }

  private note(change: StoreChange): void {
    const { object } = change;
    if (change.table === 'network') {
      this.noteNetwork(change.object, change.action === 'remove');
      return;
    }
    if (change.table !== 'node' && change.table !== 'service' && change.table !== 'task') {
      return;
    }
    if (change.action === 'remove') {
      this.dirty[change.table].delete(object.id);
      this.waiting.delete(object.id);
    } else if (change.table === 'node') {
      if (change.object.overlayIndex === undefined) {
        this.dirty.node.add(object.id);
      }
    } else if (change.table === 'service') {
      this.noteService(change);
    } else if (needsAllocation(change.object) && !this.explainsItself(change)) {
      this.dirty.task.add(object.id);
    }
  }

  private noteNetwork(network: Network, removed: boolean): void {
    if (removed) {
      this.dirty.network.delete(network.id);
      this.waiting.delete(network.id);
    } else if (!isAllocated(network)) {
      if (network.allocationError === undefined || this.waiting.reasonOf(network.id) === undefined) {
        this.dirty.network.add(network.id);
      }
    } else if (network.spec.ingress) {
      this.wake('ingress');
    }
    this.wake(`network:${network.id}`);
    this.wake('network');
  }

  private noteService(change: StoreChange & { readonly table: 'service' }): void {
    if (change.action === 'update' && change.previous.spec === change.object.spec) {
      if (change.object.endpoint !== change.previous.endpoint) {
        this.wake(`service:${change.object.id}`);
      }
      if (change.object.endpoint !== undefined) {
        return;
      }
    }
    this.dirty.service.add(change.object.id);
  }

  /** Our own word on why a task waits needs no second look. */
  private explainsItself(change: StoreChange & { readonly table: 'task' }): boolean {
    const reason = this.waiting.reasonOf(change.object.id);
    return change.action === 'update' && reason !== undefined && reason === change.object.status.error;
  }

  private wake(key: WaitKey, most?: number): void {
    for (const waiter of this.waiting.waiters(key, most)) {
      this.dirty[waiter.table].add(waiter.id);
    }
  }
}
