// Whoever runs the cluster: brings drained nodes back, takes a machine that is lost for good out of the cluster with the
// calls that the documentation names, and sets up another in its stead. A refusal is tried again later.
import type { NodeSpec } from '../../shared/model/node.ts';
import { localContext } from './agent_process.ts';
import type { Fleet } from './fleet.ts';
import type { Host } from './host.ts';
import { type Scope, within, type World } from './world.ts';

export interface OperatorDependencies {
  readonly world: World;
  readonly scope: Scope;
  readonly fleet: Fleet;
}

const LOOK_MS = 500;
/** Longer than the product's own limit for a call. */
const ANSWER_MS = 12_000;
/** A cluster of more machines than this shows nothing new and takes longer. */
const MAX_MACHINES = 8;
/** Roles must have stood still for this long: a change under way counts on managers that answered just now, ms. */
const ROLES_AT_REST_MS = 3_000;
const PATIENCE_MS = 10_000;

export class Operator {
  private readonly on: OperatorDependencies;
  /** Node ids of machines that are lost and still in the cluster. */
  private readonly lost = new Set<string>();
  /** Machines that were lost and have another in their stead. */
  replaced = 0;
  /** A machine will be lost as soon as the others can do without it. */
  private doomed = false;
  private rolesChangedAt = 0;
  private underWay = 0;

  constructor(dependencies: OperatorDependencies) {
    this.on = dependencies;
  }

  /** What is not done yet; undefined when all is. */
  get todo(): string | undefined {
    if (this.underWay > 0) {
      return `${this.underWay} calls under way`;
    }
    return this.lost.size === 0 ? undefined : `${[...this.lost].join()} to be removed`;
  }

  /** Roles stand still while a machine is lost or about to be. */
  private get busy(): boolean {
    return this.doomed || this.lost.size > 0;
  }

  /** Changes a node's spec by the API of the machine that leads. */
  setNode(host: Host | undefined, change: Partial<NodeSpec>): void {
    if (host === undefined || (change.desiredRole !== undefined && this.busy)) {
      return;
    }
    this.update(host.nodeId, change).catch(() => undefined);
  }

  /**
   * The machine burns, and another is set up: at the same address or at a new one. Waits while that would take the
   * majority for good, which no cluster survives without `--force-new-cluster`.
   */
  replace(host: Host, sameAddress: boolean, giveUpAt = this.on.world.now + PATIENCE_MS): void {
    const { fleet, world, scope } = this.on;
    if (this.lost.size > 0 || !fleet.hosts.includes(host)) {
      return;
    }
    if (!this.survivesWithout(host)) {
      this.doomed = world.now < giveUpAt;
      if (this.doomed) {
        world.schedule(scope, LOOK_MS, () => this.replace(host, sameAddress, giveUpAt));
      }
      return;
    }
    this.doomed = false;
    world.log('operator', `${host.name} is lost for good`);
    this.setUpAnew(host, sameAddress);
  }

  /**
   * A worker that was away while every manager it knew was demoted or replaced cannot find the others, in Swarm
   * neither: it leaves by force and joins anew.
   */
  readmitStranded(): void {
    const { fleet } = this.on;
    const standing = new Set(fleet.seeds().map(({ address }) => address));
    const stranded = fleet.hosts.find(
      (host) => host.role === 'worker' && host.knownManagers.every(({ address }) => !standing.has(address)),
    );
    if (stranded !== undefined && !this.busy) {
      this.setUpAnew(stranded, true);
    }
  }

  private setUpAnew(host: Host, sameAddress: boolean): void {
    const { fleet } = this.on;
    fleet.lose(host);
    this.lost.add(host.nodeId);
    this.remove(host.nodeId, () => {
      fleet.join(fleet.add(host.options.role, fleet.seeds(), sameAddress ? host.place : undefined));
    });
  }

  /** One more machine. */
  extend(role: Host['role']): void {
    const { fleet, world } = this.on;
    if (!this.busy && fleet.hosts.length < MAX_MACHINES && fleet.seeds().length > 0) {
      this.rolesChangedAt = world.now;
      fleet.join(fleet.add(role, fleet.seeds()));
    }
  }

  /** All drained nodes become active again. */
  activateAll(): void {
    if (this.underWay > 0) {
      return;
    }
    for (const node of this.on.fleet.leader()?.manager?.parts.store.view.all('node') ?? []) {
      if (node.spec.availability !== 'active') {
        this.update(node.id, { availability: 'active' }).catch(() => undefined);
      }
    }
  }

  private survivesWithout(host: Host): boolean {
    const { fleet, world } = this.on;
    const leader = fleet.leader()?.manager;
    const members = leader?.raft?.status().members;
    if (leader === undefined || members === undefined) {
      return false;
    }
    const nodes = [...leader.parts.store.view.all('node')];
    const atRest =
      members.every(({ learner }) => !learner) &&
      nodes.every((node) => node.spec.desiredRole === node.role) &&
      fleet.hosts.every(({ role, nodeId }) =>
        nodes.some(({ id, role: other }) => id === nodeId && role === other),
      ) &&
      members.length === fleet.seeds().length &&
      world.now - this.rolesChangedAt > ROLES_AT_REST_MS;
    const left = members.filter(({ nodeId }) => nodeId !== host.nodeId).length;
    return atRest && left >= Math.floor(members.length / 2) + 1;
  }

  private remove(nodeId: string, done: () => void): void {
    const { world, scope } = this.on;
    const again = () => world.schedule(scope, LOOK_MS, () => this.remove(nodeId, done));
    within(world, scope, ANSWER_MS, this.tryToRemove(nodeId)).then((removed) => {
      if (removed) {
        world.log('operator', `${nodeId} is removed`);
        this.lost.delete(nodeId);
        this.replaced += 1;
        done();
      } else {
        again();
      }
    }, again);
  }

  /** `node demote`, then `node rm --force`; the second is refused until it has left raft. */
  private async tryToRemove(nodeId: string): Promise<boolean> {
    const { fleet } = this.on;
    const leader = fleet.leader()?.manager;
    if (leader === undefined) {
      return false;
    }
    if (leader.parts.store.view.get('node', nodeId) === undefined) {
      return true;
    }
    await this.update(nodeId, { desiredRole: 'worker' });
    await leader.control.removeNode({ ref: nodeId, force: true }, localContext());
    return true;
  }

  private async update(nodeId: string, change: Partial<NodeSpec>): Promise<void> {
    const { world, scope } = this.on;
    this.underWay += 1;
    try {
      await within(world, scope, ANSWER_MS, this.callUpdate(nodeId, change));
    } finally {
      this.underWay -= 1;
    }
  }

  private async callUpdate(nodeId: string, change: Partial<NodeSpec>): Promise<void> {
    const { fleet, world } = this.on;
    const control = fleet.leader()?.manager?.control;
    const node = await control?.getNode({ ref: nodeId }, localContext());
    if (control === undefined || node === undefined) {
      return;
    }
    const changed = { ...node.spec, ...change };
    if (changed.desiredRole !== node.spec.desiredRole) {
      this.rolesChangedAt = world.now;
    }
    await control.updateNode({ ref: node.id, version: node.meta.version, spec: changed }, localContext());
    world.log('operator', `${nodeId} ${JSON.stringify(change)}`);
  }
}
