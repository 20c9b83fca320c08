// skein network check
import { defineCommand } from '../command.ts';
import { text } from '../flags/flag.ts';
import { printList } from '../format/list.ts';
import { shortId } from '../format/units.ts';

interface Peer {
  readonly NodeID: string;
  readonly Address: string;
  readonly KeyEpoch: number;
  readonly Sent: number;
  readonly Received: number;
  readonly RoundTripMs: number | null;
  readonly Problem: string;
}

interface Report {
  readonly NetworkID: string;
  readonly Name: string;
  readonly Version: number;
  readonly Differences: readonly string[];
  /** Told by daemons that know of them. */
  readonly Problems?: readonly string[];
  /** Of encrypted networks. */
  readonly Peers?: readonly Peer[];
}

const COLUMNS = {
  headers: { ID: 'NETWORK ID', Name: 'NAME', Version: 'VIEW', Difference: 'DIFFERENCE' },
  table: ['ID', 'Name', 'Version', 'Difference'],
  quiet: 'ID',
};

const PEER_COLUMNS = {
  headers: {
    ...{ Network: 'NETWORK', Node: 'NODE ID', Address: 'ADDRESS', Key: 'KEY', Packets: 'SENT/RECEIVED' },
    ...{ Time: 'ROUND TRIP', State: 'ENCRYPTED' },
  },
  table: ['Network', 'Node', 'Address', 'Key', 'Packets', 'Time', 'State'],
  quiet: 'Node',
};

export const command = defineCommand({
  usage: 'network check [OPTIONS]',
  summary:
    "Compare this node's networks with their plan, mend what differs, and say what stands in their way",
  aliases: ['network check'],
  examples: [
    ['network check', 'say "no difference", or list what the kernel held otherwise than planned'],
    [
      'network check',
      'on a node with encrypted networks: whether every other node is reached, and encrypted',
    ],
    ['network check --format json', 'the same for a program; exit code 1 when anything differed'],
  ],
  flags: {
    format: text('Format output using a custom template: table, json, "table TEMPLATE" or TEMPLATE'),
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags }) {
    const reports = await api.post<readonly Report[]>('/skein/network/check');
    const rows = reports.flatMap((report) =>
      [...report.Differences, ...(report.Problems ?? [])].map((Difference) => ({
        ID: shortId(report.NetworkID),
        Name: report.Name,
        Version: String(report.Version),
        Difference,
      })),
    );
    if (rows.length > 0 || flags.format !== undefined) {
      printList(stdout, COLUMNS, { ...flags, quiet: false }, rows);
    } else {
      stdout.write('no difference\n');
    }
    const peers = reports.flatMap(({ Name, Peers = [] }) => Peers.map((peer) => ({ ...peer, Name })));
    if (peers.length > 0 && flags.format === undefined) {
      stdout.write('\n');
      printList(stdout, PEER_COLUMNS, { format: undefined, quiet: false }, peers.map(peerRow));
    }
    return rows.length === 0 && peers.every(({ Problem }) => Problem === '') ? 0 : 1;
  },
});

function peerRow(peer: Peer & { readonly Name: string }): Record<string, string> {
  return {
    Network: peer.Name,
    Node: shortId(peer.NodeID),
    Address: peer.Address,
    Key: String(peer.KeyEpoch),
    Packets: `${peer.Sent}/${peer.Received}`,
    Time: peer.RoundTripMs === null ? 'none' : `${peer.RoundTripMs.toFixed(1)} ms`,
    State: peer.Problem === '' ? 'yes' : `no: ${peer.Problem}`,
  };
}
