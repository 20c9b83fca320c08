// One transaction: a view with its own writes laid over, and the check of versions. It decides nothing
// about commit; the store takes its net changes or throws them away.
import { assert } from '../../shared/errors.ts';
import type { Id, Meta } from '../../shared/model/meta.ts';
import type { TableName, Tables, WriteTransaction } from './api.ts';
import { noSuchObject, objectExists, outOfSequence } from './errors.ts';
import { deepFreeze } from './freeze.ts';
import { Overlay } from './overlay.ts';
import type { Source } from './source.ts';
import { View } from './view.ts';

export class Transaction extends View implements WriteTransaction {
  readonly now: number;
  readonly overlay: Overlay;
  private open = true;

  /** @param parent what the transaction runs on; it must not change while the transaction is open. */
  constructor(parent: Source, now: number) {
    const overlay = new Overlay(parent);
    super(overlay);
    this.overlay = overlay;
    this.now = now;
  }

  create<T extends TableName>(table: T, object: Tables[T]): void {
    this.assertOpen();
    if (this.get(table, object.id) !== undefined) {
      throw objectExists(table, object.id);
    }
    this.put(table, object, { version: 0, createdAt: this.now, updatedAt: this.now });
  }

  /**
   * Within the transaction an object keeps the version it was read with, so it can be written again;
   * other transactions see a new one.
   */
  update<T extends TableName>(table: T, object: Tables[T]): void {
    this.assertOpen();
    const stored = this.get(table, object.id);
    if (stored === undefined) {
      throw noSuchObject(table, object.id);
    }
    if (stored.meta.version !== object.meta.version) {
      throw outOfSequence(table, object.id);
    }
    this.put(table, object, { ...stored.meta, updatedAt: this.now });
  }

  remove(table: TableName, id: Id): void {
    this.assertOpen();
    if (this.get(table, id) === undefined) {
      throw noSuchObject(table, id);
    }
    this.overlay.put(table, id, undefined);
  }

  /** A transaction that was kept must not write any more: nobody would commit it. */
  close(): void {
    this.open = false;
  }

  private put<T extends TableName>(table: T, object: Tables[T], meta: Meta): void {
    this.overlay.put(table, object.id, withMeta(object, meta));
  }

  private assertOpen(): void {
    assert(this.open, 'a transaction was written to after its function had returned');
  }
}

/** The object with other metadata, frozen to the bottom. */
export function withMeta<V extends { readonly meta: Meta }>(object: V, meta: Meta): V {
  return deepFreeze({ ...object, meta });
}
