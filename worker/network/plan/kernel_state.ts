// The kernel's state of one namespace as plain values, and the difference between two such states as an
// ordered list of changes. Pure and printable: links are named, never numbered.

export interface LinkObject {
  readonly type: 'link';
  readonly name: string;
  /** `stray`: somebody else's, to be removed; never part of a plan. */
  readonly kind: 'vxlan' | 'uplink' | 'task' | 'stray';
  readonly mac: string;
  readonly mtu: number;
  readonly vxlan?: { readonly vni: number; readonly local: string; readonly port: number };
}

export interface AddressObject {
  readonly type: 'address';
  readonly link: string;
  /** CIDR. */
  readonly address: string;
}

export interface RouteObject {
  readonly type: 'route';
  /** CIDR. */
  readonly destination: string;
  readonly table: number;
  readonly kind: 'unicast' | 'unreachable';
  readonly via?: string;
  readonly link?: string;
  /** Only on routes that somebody else made. */
  readonly metric?: number;
}

export interface NeighbourObject {
  readonly type: 'neighbour';
  readonly link: string;
  readonly address: string;
  readonly mac: string;
}

/** A VXLAN forwarding entry: frames to `mac` travel to the VTEP `address`. */
export interface ForwardingObject {
  readonly type: 'forwarding';
  readonly link: string;
  readonly mac: string;
  readonly address: string;
}

export interface RuleObject {
  readonly type: 'rule';
  readonly priority: number;
  readonly table: number;
  readonly fwmark?: number;
  /** CIDR. */
  readonly from?: string;
  /** Of IPv6; absent: of IPv4. */
  readonly six?: true;
}

export type KernelObject =
  | LinkObject
  | AddressObject
  | RouteObject
  | NeighbourObject
  | ForwardingObject
  | RuleObject;

/** Objects by what makes them one and the same; a state holds each once. */
export type KernelState = ReadonlyMap<string, KernelObject>;

/** `put` adds or replaces in place; `remove` comes first where the kernel cannot replace. */
export interface Change {
  readonly action: 'put' | 'remove';
  readonly object: KernelObject;
}

/** What identifies the object in the kernel: two with the same key cannot stand side by side. */
export function keyOf(object: KernelObject): string {
  switch (object.type) {
    case 'link':
      return `link ${object.name}`;
    case 'address':
      return `address ${object.address} ${object.link}`;
    case 'route':
      return `route ${object.destination} table ${object.table}${metricText(object)}`;
    case 'neighbour':
      return `neighbour ${object.address} ${object.link}`;
    case 'forwarding':
      return `forwarding ${object.mac} ${object.link}`;
    case 'rule':
      return `rule${object.six ? '6' : ''} ${object.priority} table ${object.table}`;
  }
}

function metricText({ metric }: RouteObject): string {
  return metric === undefined ? '' : ` metric ${metric}`;
}

export function stateOf(objects: Iterable<KernelObject>): Map<string, KernelObject> {
  const state = new Map<string, KernelObject>();
  for (const object of objects) {
    state.set(keyOf(object), object);
  }
  return state;
}

/** The state after the changes, made in place. */
export function appliedTo(
  state: Map<string, KernelObject>,
  changes: readonly Change[],
): Map<string, KernelObject> {
  const removed = changes.filter(({ action }) => action === 'remove').map(({ object }) => object);
  const lost = new Set(removed.flatMap((object) => (object.type === 'link' ? object.name : [])));
  for (const object of removed) {
    state.delete(keyOf(object));
  }
  for (const [key, object] of lost.size === 0 ? [] : state) {
    if ('link' in object && object.link !== undefined && lost.has(object.link)) {
      state.delete(key);
    }
  }
  for (const { action, object } of changes) {
    if (action === 'put') {
      state.set(keyOf(object), object);
    }
  }
  return state;
}

const PUT_ORDER: readonly KernelObject['type'][] = [
  'link',
  'address',
  'neighbour',
  'forwarding',
  'route',
  'rule',
];

/**
 * Changes that turn `actual` into `desired`: removals first (users before what they use), then additions in
 * the opposite order. What goes down with a removed link is not removed by itself but added again if wanted.
 */
export function diff(actual: KernelState, desired: KernelState): Change[] {
  const removals: Change[] = [];
  const puts: Change[] = [];
  const lost = new Set<string>();
  for (const [key, object] of actual) {
    const wanted = desired.get(key);
    if (object.type === 'link' && (wanted === undefined || !sameObject(object, wanted))) {
      lost.add(object.name);
    }
  }
  const survives = (object: KernelObject): boolean => {
    const link = object.type === 'link' ? object.name : 'link' in object ? object.link : undefined;
    return link === undefined || !lost.has(link);
  };
  for (const [key, object] of actual) {
    const wanted = desired.get(key);
    const replaced = wanted !== undefined && !sameObject(object, wanted) && !REPLACEABLE.has(object.type);
    if ((wanted === undefined || replaced) && (object.type === 'link' || survives(object))) {
      removals.push({ action: 'remove', object });
    }
  }
  for (const [key, object] of desired) {
    const present = actual.get(key);
    if (present === undefined || !survives(present) || !sameObject(present, object)) {
      puts.push({ action: 'put', object });
    }
  }
  const rank = (change: Change): number => PUT_ORDER.indexOf(change.object.type);
  removals.sort((one, other) => rank(other) - rank(one));
  puts.sort((one, other) => rank(one) - rank(other));
  return [...removals, ...puts];
}

/** The kernel replaces these in one step, so nothing is missing in between. */
const REPLACEABLE: ReadonlySet<KernelObject['type']> = new Set(['route', 'neighbour', 'forwarding']);

export function sameObject(one: KernelObject, other: KernelObject): boolean {
  // Field by field: a plan of a thousand endpoints is compared with every change.
  const [fields, others] = [one as unknown as Fields, other as unknown as Fields];
  const names = Object.keys(fields);
  return (
    names.length === Object.keys(others).length &&
    names.every((name) => sameValue(fields[name], others[name]))
  );
}

type Fields = Readonly<Record<string, unknown>>;

function sameValue(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other));
}

/** One line, for logs, for `network check` and for comparing. */
export function describeObject(object: KernelObject): string {
  switch (object.type) {
    case 'link': {
      const tunnel = object.vxlan;
      const extra =
        tunnel === undefined ? '' : ` vni ${tunnel.vni} local ${tunnel.local} port ${tunnel.port}`;
      return `link ${object.name} ${object.kind} mac ${object.mac} mtu ${object.mtu}${extra}`;
    }
    case 'address':
      return `address ${object.address} dev ${object.link}`;
    case 'route': {
      const via = object.via === undefined ? '' : ` via ${object.via}`;
      const dev = object.link === undefined ? '' : ` dev ${object.link}`;
      return `route ${object.kind} ${object.destination} table ${object.table}${via}${dev}${metricText(object)}`;
    }
    case 'neighbour':
      return `neighbour ${object.address} mac ${object.mac} dev ${object.link}`;
    case 'forwarding':
      return `forwarding ${object.mac} to ${object.address} dev ${object.link}`;
    case 'rule': {
      const from = object.from === undefined ? '' : ` from ${object.from}`;
      const mark = object.fwmark === undefined ? '' : ` fwmark ${object.fwmark}`;
      return `rule${object.six ? '6' : ''} ${object.priority}${from}${mark} table ${object.table}`;
    }
  }
}
