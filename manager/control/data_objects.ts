// The calls on secrets and configs, which differ only in name, size and in that a secret's data never
// leaves. Data is immutable: only labels can be changed.
import { newId } from '../../shared/ids.ts';
import type { Annotations, Id } from '../../shared/model/meta.ts';
import type { ConfigSpec } from '../../shared/model/secret.ts';
import type { Service } from '../../shared/model/service.ts';
import type { ListRequest, Reference } from '../../shared/protocol/control.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import type { ReadView, Tables } from '../store/api.ts';
import type { CallRunner } from './context.ts';
import { inUse, invalid, nameTaken, outOfSequence } from './errors.ts';
import { compileFilters, type FilterRules, idRule, labelRule } from './filters.ts';
import { checkDataName, checkLabels, sameName } from './names.ts';
import { resolve } from './reference.ts';

type DataTable = 'secret' | 'config';

export interface DataNoun<T extends DataTable> {
  readonly table: T;
  /** Data must be smaller than this. */
  readonly maxBytes: number;
  readonly usedBy: (view: ReadView, id: Id) => readonly Service[];
  /** What callers may see of the object. */
  readonly visible: (object: Tables[T]) => Tables[T];
}

const KIB = 1024;

/** Swarm's limit: 500 KiB; the data is never returned. */
export const SECRETS: DataNoun<'secret'> = {
  table: 'secret',
  maxBytes: 500 * KIB,
  usedBy: (view, id) => view.servicesBySecret(id),
  visible: (secret) => ({ ...secret, spec: { ...secret.spec, data: new Uint8Array(0) } }),
};

/** Swarm's limit: 1000 KiB. */
export const CONFIGS: DataNoun<'config'> = {
  table: 'config',
  maxBytes: 1000 * KIB,
  usedBy: (view, id) => view.servicesByConfig(id),
  visible: (config) => config,
};

/** Secret and config have the same shape, which is what lets one class serve both. */
type DataObject = Tables[DataTable];

const FILTERS: FilterRules<DataObject> = {
  id: idRule,
  name: { test: (object, value) => object.spec.name.startsWith(value) },
  names: { test: (object, value) => object.spec.name === value },
  label: labelRule((object) => object.spec.labels),
};

export class DataCalls<T extends DataTable> {
  private readonly calls: CallRunner;
  private readonly noun: DataNoun<T>;

  constructor(calls: CallRunner, noun: DataNoun<T>) {
    this.calls = calls;
    this.noun = noun;
  }

  list(request: ListRequest, context: CallContext): Promise<readonly Tables[T][]> {
    const matches = compileFilters(request.filters, FILTERS);
    return this.calls.read(context, (view) =>
      [...view.all(this.noun.table)].filter(matches).map(this.noun.visible),
    );
  }

  get(request: Reference, context: CallContext): Promise<Tables[T]> {
    return this.calls.read(context, (view) => this.noun.visible(resolve(view, this.noun.table, request.ref)));
  }

  async create(request: { readonly spec: ConfigSpec }, context: CallContext): Promise<Tables[T]> {
    const { table } = this.noun;
    this.validate(request.spec);
    const id = newId(this.calls.random);
    const created = await this.calls.writeObject(context, table, (tx) => {
      for (const other of tx.all(table)) {
        if (sameName(other.spec.name, request.spec.name)) {
          throw nameTaken(`${table} ${other.spec.name} already exists`);
        }
      }
      tx.create(table, { id, meta: { version: 0, createdAt: 0, updatedAt: 0 }, spec: request.spec });
      return id;
    });
    return this.noun.visible(created);
  }

  async update(
    request: Reference & { readonly version: number; readonly spec: ConfigSpec },
    context: CallContext,
  ): Promise<Tables[T]> {
    const { table } = this.noun;
    checkLabels(request.spec);
    const updated = await this.calls.writeObject(context, table, (tx) => {
      const object = resolve(tx, table, request.ref);
      if (object.meta.version !== request.version) {
        throw outOfSequence(table, object.id);
      }
      checkOnlyLabels(object.spec, request.spec);
      tx.update(table, { ...object, spec: { ...object.spec, labels: request.spec.labels } });
      return object.id;
    });
    return this.noun.visible(updated);
  }

  async remove(request: Reference, context: CallContext): Promise<void> {
    const { table, usedBy } = this.noun;
    await this.calls.write(context, (tx) => {
      const object = resolve(tx, table, request.ref);
      const users = usedBy(tx, object.id).map((service) => service.spec.name);
      if (users.length > 0) {
        const services = users.length === 1 ? 'service' : 'services';
        throw inUse(
          `${table} '${object.spec.name}' is in use by the following ${services}: ${users.join(', ')}`,
        );
      }
      tx.remove(table, object.id);
    });
  }

  private validate(spec: ConfigSpec): void {
    const { table, maxBytes } = this.noun;
    checkDataName(spec.name);
    checkLabels(spec);
    if (spec.data.length === 0 || spec.data.length >= maxBytes) {
      throw invalid(`${table} data must be larger than 0 and less than ${maxBytes} bytes`);
    }
    if (spec.templating !== undefined && spec.templating.name !== 'golang') {
      throw invalid(`unsupported template driver '${spec.templating.name}': use golang`);
    }
  }
}

/** Clients send the spec back with or without its data; either way it must be what it was. */
function checkOnlyLabels(stored: ConfigSpec, sent: Annotations & { readonly data: Uint8Array }): void {
  const sameData = sent.data.length === 0 || Buffer.compare(stored.data, sent.data) === 0;
  if (stored.name !== sent.name || !sameData) {
    throw invalid('only updates to Labels are allowed');
  }
}
