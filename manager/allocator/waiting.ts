// Objects that wait, and for what: so that a free address wakes those who need it and nobody else.
import type { Id } from '../../shared/model/meta.ts';
import type { Task } from '../../shared/model/task.ts';
import type { FreedKey } from './ledger.ts';

/** What an object can wait for: something to be given back, or another object to be allocated first. */
export type WaitKey = FreedKey | 'network' | 'ingress' | `network:${Id}` | `service:${Id}`;

export interface Wait {
  /** For people, e.g. "no free address in network x (10.0.1.0/24): 253 of 253 in use". */
  readonly reason: string;
  readonly keys: readonly WaitKey[];
}

export type TaskOutcome =
  | { readonly kind: 'settled' }
  | { readonly kind: 'done'; readonly task: Task }
  | { readonly kind: 'wait'; readonly wait: Wait };

export type Waiter = { readonly table: 'network' | 'node' | 'service' | 'task'; readonly id: Id };

export class WaitingList {
  private readonly byKey = new Map<WaitKey, Map<Id, Waiter>>();
  private readonly byId = new Map<Id, Wait>();

  reasonOf(id: Id): string | undefined {
    return this.byId.get(id)?.reason;
  }

  set(waiter: Waiter, wait: Wait): void {
    this.delete(waiter.id);
    this.byId.set(waiter.id, wait);
    for (const key of wait.keys) {
      const waiters = this.byKey.get(key) ?? new Map<Id, Waiter>();
      waiters.set(waiter.id, waiter);
      this.byKey.set(key, waiters);
    }
  }

  delete(id: Id): void {
    const wait = this.byId.get(id);
    this.byId.delete(id);
    for (const key of wait?.keys ?? []) {
      const waiters = this.byKey.get(key);
      waiters?.delete(id);
      if (waiters?.size === 0) {
        this.byKey.delete(key);
      }
    }
  }

  /** Those who wait longest for the key, at most so many; they stay listed until `delete` or another `set`. */
  waiters(key: WaitKey, most = Number.POSITIVE_INFINITY): readonly Waiter[] {
    const found: Waiter[] = [];
    for (const waiter of this.byKey.get(key)?.values() ?? []) {
      if (found.length >= most) {
        break;
      }
      found.push(waiter);
    }
    return found;
  }
}
