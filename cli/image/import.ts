// skein image import: a file system archive becomes an image of one layer.
import { defineCommand } from '../command.ts';
import { list, text } from '../flags/flag.ts';
import { openArchive } from './archive.ts';
import { showMessages } from './messages.ts';
import { splitReference } from './reference.ts';

export const command = defineCommand({
  usage: 'image import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  summary: 'Import the contents from a tarball to create a filesystem image',
  aliases: ['image import', 'import'],
  examples: [
    [
      `image import --change 'CMD ["/bin/sh"]' rootfs.tar base:1`,
      'make an image from an archive and say what it runs',
    ],
  ],
  flags: {
    change: list('Apply Dockerfile instruction to the created image', 'c'),
    message: text('Set commit message for imported image', 'm'),
    platform: text('Set platform if server is multi-platform capable'),
  },
  args: { min: 1, max: 2 },
  async run(context, { flags, args: [source = '-', reference = ''] }) {
    const { repository, tag } = splitReference(reference);
    const isUrl = /^https?:\/\//.test(source);
    const upload = isUrl ? undefined : await openArchive(context, source);
    const answer = await context.api.stream('POST', '/images/create', {
      query: {
        fromSrc: isUrl ? source : '-',
        repo: repository,
        tag,
        changes: flags.change,
        message: flags.message,
        platform: flags.platform,
      },
      ...(upload !== undefined && { upload }),
      endless: true,
    });
    await showMessages(answer, context.stdout);
    return 0;
  },
});
