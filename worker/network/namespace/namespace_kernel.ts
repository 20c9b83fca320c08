// The kernel's side of one network namespace: reads its state as values, applies changes in batches, and
// keeps the translation between link names (which plans use) and interface indexes (which netlink uses).
import { SkeinError } from '../../../shared/errors.ts';
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { NetlinkListener } from '../../kernel/netlink_listener.ts';
import type { Message, Request } from '../../kernel/netlink_message.ts';
import { NETLINK_ROUTE, NetlinkSocket } from '../../kernel/netlink_socket.ts';
import {
  AF,
  RTM,
  addRule,
  deleteAddress,
  deleteForwarding,
  deleteLink,
  deleteNeighbour,
  deleteRoute,
  deleteRule,
  putAddress,
  putForwarding,
  putNeighbour,
  putRoute,
  setLink,
} from '../../kernel/rtnetlink.ts';
import {
  type LinkState,
  readAddresses,
  readForwarding,
  readLinks,
  readNeighbours,
  readRoutes,
  readRules,
  toLink,
} from '../../kernel/rtnetlink_read.ts';
import { LOOPBACK, UPLINK, VXLAN_LINK } from '../plan/addressing.ts';
import type { Change, KernelObject, LinkObject } from '../plan/kernel_state.ts';
import { sameObject, stateOf } from '../plan/kernel_state.ts';

/** Below are `lo` and the fallback tunnels that some kernels put into every new namespace. */
const FIRST_OWN_INDEX = 16;
/** Of the tunnel modules, where they are loaded; they cannot be removed. */
const FALLBACK_LINKS: ReadonlySet<string> = new Set([
  ...['tunl0', 'gre0', 'gretap0', 'erspan0', 'ip_vti0'],
  ...['sit0', 'ip6tnl0', 'ip6gre0', 'ip6_vti0'],
]);
const LOOPBACK_INDEX = 1;
/** The kernel took it away together with its link. */
const GONE = ['ENOENT', 'ESRCH', 'ENODEV', 'EADDRNOTAVAIL', 'EADDRNOTAVAIL'];

export class NamespaceKernel {
  readonly socket: NetlinkSocket;
  private readonly listener: NetlinkListener;
  private readonly indexes = new Map<string, number>([[LOOPBACK, LOOPBACK_INDEX]]);
  /** Links as they should stay, by index: the kernel announces changes of their carrier, too. */
  private readonly settled = new Map<number, LinkObject>();
  /** Links whose end, a moment from now, is no surprise. */
  private readonly leaving = new Set<number>();
  private nextIndex = FIRST_OWN_INDEX;
  private touched = false;

  constructor(namespace: NamespaceRef) {
    this.socket = new NetlinkSocket(namespace, NETLINK_ROUTE);
    this.listener = new NetlinkListener(namespace);
  }

  close(): void {
    this.socket.close();
    this.listener.close();
  }

  /** True when somebody else, or the kernel, changed something since our last `read` or `apply`. */
  wasTouched(): boolean {
    this.listen();
    return this.touched;
  }

  /** The link goes with its other end, soon: what the kernel says of it from now on is no change. */
  expectEnd(name: string): void {
    const index = this.indexes.get(name);
    if (index !== undefined) {
      this.settled.delete(index);
      this.leaving.add(index);
    }
  }

  /** Explicitly, because the namespace's own end comes later and until then its links' names stay taken. */
  removeLinks(): void {
    const links = [...this.read().values()].filter((object) => object.type === 'link');
    this.apply(
      links.map((object) => ({ action: 'remove', object })),
      () => undefined,
    );
  }

  private listen(): void {
    this.touched = this.listener.hasHeard((message) => this.isExpected(message)) || this.touched;
  }

  private isExpected(message: Message): boolean {
    if (message.type !== RTM.NEWLINK && message.type !== RTM.DELLINK) {
      return false;
    }
    const state = toLink(message);
    if (this.leaving.has(state.index)) {
      return true;
    }
    const known = this.settled.get(state.index);
    const [now] = toLinkObject(state);
    const isAsItWas = known !== undefined && now !== undefined && sameObject(known, now) && state.up;
    return message.type === RTM.NEWLINK && isAsItWas;
  }

  /** An interface index for a link about to be made here; choosing it ourselves saves asking for it. */
  claimIndex(name: string): number {
    const index = this.nextIndex;
    this.nextIndex += 1;
    this.indexes.set(name, index);
    return index;
  }

  /** What is there now. Links of ours that are down are brought up on the way. */
  read(): Map<string, KernelObject> {
    this.listener.hasHeard();
    this.touched = false;
    const links = readLinks(this.socket);
    this.indexes.clear();
    this.settled.clear();
    this.leaving.clear();
    for (const link of links) {
      this.indexes.set(link.name, link.index);
      for (const object of toLinkObject(link).filter(({ kind }) => kind !== 'stray')) {
        this.settled.set(link.index, object);
      }
      this.nextIndex = Math.max(this.nextIndex, link.index + 1);
    }
    const names = new Map(links.map((link) => [link.index, link.name]));
    const nameOf = (index: number): string => names.get(index) ?? `#${index}`;
    this.socket.execute(links.filter(({ up }) => !up).map(({ index }) => setLink(index, true)));
    this.listener.hasHeard();
    return stateOf([
      ...links.flatMap(toLinkObject),
      ...readAddresses(this.socket)
        .filter(({ address }) => !/^(?:127\.|::1\/|fe80:)/.test(address))
        .map(({ index, address }) => ({ type: 'address' as const, link: nameOf(index), address })),
      ...[...readRoutes(this.socket), ...readRoutes(this.socket, AF.INET6)].map(
        ({ type, index, destination, table, via, metric }) => ({
          ...{ type: 'route' as const, destination, table, kind: type },
          ...(via === undefined ? {} : { via }),
          ...(index === undefined ? {} : { link: nameOf(index) }),
          ...(metric === undefined ? {} : { metric }),
        }),
      ),
      ...[...readNeighbours(this.socket), ...readNeighbours(this.socket, AF.INET6)].map(
        ({ index, address, mac }) => ({
          ...{ type: 'neighbour' as const, link: nameOf(index), address, mac },
        }),
      ),
      ...readForwarding(this.socket).map(({ index, address, mac }) => ({
        ...{ type: 'forwarding' as const, link: nameOf(index), address, mac },
      })),
      ...[...readRules(this.socket), ...readRules(this.socket, AF.INET6)].map((rule) => ({
        type: 'rule' as const,
        ...rule,
      })),
    ]);
  }

  /**
   * Applies changes in order. Links are made by `makeLink`, which needs to know the other end.
   * @throws SkeinError of the first change that the kernel refused
   */
  apply(changes: readonly Change[], makeLink: (link: LinkObject) => void): void {
    this.listen();
    const removals = changes.filter(({ action }) => action === 'remove');
    this.socket.execute(
      removals.map(({ object }) => this.removal(object)),
      GONE,
    );
    const puts = changes.filter(({ action }) => action === 'put').map(({ object }) => object);
    for (const object of puts) {
      if (object.type === 'link') {
        makeLink(object);
        this.settled.set(this.indexOf(object.name), object);
      }
    }
    this.socket.execute(
      puts.flatMap((object) => (object.type === 'link' ? [] : [this.addition(object)])),
      ['EEXIST'],
    );
    // What was just heard is our own doing.
    this.listener.hasHeard();
  }

  private indexOf(name: string): number {
    const index = this.indexes.get(name);
    if (index === undefined) {
      throw new SkeinError('internal', 'link-unknown', `no interface ${name} in the network's namespace`);
    }
    return index;
  }

  private addition(object: Exclude<KernelObject, LinkObject>): Request {
    switch (object.type) {
      case 'address':
        return putAddress(this.indexOf(object.link), object.address);
      case 'route':
        return putRoute(this.toRoute(object));
      case 'neighbour':
        return putNeighbour(this.indexOf(object.link), object.address, object.mac);
      case 'forwarding':
        return putForwarding(this.indexOf(object.link), object.mac, object.address);
      case 'rule':
        return addRule(object);
    }
  }

  private removal(object: KernelObject): Request {
    switch (object.type) {
      case 'link':
        return deleteLink(this.indexOf(object.name), object.name);
      case 'address':
        return deleteAddress(this.indexOf(object.link), object.address);
      case 'route':
        return deleteRoute(object);
      case 'neighbour':
        return deleteNeighbour(this.indexOf(object.link), object.address);
      case 'forwarding':
        return deleteForwarding(this.indexOf(object.link), object.mac, object.address);
      case 'rule':
        return deleteRule(object);
    }
  }

  private toRoute(route: Extract<KernelObject, { type: 'route' }>): Parameters<typeof putRoute>[0] {
    return {
      destination: route.destination,
      table: route.table,
      type: route.kind,
      ...(route.via === undefined ? {} : { via: route.via }),
      ...(route.link === undefined ? {} : { index: this.indexOf(route.link) }),
    };
  }
}

function toLinkObject(link: LinkState): LinkObject[] {
  const base = { type: 'link' as const, name: link.name, mac: link.mac, mtu: link.mtu };
  if (link.name === VXLAN_LINK && link.vxlan !== undefined) {
    return [{ ...base, kind: 'vxlan', vxlan: link.vxlan }];
  }
  if (link.name === UPLINK) {
    return [{ ...base, kind: 'uplink' }];
  }
  if (link.name.startsWith('t-')) {
    return [{ ...base, kind: 'task' }];
  }
  return link.name === LOOPBACK || FALLBACK_LINKS.has(link.name) ? [] : [{ ...base, kind: 'stray' }];
}
