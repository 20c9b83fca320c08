// skein swarm restore: a swarm from its backup, with this host as its only manager.
import { defineCommand } from '../command.ts';
import { text } from '../flags/flag.ts';
import { openArchive } from '../image/archive.ts';
import { readSecret } from './secret_input.ts';

const DEFAULT_LISTEN_ADDRESS = '0.0.0.0:2377';

export const command = defineCommand({
  usage: 'swarm restore [OPTIONS] FILE',
  summary: 'Make the swarm of a backup run on this host',
  examples: [
    [
      'swarm restore --advertise-addr 192.168.99.121 --passphrase-file pass.txt swarm.skein',
      'restore onto a new machine with a new address',
    ],
  ],
  flags: {
    'advertise-addr': text('Advertised address (format: "<ip|interface>[:port]")'),
    'data-path-addr': text('Address or interface to use for data path traffic (format: "<ip|interface>")'),
    'listen-addr': text(
      `Listen address (format: "<ip|interface>[:port]") (default ${DEFAULT_LISTEN_ADDRESS})`,
    ),
    'passphrase-file': text('Read the passphrase from this file, instead of asking for it or reading STDIN'),
    'unlock-key-file': text('The backup is sealed by an unlock key: read it from this file'),
  },
  args: { min: 1, max: 1 },
  async run(context, { flags, args: [file = ''] }) {
    const keyFile = flags['unlock-key-file'];
    const [header, secret] =
      keyFile === undefined
        ? [
            'x-skein-passphrase',
            await readSecret(context, flags['passphrase-file'], 'passphrase', { isNew: false }),
          ]
        : ['x-skein-unlock-key', await readSecret(context, keyFile, 'unlock key', { isNew: false })];
    const nodeId = await context.api.post<string>('/skein/swarm/restore', {
      query: {
        listenAddr: flags['listen-addr'] ?? DEFAULT_LISTEN_ADDRESS,
        advertiseAddr: flags['advertise-addr'],
        dataPathAddr: flags['data-path-addr'],
      },
      headers: {
        [header]: Buffer.from(secret).toString('base64'),
        'content-type': 'application/octet-stream',
      },
      upload: await openArchive(context, file),
    });
    context.stdout.write(
      `Swarm restored: current node (${nodeId}) is its only manager.\n\n` +
        "The managers of before are removed; workers come back when they reach this address.\nTo add managers, run 'skein swarm join-token manager' and follow the instructions.\n",
    );
    return 0;
  },
});
