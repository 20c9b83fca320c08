// skein task inspect: everything the managers know of a task.
import { defineCommand } from '../command.ts';
import { text } from '../flags/flag.ts';
import { inspect } from '../format/inspect.ts';

export const command = defineCommand({
  usage: 'task inspect [OPTIONS] TASK [TASK...]',
  summary: 'Display detailed information on one or more tasks',
  examples: [[`task inspect --format '{{.Status.Err}}' TASK`, 'print why a task failed']],
  flags: { format: text('Format output using a custom template: json or TEMPLATE', 'f') },
  args: { min: 1 },
  run: ({ api, stdout }, { flags, args }) =>
    inspect(stdout, args, flags.format, (ref) => api.get(`/tasks/${encodeURIComponent(ref)}`)),
});
