// skein swarm backup: the whole swarm in one sealed file, while it runs.
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CliError, messageOf } from '../errors.ts';
import { defineCommand } from '../command.ts';
import { text, toggle } from '../flags/flag.ts';
import { readSecret } from './secret_input.ts';

export const command = defineCommand({
  usage: 'swarm backup [OPTIONS] FILE',
  summary: 'Back the swarm up into a sealed file',
  examples: [
    ['swarm backup --passphrase-file pass.txt swarm.skein', 'seal it by the first line of a file'],
    ['swarm backup --unlock-key swarm.skein', "seal it by the swarm's unlock key (autolock)"],
  ],
  flags: {
    'passphrase-file': text('Read the passphrase from this file, instead of asking for it or reading STDIN'),
    'unlock-key': toggle("Seal it by the swarm's unlock key, without a passphrase"),
  },
  args: { min: 1, max: 1 },
  async run(context, { flags, args: [file = ''] }) {
    const body = flags['unlock-key']
      ? { UseUnlockKey: true }
      : { Passphrase: await readSecret(context, flags['passphrase-file'], 'passphrase', { isNew: true }) };
    const answer = await context.api.stream('POST', '/skein/swarm/backup', { body });
    // The name is given to a whole file only: an answer that breaks off leaves the backup of before.
    const part = `${file}.part`;
    try {
      await pipeline(answer, createWriteStream(part, { mode: 0o600, flush: true }));
      await rename(part, file);
    } catch (error) {
      await rm(part, { force: true });
      throw new CliError(`the backup was not written: ${messageOf(error)}`, { cause: error });
    }
    context.stdout.write(
      `Swarm backed up to ${file}: keep it and its ${flags['unlock-key'] ? 'unlock key' : 'passphrase'} apart.\n`,
    );
    return 0;
  },
});
