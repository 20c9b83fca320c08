// skein network check
import { defineCommand } from '../command.ts';
import { text } from '../flags/flag.ts';
import { printList } from '../format/list.ts';
import { shortId } from '../format/units.ts';

interface Report {
  readonly NetworkID: string;
  readonly Name: string;
  readonly Version: number;
  readonly Differences: readonly string[];
  /** Told by daemons that know of them. */
  readonly Problems?: readonly string[];
}

const COLUMNS = {
  headers: { ID: 'NETWORK ID', Name: 'NAME', Version: 'VIEW', Difference: 'DIFFERENCE' },
  table: ['ID', 'Name', 'Version', 'Difference'],
  quiet: 'ID',
};

export const command = defineCommand({
  usage: 'network check [OPTIONS]',
  summary:
    "Compare this node's networks with their plan, mend what differs, and say what stands in their way",
  aliases: ['network check'],
  examples: [
    ['network check', 'say "no difference", or list what the kernel held otherwise than planned'],
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
    return rows.length === 0 ? 0 : 1;
  },
});
