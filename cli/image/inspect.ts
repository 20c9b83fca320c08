// skein image inspect
import { defineCommand } from '../command.ts';
import { text } from '../flags/flag.ts';
import { inspect } from '../format/inspect.ts';
import { imagePath } from './reference.ts';

export const command = defineCommand({
  usage: 'image inspect [OPTIONS] IMAGE [IMAGE...]',
  summary: 'Display detailed information on one or more images',
  examples: [[`image inspect --format '{{.Config.Cmd}}' web:1`, 'print what the image runs']],
  flags: { format: text('Format output using a custom template: json or TEMPLATE', 'f') },
  args: { min: 1 },
  run: ({ api, stdout }, { flags, args }) =>
    inspect(stdout, args, flags.format, (ref) => api.get(`/images/${imagePath(ref)}/json`)),
});
