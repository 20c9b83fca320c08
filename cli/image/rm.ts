// skein image rm
import { defineCommand } from '../command.ts';
import { forEach } from '../each.ts';
import { toggle } from '../flags/flag.ts';
import { imagePath } from './reference.ts';

interface Removed {
  readonly Untagged?: string;
  readonly Deleted?: string;
}

export const command = defineCommand({
  usage: 'image rm [OPTIONS] IMAGE [IMAGE...]',
  summary: 'Remove one or more images',
  aliases: ['image rm', 'image remove', 'rmi'],
  examples: [['image rm web:1', 'remove a name, and the image with its last name']],
  flags: {
    force: toggle('Force removal of the image', 'f'),
    'no-prune': toggle('Do not delete untagged parents'),
  },
  args: { min: 1 },
  run: ({ api, stdout }, { flags, args }) =>
    forEach(args, async (ref) => {
      const removed = await api.delete<readonly Removed[]>(`/images/${imagePath(ref)}`, {
        query: { force: flags.force, noprune: flags['no-prune'] },
      });
      for (const { Untagged: untagged, Deleted: deleted } of removed ?? []) {
        stdout.write(deleted === undefined ? `Untagged: ${untagged}\n` : `Deleted: ${deleted}\n`);
      }
    }),
});
