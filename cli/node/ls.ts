// skein node ls
import type { Info, SwarmNode } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { text, toggle } from '../flags/flag.ts';
import { printList, type RowFields } from '../format/list.ts';
import { humanDuration, naturalOrder } from '../format/units.ts';
import { filterFlag, toFilters } from '../opts/filter.ts';

const COLUMNS = {
  headers: {
    ID: 'ID',
    Self: '',
    Hostname: 'HOSTNAME',
    Status: 'STATUS',
    Availability: 'AVAILABILITY',
    ManagerStatus: 'MANAGER STATUS',
    EngineVersion: 'ENGINE VERSION',
    TLSStatus: 'TLS STATUS',
  },
  table: ['ID', 'Hostname', 'Status', 'Availability', 'ManagerStatus', 'EngineVersion'],
  quiet: 'ID',
};
const TABLE =
  'table {{.ID}} {{if .Self}}*{{else}} {{end}}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}';

export const command = defineCommand({
  usage: 'node ls [OPTIONS]',
  summary: 'List nodes in the swarm',
  aliases: ['node ls', 'node list'],
  examples: [
    ['node ls', 'show every node; * marks the one that answers'],
    ['node ls --filter role=manager', 'show managers only'],
    [`node ls --format '{{.Hostname}} {{.ManagerStatus}}'`, 'print chosen fields'],
  ],
  flags: {
    filter: filterFlag(undefined, 'f'),
    format: text('Format output using a custom template: table, json, "table TEMPLATE" or TEMPLATE'),
    quiet: toggle('Only display IDs', 'q'),
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout, now }, { flags }) {
    const [nodes, info] = await Promise.all([
      api.get<readonly SwarmNode[]>('/nodes', { filters: toFilters(flags.filter) }),
      flags.quiet ? undefined : api.get<Info>('/info'),
    ]);
    const rows = [...nodes]
      .sort((a, b) => naturalOrder(a.Description?.Hostname ?? '', b.Description?.Hostname ?? ''))
      .map((node) => nodeRow(node, info, now()));
    const usesTable = (flags.format ?? 'table') === 'table' && !flags.quiet;
    printList(stdout, COLUMNS, { format: usesTable ? TABLE : flags.format, quiet: flags.quiet }, rows);
    return 0;
  },
});

function nodeRow(node: SwarmNode, info: Info | undefined, now: number): RowFields {
  const { Description: description } = node;
  const root = info?.Swarm?.Cluster?.TLSInfo?.TrustRoot;
  const own = description?.TLSInfo?.TrustRoot;
  return {
    ID: node.ID,
    Self: node.ID === info?.Swarm?.NodeID,
    Hostname: description?.Hostname ?? '',
    Status: capital(node.Status.State ?? ''),
    Availability: capital(node.Spec.Availability),
    ManagerStatus: managerStatus(node, now),
    EngineVersion: description?.Engine?.EngineVersion ?? '',
    TLSStatus:
      own === undefined || root === undefined ? 'Unknown' : own === root ? 'Ready' : 'Needs Rotation',
  };
}

/** As docker shows it, and for how long the leader has not heard of a manager: `Unreachable (3 minutes)`. */
export function managerStatus({ ManagerStatus: status }: SwarmNode, now: number): string {
  if (status?.Leader === true) {
    return 'Leader';
  }
  const word = capital(status?.Reachability ?? '');
  const since = Date.parse(status?.UnreachableSince ?? '');
  return Number.isNaN(since) ? word : `${word} (${humanDuration(Math.max(0, now - since))})`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
