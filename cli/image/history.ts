// skein image history
import { defineCommand } from '../command.ts';
import { text, toggle } from '../flags/flag.ts';
import { printList } from '../format/list.ts';
import { ago, humanSize, shortId, truncateText } from '../format/units.ts';
import { imagePath } from './reference.ts';

interface Step {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Size: number;
  readonly Comment: string;
}

const COLUMNS = {
  headers: {
    ID: 'IMAGE',
    CreatedSince: 'CREATED',
    CreatedAt: 'CREATED AT',
    CreatedBy: 'CREATED BY',
    Size: 'SIZE',
    Comment: 'COMMENT',
  },
  table: ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
  quiet: 'ID',
};
const COMMAND_COLUMNS = 45;

export const command = defineCommand({
  usage: 'image history [OPTIONS] IMAGE',
  summary: 'Show the history of an image',
  aliases: ['image history', 'history'],
  examples: [['image history web:1', 'show how the image was made']],
  flags: {
    format: text('Format output using a custom template: table, json, "table TEMPLATE" or TEMPLATE'),
    human: toggle('Print sizes and dates in human readable format', 'H', true),
    'no-trunc': toggle("Don't truncate output"),
    quiet: toggle('Only show image IDs', 'q'),
  },
  args: { min: 1, max: 1 },
  async run({ api, stdout, now }, { flags, args: [ref = ''] }) {
    const steps = await api.get<readonly Step[]>(`/images/${imagePath(ref)}/history`);
    const rows = steps.map((step) => {
      const created = new Date(step.Created * 1000).toISOString().replace('.000Z', 'Z');
      const by = step.CreatedBy.replaceAll('\t', ' ');
      return {
        ID: flags['no-trunc'] ? step.Id : shortId(step.Id),
        CreatedAt: created,
        CreatedSince: flags.human ? ago(step.Created * 1000, now()) : created,
        CreatedBy: flags['no-trunc'] ? by : truncateText(by, COMMAND_COLUMNS),
        Size: flags.human ? humanSize(step.Size) : String(step.Size),
        Comment: step.Comment,
      };
    });
    printList(stdout, COLUMNS, flags, rows);
    return 0;
  },
});
