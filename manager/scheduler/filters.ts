// The conditions that a node must meet for a task, in Swarm's order; the first that fails is the one told.
import { nodeMatches, parseConstraints } from '../../shared/model/constraint.ts';
import type { Platform } from '../../shared/model/node.ts';
import { fitsBeside, NO_RESOURCES, reservationsOf } from '../../shared/model/resource_math.ts';
import type { Demand } from './group.ts';
import type { NodeEntry } from './node_entry.ts';

export interface Filter {
  readonly name: 'ready' | 'resources' | 'constraints' | 'platform' | 'host-port' | 'max-replicas';
  /** False when the filter can refuse no node for this demand. */
  readonly applies: (demand: Demand) => boolean;
  readonly admits: (demand: Demand, entry: NodeEntry) => boolean;
  /** Swarm's words for so many refused nodes. */
  readonly explain: (nodes: number) => string;
}

const onNodes = (text: string) => (count: number) => `${text} on ${count} ${count === 1 ? 'node' : 'nodes'}`;

export const FILTERS: readonly Filter[] = [
  {
    name: 'ready',
    applies: () => true,
    admits: (_demand, { node }) => node.status.state === 'ready' && node.spec.availability === 'active',
    explain: (count) => `${count} ${count === 1 ? 'node' : 'nodes'} not available for new tasks`,
  },
  {
    name: 'resources',
    applies: ({ spec }) => {
      const asked = reservationsOf(spec);
      return asked.nanoCpus > 0 || asked.memoryBytes > 0 || asked.generic.length > 0;
    },
    admits: ({ spec }, { node, used }) =>
      fitsBeside(node.description?.resources ?? NO_RESOURCES, used, reservationsOf(spec)),
    explain: onNodes('insufficient resources'),
  },
  {
    name: 'constraints',
    applies: ({ spec }) => (spec.placement?.constraints.length ?? 0) > 0,
    admits: ({ spec }, { node }) => nodeMatches(parsedConstraints(spec.placement?.constraints ?? []), node),
    explain: onNodes('scheduling constraints not satisfied'),
  },
  {
    name: 'platform',
    applies: ({ spec }) => (spec.placement?.platforms.length ?? 0) > 0,
    admits: ({ spec }, { node }) => {
      const platform = node.description?.platform;
      const accepted = spec.placement?.platforms ?? [];
      return platform !== undefined && accepted.some((one) => platformMatches(one, platform));
    },
    explain: onNodes('unsupported platform'),
  },
  {
    name: 'host-port',
    applies: ({ hostPorts }) => hostPorts.length > 0,
    admits: ({ hostPorts }, entry) => !hostPorts.some((port) => entry.isPortTaken(port)),
    explain: onNodes('host-mode port already in use'),
  },
  {
    name: 'max-replicas',
    applies: ({ spec }) => (spec.placement?.maxReplicas ?? 0) > 0,
    admits: ({ spec, serviceId }, entry) => entry.serviceLoad(serviceId) < (spec.placement?.maxReplicas ?? 0),
    explain: () => 'max replicas per node limit exceed',
  },
];

/** The filters that matter for a demand; most tasks need only the first. */
export function filtersFor(demand: Demand): readonly Filter[] {
  return FILTERS.filter((filter) => filter.applies(demand));
}

/** The first filter that refuses the node, undefined when it suits. */
export function refusal(filters: readonly Filter[], demand: Demand, entry: NodeEntry): Filter | undefined {
  for (const filter of filters) {
    if (!filter.admits(demand, entry)) {
      return filter;
    }
  }
  return undefined;
}

/** `no suitable node (…)`: each reason with its number of nodes, most frequent first. */
export function explain(filters: readonly Filter[], demand: Demand, entries: Iterable<NodeEntry>): string {
  const counts = new Map<Filter, number>();
  for (const entry of entries) {
    const filter = refusal(filters, demand, entry);
    if (filter !== undefined) {
      counts.set(filter, (counts.get(filter) ?? 0) + 1);
    }
  }
  const reasons = [...counts].sort((a, b) => b[1] - a[1]).map(([filter, count]) => filter.explain(count));
  return reasons.length === 0 ? 'no suitable node' : `no suitable node (${reasons.join('; ')})`;
}

type Parsed = ReturnType<typeof parseConstraints>;

/** By the spec's own list: specs are frozen, and one is asked about for every node. */
const parsed = new WeakMap<readonly string[], Parsed>();

function parsedConstraints(list: readonly string[]): Parsed {
  let constraints = parsed.get(list);
  if (constraints === undefined) {
    constraints = parseConstraints(list);
    parsed.set(list, constraints);
  }
  return constraints;
}

/** Go's names for what `uname -m` calls otherwise. */
const ARCHITECTURE_NAMES: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['aarch64', 'arm64'],
]);

function platformMatches(wanted: Platform, actual: Platform): boolean {
  const sameOs = wanted.os === '' || wanted.os.toLowerCase() === actual.os.toLowerCase();
  const sameArchitecture =
    wanted.architecture === '' || architecture(wanted.architecture) === architecture(actual.architecture);
  return sameOs && sameArchitecture;
}

function architecture(name: string): string {
  const lower = name.toLowerCase();
  return ARCHITECTURE_NAMES.get(lower) ?? lower;
}
