// The rules of the store and of what the loops make of it, checked at every commit: versions grow, no two live tasks
// share a slot beyond the update's order, no address, port, subnet or number is given twice. And of what nodes hold:
// no secret without a task that uses it.
import type { ReadView, StoreEvent } from '../../manager/store/api.ts';
import type { ReplicatedStore } from '../../manager/store/store.ts';
import { isTerminal, taskStateRank } from '../../shared/model/task.ts';
import type { AssignmentSet } from '../../worker/agent/assignment_set.ts';
import { sortedJson } from './sorted_json.ts';
import { Violation, type World } from './world.ts';

const TABLES = ['cluster', 'node', 'service', 'task', 'network', 'secret', 'config', 'volume'] as const;

export class StoreChecks {
  commits = 0;
  private readonly world: World;
  private newest = 0;
  private readonly looked = new WeakSet<AssignmentSet>();

  constructor(world: World) {
    this.world = world;
  }

  watch(name: string, store: ReplicatedStore): void {
    let version = 0;
    let time = 0;
    store.watch((event) => {
      if (event.kind === 'restored') {
        version = store.version;
        return;
      }
      if (event.commit.version <= version) {
        this.violate('versions-grow', `${name} commits ${event.commit.version} after ${version}`);
      }
      if (event.commit.time < time) {
        this.checkTime(name, store.view, event.commit.time);
      }
      version = event.commit.version;
      time = Math.max(time, event.commit.time);
      this.checkVersions(name, event);
      if (version > this.newest) {
        this.newest = version;
        this.commits += 1;
        this.checkInvariants(store.view, event);
      }
    });
  }

  /** Times may go back over what nothing tells of any more (all of it removed), not over what an object carries. */
  private checkTime(name: string, view: ReadView, time: number): void {
    for (const table of TABLES) {
      for (const { id, meta } of view.all(table)) {
        if (meta.updatedAt > time) {
          this.violate('time-grows', `${name} commits at ${time}, after ${table} ${id} at ${meta.updatedAt}`);
        }
      }
    }
  }

  private checkVersions(name: string, event: StoreEvent & { readonly kind: 'commit' }): void {
    for (const change of event.commit.changes) {
      // Two transactions of one entry may write one object: both writes have the entry's version.
      const before = change.action === 'update' ? change.previous.meta.version : 0;
      if (before > event.commit.version) {
        this.violate('versions-grow', `${name}: ${change.table} ${change.object.id} went back`);
      }
      if (change.action !== 'remove' && change.object.meta.version !== event.commit.version) {
        this.violate('versions-grow', `${name}: ${change.table} ${change.object.id} has a foreign version`);
      }
    }
  }

  private checkInvariants(view: ReadView, event: StoreEvent & { readonly kind: 'commit' }): void {
    const tables = new Set(event.commit.changes.map(({ table }) => table));
    if (tables.has('task')) {
      this.checkSlots(view, event);
      this.checkTransitions(event);
    }
    if (tables.has('task') || tables.has('service') || tables.has('network')) {
      this.checkAddresses(view);
    }
    if (tables.has('service')) {
      this.checkPorts(view);
    }
    if (tables.has('node')) {
      const indexes = [...view.all('node')].flatMap(({ overlayIndex }) => overlayIndex ?? []);
      this.unique('overlay index', indexes);
    }
    if (tables.has('network')) {
      const networks = [...view.all('network')];
      this.unique(
        'vni',
        networks.flatMap(({ vni }) => vni ?? []),
      );
      this.unique(
        'subnet',
        networks.flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet)),
      );
    }
  }

  private checkSlots(view: ReadView, event: StoreEvent & { readonly kind: 'commit' }): void {
    for (const change of event.commit.changes) {
      if (change.table !== 'task' || change.action === 'remove' || change.object.slot === 0) {
        continue;
      }
      const { serviceId, slot } = change.object;
      const live = view
        .tasksBySlot(serviceId, slot)
        .filter((task) => task.desiredState === 'running' && !isTerminal(task.status.state));
      const service = view.get('service', serviceId);
      // A removed service's tasks are on their way out, in whatever order it had.
      const most = service === undefined || service.spec.update?.order === 'start-first' ? 2 : 1;
      if (live.length > most) {
        const who = live.map((task) => `${task.id.slice(0, 6)} ${task.status.state} on ${task.nodeId}`);
        this.violate('one-task-a-slot', `slot ${slot} of ${change.object.serviceName}: ${who.join(', ')}`);
      }
    }
  }

  /** A task moves forward only, and is placed once. */
  private checkTransitions(event: StoreEvent & { readonly kind: 'commit' }): void {
    for (const change of event.commit.changes) {
      if (change.table !== 'task' || change.action !== 'update') {
        continue;
      }
      const { previous, object } = change;
      const back = taskStateRank(object.status.state) < taskStateRank(previous.status.state);
      const wish = taskStateRank(object.desiredState) < taskStateRank(previous.desiredState);
      const moved = previous.nodeId !== '' && object.nodeId !== previous.nodeId;
      if (back || wish || moved) {
        this.violate(
          'tasks-forward',
          `task ${object.id} from ${previous.status.state}/${previous.desiredState}@${previous.nodeId} to ` +
            `${object.status.state}/${object.desiredState}@${object.nodeId}`,
        );
      }
    }
  }

  private checkAddresses(view: ReadView): void {
    const given: string[] = [];
    for (const network of view.all('network')) {
      given.push(...network.subnets.map(({ gateway }) => `${network.id} ${withoutPrefix(gateway)}`));
    }
    for (const service of view.all('service')) {
      for (const { networkId, address } of service.endpoint?.virtualIps ?? []) {
        given.push(`${networkId} ${withoutPrefix(address)}`);
      }
    }
    for (const task of view.all('task')) {
      if (!isTerminal(task.status.state)) {
        for (const { networkId, addresses } of task.networks) {
          given.push(...addresses.map((address) => `${networkId} ${withoutPrefix(address)}`));
        }
      }
    }
    this.unique('address', given);
  }

  private checkPorts(view: ReadView): void {
    const ports = [...view.all('service')].flatMap((service) =>
      (service.endpoint?.ports ?? [])
        .filter(({ mode }) => mode === 'ingress')
        .map(({ protocol, published }) => `${protocol} ${published}`),
    );
    this.unique('published port', ports);
  }

  /** What an agent holds. */
  checkNode(name: string, set: AssignmentSet): void {
    if (this.looked.has(set)) {
      return;
    }
    this.looked.add(set);
    const used = new Set(
      [...set.tasks.values()].flatMap((task) => task.spec.container.secrets.map(({ secretId }) => secretId)),
    );
    for (const id of set.secrets.keys()) {
      if (!used.has(id)) {
        this.violate('secrets-where-used', `${name} holds secret ${id} without a task that uses it`);
      }
    }
  }

  private unique(what: string, values: readonly (string | number)[]): void {
    const seen = new Set<string | number>();
    for (const value of values) {
      if (seen.has(value)) {
        this.violate('given-once', `${what} ${value} is given twice`);
      }
      seen.add(value);
    }
  }

  private violate(rule: string, message: string): void {
    this.world.violate(new Violation(rule, message));
  }
}

/** A store's whole content as text; equal stores have equal texts. */
export function contentOf(view: ReadView): string {
  return TABLES.map((table) => sortedJson([...view.all(table)])).join('\n');
}

function withoutPrefix(address: string): string {
  return address.split('/')[0] ?? address;
}
