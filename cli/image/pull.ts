// skein image pull
import { registryAuthFor } from '../client/registry_auth.ts';
import { defineCommand } from '../command.ts';
import { text, toggle } from '../flags/flag.ts';
import { showMessages } from './messages.ts';
import { splitReference } from './reference.ts';

export const command = defineCommand({
  usage: 'image pull [OPTIONS] NAME[:TAG|@DIGEST]',
  summary: 'Download an image from a registry',
  aliases: ['image pull', 'pull'],
  examples: [['image pull registry.example:5000/web:1', 'fetch an image to this host']],
  flags: {
    'all-tags': toggle('Download all tagged images in the repository', 'a'),
    platform: text('Set platform if server is multi-platform capable'),
    quiet: toggle('Suppress verbose output', 'q'),
  },
  args: { min: 1, max: 1 },
  async run({ api, env, stdout }, { flags, args: [reference = ''] }) {
    const { repository, tag } = splitReference(reference);
    const auth = await registryAuthFor(reference, env);
    const wanted = tag === '' && !flags['all-tags'] ? 'latest' : tag;
    if (tag === '' && !flags['all-tags'] && !flags.quiet) {
      stdout.write('Using default tag: latest\n');
    }
    const answer = await api.stream('POST', '/images/create', {
      query: { fromImage: repository, tag: wanted, platform: flags.platform },
      ...(auth !== undefined && { headers: { 'x-registry-auth': auth } }),
      endless: true,
    });
    await showMessages(answer, stdout, flags.quiet);
    stdout.write(`${repository}${wanted.includes(':') ? '@' : ':'}${wanted}\n`);
    return 0;
  },
});
