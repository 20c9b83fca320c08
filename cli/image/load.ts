// skein image load: images from an archive of docker save or an OCI layout.
import { defineCommand } from '../command.ts';
import { list, text, toggle } from '../flags/flag.ts';
import { openArchive } from './archive.ts';
import { showMessages } from './messages.ts';

export const command = defineCommand({
  usage: 'image load [OPTIONS]',
  summary: 'Load an image from a tar archive or STDIN',
  aliases: ['image load', 'load'],
  examples: [
    ['image load -i web.tar', 'load from a file'],
    ['image load < web.tar', 'load from stdin'],
  ],
  flags: {
    input: text('Read from tar archive file, instead of STDIN', 'i'),
    platform: list('Load only the given platform(s)', undefined, 'strings'),
    quiet: toggle('Suppress the load output', 'q'),
  },
  args: { min: 0, max: 0 },
  async run(context, { flags }) {
    const upload = await openArchive(context, flags.input);
    const answer = await context.api.stream('POST', '/images/load', {
      query: { quiet: flags.quiet },
      upload,
      endless: true,
    });
    await showMessages(answer, context.stdout, false);
    return 0;
  },
});
