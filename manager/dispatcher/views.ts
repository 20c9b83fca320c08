// The views of all networks, kept up with the commits: which networks a change may have touched, and the
// newest version of each. A network is built anew once per pass however many changes touched it, and gets a
// new version only when its content differs.
import type { Id } from '../../shared/model/meta.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import { isEncrypted } from '../../shared/model/network.ts';
import type { Node } from '../../shared/model/node.ts';
import type { Service } from '../../shared/model/service.ts';
import type { Task } from '../../shared/model/task.ts';
import type { NetworkView } from '../../shared/model/view.ts';
import type { ReadView, StoreChange } from '../store/api.ts';
import { buildView, endpointState, isUp, recipientsOf } from './endpoint_view.ts';
import { sameData } from './equal.ts';

interface Entry {
  readonly view: NetworkView | undefined;
  readonly recipients: ReadonlySet<Id>;
  /** Of the last view there was; versions never go back. */
  readonly version: number;
}

/** Nodes that must be told of a network again, or told that it is no longer theirs. */
export interface ViewUpdate {
  readonly networkId: Id;
  readonly nodeIds: ReadonlySet<Id>;
}

const NOTHING: Entry = { view: undefined, recipients: new Set(), version: 0 };

export class Views {
  private readonly store: { readonly view: ReadView };
  private readonly entries = new Map<Id, Entry>();
  private readonly dirty = new Set<Id>();

  /** Everything is to be built at first. */
  constructor(store: { readonly view: ReadView }) {
    this.store = store;
    this.markAll();
  }

  get isDirty(): boolean {
    return this.dirty.size > 0;
  }

  markAll(): void {
    for (const { id } of this.store.view.all('network')) {
      this.dirty.add(id);
    }
    for (const id of this.entries.keys()) {
      this.dirty.add(id);
    }
  }

  /** The newest view for a node that takes part; undefined when it does not, or nothing can be told. */
  viewFor(nodeId: Id, networkId: Id): NetworkView | undefined {
    const entry = this.entries.get(networkId);
    return entry?.recipients.has(nodeId) ? entry.view : undefined;
  }

  versionOf(networkId: Id): number | undefined {
    return this.entries.get(networkId)?.view?.version;
  }

  recipients(networkId: Id): ReadonlySet<Id> {
    return this.entries.get(networkId)?.recipients ?? NOTHING.recipients;
  }

  /** Networks that the node takes part in. */
  networksOf(nodeId: Id): readonly Id[] {
    return [...this.entries].filter(([, entry]) => entry.recipients.has(nodeId)).map(([id]) => id);
  }

  /** Notes which networks a committed change may have touched. */
  follow(change: StoreChange): void {
    switch (change.table) {
      case 'network':
        this.dirty.add(change.object.id);
        return;
      case 'task':
        this.followTask(
          change.action === 'remove' ? undefined : change.object,
          change.action === 'create'
            ? undefined
            : change.action === 'update'
              ? change.previous
              : change.object,
        );
        return;
      case 'service':
        this.followService(change.object, change.action === 'update' ? change.previous : undefined);
        return;
      case 'node':
        this.followNode(change.object, change.action === 'update' ? change.previous : undefined);
        return;
      case 'cluster':
        this.followCluster(change.object, change.action === 'update' ? change.previous : undefined);
        return;
      default:
        return;
    }
  }

  /**
   * Builds what was touched.
   * @param storeVersion of the newest commit; every view that changed is at least of this version
   */
  rebuild(storeVersion: number): readonly ViewUpdate[] {
    const updates: ViewUpdate[] = [];
    for (const networkId of this.dirty) {
      const before = this.entries.get(networkId) ?? NOTHING;
      const after = this.next(networkId, before, storeVersion);
      if (after.view === undefined && this.store.view.get('network', networkId) === undefined) {
        this.entries.delete(networkId);
      } else {
        this.entries.set(networkId, after);
      }
      const nodeIds =
        before.view === after.view
          ? difference(before.recipients, after.recipients)
          : new Set([...before.recipients, ...after.recipients]);
      if (nodeIds.size > 0) {
        updates.push({ networkId, nodeIds });
      }
    }
    this.dirty.clear();
    return updates;
  }

  private next(networkId: Id, before: Entry, storeVersion: number): Entry {
    const content = buildView(this.store.view, networkId);
    const recipients = recipientsOf(this.store.view, networkId);
    if (content === undefined) {
      return { view: undefined, recipients, version: before.version };
    }
    if (before.view !== undefined && sameData({ ...content, version: before.view.version }, before.view)) {
      return { view: before.view, recipients, version: before.version };
    }
    const version = Math.max(before.version + 1, storeVersion);
    return { view: { ...content, version }, recipients, version };
  }

  /** A task touches its networks when it becomes an endpoint, changes as one, or is none any more. */
  private followTask(after: Task | undefined, before: Task | undefined): void {
    const stateAfter = after && endpointState(after);
    const stateBefore = before && endpointState(before);
    const isSame =
      stateAfter === stateBefore &&
      (stateAfter === undefined ||
        (after?.nodeId === before?.nodeId && sameData(after?.networks, before?.networks)));
    if (isSame) {
      return;
    }
    for (const { networkId } of [...(after?.networks ?? []), ...(before?.networks ?? [])]) {
      this.dirty.add(networkId);
    }
  }

  private followService(service: Service, previous: Service | undefined): void {
    if (previous?.spec === service.spec && previous.endpoint === service.endpoint) {
      return;
    }
    for (const version of previous === undefined ? [service] : [service, previous]) {
      for (const { target } of version.spec.task.networks) {
        this.dirty.add(target);
      }
      for (const { networkId } of version.endpoint?.virtualIps ?? []) {
        this.dirty.add(networkId);
      }
    }
  }

  private followCluster(cluster: Cluster, previous: Cluster | undefined): void {
    if (previous?.networkKeys === cluster.networkKeys) {
      return;
    }
    for (const { id, spec } of this.store.view.all('network')) {
      if (isEncrypted(spec.driverOptions)) {
        this.dirty.add(id);
      }
    }
  }

  private followNode(node: Node, previous: Node | undefined): void {
    const unchanged =
      previous !== undefined &&
      previous.overlayIndex === node.overlayIndex &&
      previous.vtepAddress === node.vtepAddress &&
      previous.encryption?.incarnation === node.encryption?.incarnation &&
      isUp(previous) === isUp(node);
    if (unchanged) {
      return;
    }
    for (const task of this.store.view.tasksByNode(node.id)) {
      for (const { networkId } of task.networks) {
        this.dirty.add(networkId);
      }
    }
    for (const [networkId, entry] of this.entries) {
      if (entry.view?.ingress || entry.recipients.has(node.id)) {
        this.dirty.add(networkId);
      }
    }
  }
}

function difference(a: ReadonlySet<Id>, b: ReadonlySet<Id>): ReadonlySet<Id> {
  return new Set([...[...a].filter((id) => !b.has(id)), ...[...b].filter((id) => !a.has(id))]);
}
