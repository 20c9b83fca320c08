// skein image ls
import type { ImageSummary } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { text, toggle } from '../flags/flag.ts';
import { printList, type RowFields } from '../format/list.ts';
import { ago, humanSize, shortId } from '../format/units.ts';
import { filterFlag, toFilters } from '../opts/filter.ts';
import { splitReference } from './reference.ts';

const HEADERS = {
  ID: 'IMAGE ID',
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
};
const NONE = '<none>';

export const command = defineCommand({
  usage: 'image ls [OPTIONS] [REPOSITORY[:TAG]]',
  summary: 'List images',
  aliases: ['image ls', 'image list', 'images'],
  examples: [
    ['image ls', 'show every image this host holds'],
    ['image ls --digests web', 'show the images of one repository with their digests'],
  ],
  flags: {
    all: toggle('Show all images (default hides intermediate images)', 'a'),
    digests: toggle('Show digests'),
    filter: filterFlag(undefined, 'f'),
    format: text('Format output using a custom template: table, json, "table TEMPLATE" or TEMPLATE'),
    'no-trunc': toggle("Don't truncate output"),
    quiet: toggle('Only show image IDs', 'q'),
  },
  args: { min: 0, max: 1 },
  async run({ api, stdout, now }, { flags, args: [reference] }) {
    const filters = toFilters(flags.filter);
    const images = await api.get<readonly ImageSummary[]>('/images/json', {
      query: { all: flags.all },
      filters:
        reference === undefined
          ? filters
          : { ...filters, reference: [...(filters['reference'] ?? []), reference] },
    });
    const table = flags.digests
      ? ['Repository', 'Tag', 'Digest', 'ID', 'CreatedSince', 'Size']
      : ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size'];
    const rows = [...images]
      .sort((a, b) => b.Created - a.Created)
      .flatMap((image) => imageRows(image, flags['no-trunc'], now()));
    printList(stdout, { headers: HEADERS, table, quiet: 'ID' }, flags, rows);
    return 0;
  },
});

/** One line for each name of the image. */
function imageRows(image: ImageSummary, noTrunc: boolean, now: number): RowFields[] {
  const tags = (image.RepoTags ?? []).filter((name) => name !== '<none>:<none>');
  const names =
    tags.length > 0 ? tags.map(splitReference) : [{ repository: nameOfDigest(image) ?? NONE, tag: NONE }];
  return names.map(({ repository, tag }) => ({
    ID: noTrunc ? image.Id : shortId(image.Id),
    Repository: repository,
    Tag: tag === '' ? NONE : tag,
    Digest: digestOf(image, repository),
    CreatedSince: image.Created > 0 ? ago(image.Created * 1000, now) : 'N/A',
    CreatedAt: new Date(image.Created * 1000).toISOString().replace('T', ' ').replace('.000Z', ' +0000 UTC'),
    Size: humanSize(image.Size),
  }));
}

function nameOfDigest(image: ImageSummary): string | undefined {
  return (image.RepoDigests ?? [])[0]?.split('@')[0];
}

function digestOf(image: ImageSummary, repository: string): string {
  const digest = (image.RepoDigests ?? []).find((name) => name.startsWith(`${repository}@`));
  return digest?.split('@')[1] ?? NONE;
}
