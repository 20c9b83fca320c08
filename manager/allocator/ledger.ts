// Who holds what: addresses, subnets, published ports, VXLAN identifiers and overlay indexes, derived from
// the objects of the store alone. Built from a view when a leader starts and kept up by commits, so what no
// object holds is free and nothing can leak. It decides nothing about who gets what.
import type { PortConfig } from '../../shared/model/endpoint.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Network } from '../../shared/model/network.ts';
import type { Node } from '../../shared/model/node.ts';
import type { Service } from '../../shared/model/service.ts';
import { isTerminal, type Task, taskStateRank } from '../../shared/model/task.ts';
import type { ReadView, StoreChange } from '../store/api.ts';
import { hostOf, type Cidr, type IpAddress, parseCidr } from '../../shared/model/cidr.ts';
import { AddressPool } from './address_pool.ts';
import { NumberPool } from './number_pool.ts';
import { PortPool } from './port_pool.ts';

/** Swarm's first identifier for overlays; below lie those of other users. */
export const VNI_LOW = 4096;
export const VNI_HIGH = 2 ** 24 - 1;
/** So that index and the nodes' inner addresses and MACs fit in 16 bits with room for reserved ones. */
export const OVERLAY_INDEX_LOW = 1;
export const OVERLAY_INDEX_HIGH = 65_279;

/** What became free; waiting objects are tried again when their key comes up. */
export type FreedKey = `address:${Id}` | `port:${string}` | 'subnet' | 'vni' | 'overlay-index';

interface Holding {
  readonly networkId: Id;
  readonly address: string;
}

const RUNNING_RANK = taskStateRank('running');

/** True while the task's addresses are its own: it may still run, or is still wanted. */
export function holdsAddresses(task: Task): boolean {
  return !(isTerminal(task.status.state) && taskStateRank(task.desiredState) > RUNNING_RANK);
}

/** True once the network has all that a task or VIP on it needs. */
export function isAllocated(network: Network): boolean {
  return network.spec.driver !== 'overlay' || (network.vni !== undefined && network.subnets.length > 0);
}

export class Ledger {
  readonly vnis = new NumberPool(VNI_LOW, VNI_HIGH);
  readonly overlayIndexes = new NumberPool(OVERLAY_INDEX_LOW, OVERLAY_INDEX_HIGH);
  readonly ports = new PortPool();
  private readonly pools = new Map<Id, readonly AddressPool[]>();
  private readonly subnets = new Map<Id, readonly Cidr[]>();
  private ingress: Id | undefined;

  constructor(view: ReadView) {
    for (const network of view.all('network')) {
      this.noteNetwork(network);
    }
    for (const node of view.all('node')) {
      this.noteNode(node);
    }
    for (const service of view.all('service')) {
      this.claimAll(holdingsOfService(service), service.id);
      this.claimPorts(service);
    }
    for (const task of view.all('task')) {
      this.claimAll(holdingsOfTask(task), task.id);
    }
    for (const pools of this.pools.values()) {
      for (const pool of pools) {
        pool.continueAfterHighest();
      }
    }
  }

  get ingressNetworkId(): Id | undefined {
    return this.ingress;
  }

  /** One pool per subnet, IPv4 first; empty when the network has none (yet). */
  poolsOf(networkId: Id): readonly AddressPool[] {
    return this.pools.get(networkId) ?? [];
  }

  /** Every subnet in use and the network that has it. */
  *takenSubnets(): Iterable<{ readonly networkId: Id; readonly prefix: Cidr }> {
    for (const [networkId, prefixes] of this.subnets) {
      for (const prefix of prefixes) {
        yield { networkId, prefix };
      }
    }
  }

  /** Takes note of a network that is allocated, or about to be. */
  noteNetwork(network: Network): void {
    if (network.spec.ingress) {
      this.ingress = network.id;
    }
    if (network.subnets.length === 0 || this.pools.has(network.id)) {
      return;
    }
    const configs = network.spec.ipam.configs;
    const auxiliary = configs.flatMap((config) => Object.values(config.auxAddresses));
    const pools = network.subnets.map((subnet) => new AddressPool(subnet, auxiliary));
    this.pools.set(
      network.id,
      pools.sort((a, b) => a.family - b.family),
    );
    this.subnets.set(
      network.id,
      network.subnets.map((subnet) => parseCidr(subnet.subnet)).filter((prefix) => prefix !== undefined),
    );
    if (network.vni !== undefined) {
      this.vnis.claim(network.vni, network.id);
    }
  }

  /** Follows one committed change; answers what became free by it. */
  apply(change: StoreChange, now: number): readonly FreedKey[] {
    switch (change.table) {
      case 'network':
        return change.action === 'remove' ? this.dropNetwork(change.object, now) : this.note(change.object);
      case 'node':
        return change.action === 'remove' ? this.dropNode(change.object, now) : this.noteNode(change.object);
      case 'service': {
        const before =
          change.action === 'create'
            ? undefined
            : change.action === 'update'
              ? change.previous
              : change.object;
        const after = change.action === 'remove' ? undefined : change.object;
        return [
          ...this.moveAddresses(
            change.object.id,
            before === undefined ? [] : holdingsOfService(before),
            after === undefined ? [] : holdingsOfService(after),
          ),
          ...this.movePorts(change.object.id, before, after),
        ];
      }
      case 'task': {
        const before =
          change.action === 'create'
            ? undefined
            : change.action === 'update'
              ? change.previous
              : change.object;
        const after = change.action === 'remove' ? undefined : change.object;
        return this.moveAddresses(
          change.object.id,
          before === undefined ? [] : holdingsOfTask(before),
          after === undefined ? [] : holdingsOfTask(after),
        );
      }
      default:
        return [];
    }
  }

  /** This very address; `outside` when no subnet of the network has it. */
  takeThis(networkId: Id, address: IpAddress, owner: Id): string | 'taken' | 'outside' {
    for (const pool of this.poolsOf(networkId)) {
      const outcome = pool.family === address.family ? pool.takeThis(address, owner) : 'outside';
      if (outcome !== 'outside') {
        return outcome;
      }
    }
    return 'outside';
  }

  /**
   * One address of each family of the network; undefined (and nothing taken) when one family has none left.
   * @param wished that the owner has taken already, of one family at most once; given back when the rest cannot be had
   */
  takeAddresses(networkId: Id, owner: Id, wished: readonly string[] = []): readonly string[] | undefined {
    const taken: string[] = [...wished];
    for (const pool of this.poolsOf(networkId)) {
      // Several subnets of one family are one pool to the task: the first that has room serves it.
      if (taken.some((address) => address.includes(':') === (pool.family === 6))) {
        continue;
      }
      const address = pool.take(owner);
      if (address !== undefined) {
        taken.push(address);
      }
    }
    const families = new Set(this.poolsOf(networkId).map((pool) => pool.family));
    if (taken.length === families.size) {
      return taken.sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
    }
    this.releaseAll(networkId, taken, owner);
    return undefined;
  }

  releaseAll(networkId: Id, addresses: readonly string[], owner: Id): void {
    for (const address of addresses) {
      for (const pool of this.poolsOf(networkId)) {
        pool.release(address, owner);
      }
    }
  }

  private note(network: Network): readonly FreedKey[] {
    this.noteNetwork(network);
    return [];
  }

  private noteNode(node: Node): readonly FreedKey[] {
    if (node.overlayIndex !== undefined) {
      this.overlayIndexes.claim(node.overlayIndex, node.id);
    }
    return [];
  }

  private dropNode(node: Node, now: number): readonly FreedKey[] {
    if (node.overlayIndex === undefined) {
      return [];
    }
    this.overlayIndexes.release(node.overlayIndex, node.id, now);
    return ['overlay-index'];
  }

  private dropNetwork(network: Network, now: number): readonly FreedKey[] {
    this.pools.delete(network.id);
    this.subnets.delete(network.id);
    if (this.ingress === network.id) {
      this.ingress = undefined;
    }
    if (network.vni !== undefined) {
      this.vnis.release(network.vni, network.id, now);
    }
    return ['subnet', 'vni', `address:${network.id}`];
  }

  private claimAll(holdings: readonly Holding[], owner: Id): void {
    for (const { networkId, address } of holdings) {
      for (const pool of this.poolsOf(networkId)) {
        pool.claim(address, owner);
      }
    }
  }

  private moveAddresses(owner: Id, before: readonly Holding[], after: readonly Holding[]): FreedKey[] {
    const freed: FreedKey[] = [];
    for (const { networkId, address } of before) {
      const kept = after.some((held) => held.networkId === networkId && held.address === address);
      if (!kept && this.poolsOf(networkId).some((pool) => pool.release(address, owner))) {
        freed.push(`address:${networkId}`);
      }
    }
    this.claimAll(after, owner);
    return freed;
  }

  private claimPorts(service: Service): void {
    for (const port of publishedPorts(service)) {
      this.ports.claim(port.protocol, port.published, service.id);
    }
  }

  private movePorts(owner: Id, before: Service | undefined, after: Service | undefined): FreedKey[] {
    const kept = after === undefined ? [] : publishedPorts(after);
    const freed: FreedKey[] = [];
    for (const { protocol, published } of before === undefined ? [] : publishedPorts(before)) {
      const stays = kept.some((port) => port.protocol === protocol && port.published === published);
      if (!stays && this.ports.release(protocol, published, owner)) {
        freed.push(`port:${protocol}:${published}`, `port:${protocol}`);
      }
    }
    for (const { protocol, published } of kept) {
      this.ports.claim(protocol, published, owner);
    }
    return freed;
  }
}

/** The ingress-mode ports that the service was given. */
export function publishedPorts(service: Service): readonly PortConfig[] {
  return (service.endpoint?.ports ?? []).filter((port) => port.mode === 'ingress' && port.published !== 0);
}

function holdingsOfService(service: Service): readonly Holding[] {
  return service.endpoint?.virtualIps ?? [];
}

function holdingsOfTask(task: Task): readonly Holding[] {
  if (!holdsAddresses(task)) {
    return [];
  }
  return task.networks.flatMap(({ networkId, addresses }) =>
    addresses.map((address) => ({ networkId, address: hostOf(address) })),
  );
}
