// skein image save: images as an archive that load reads.
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { defineCommand } from '../command.ts';
import type { Output } from '../context.ts';
import { CliError, messageOf } from '../errors.ts';
import { list, text } from '../flags/flag.ts';

export const command = defineCommand({
  usage: 'image save [OPTIONS] IMAGE [IMAGE...]',
  summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  aliases: ['image save', 'save'],
  examples: [
    ['image save -o web.tar web:1', 'save to a file'],
    ['image save web:1 web:2 | gzip > web.tgz', 'save several, compressed'],
  ],
  flags: {
    output: text('Write to a file, instead of STDOUT', 'o'),
    platform: list('Save only the given platform(s)', undefined, 'strings'),
  },
  args: { min: 1 },
  async run({ api, stdout }, { flags, args }) {
    if (flags.output === undefined && stdout.isTTY === true) {
      throw new CliError('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    }
    const archive = await api.stream('GET', '/images/get', { query: { names: args }, endless: true });
    if (flags.output === undefined) {
      await writeAll(archive, stdout);
    } else {
      await writeFile(archive, flags.output);
    }
    return 0;
  },
});

async function writeAll(from: AsyncIterable<unknown>, out: Output): Promise<void> {
  for await (const chunk of from) {
    if (!out.write(chunk instanceof Uint8Array ? chunk : String(chunk))) {
      await new Promise<void>((resolve) => out.once('drain', resolve));
    }
  }
}

/** Whole or not at all: a broken archive never stands under the name that was asked for. */
async function writeFile(from: NodeJS.ReadableStream, path: string): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    await pipeline(from, createWriteStream(partial, { flags: 'wx', mode: 0o600 }));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw new CliError(`cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}
