// skein swarm join-token: the secret with which hosts join, and its rotation.
import type { Info, Swarm } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../errors.ts';
import { toggle } from '../flags/flag.ts';
import { OBJECT_FORMAT, objectPrinter } from '../format/object.ts';
import { joinInstructions, managerAddress } from './join_instructions.ts';

export const command = defineCommand({
  usage: 'swarm join-token [OPTIONS] (worker|manager)',
  summary: 'Manage join tokens',
  examples: [
    ['swarm join-token manager', 'show how a host joins as a manager'],
    ['swarm join-token -q worker', 'print the token alone'],
    ['swarm join-token --format json worker', 'role, token and address for a program'],
    ['swarm join-token --rotate worker', 'make a new token; the old one admits nobody any more'],
  ],
  flags: {
    format: OBJECT_FORMAT,
    quiet: toggle('Only display token', 'q'),
    rotate: toggle('Rotate join token'),
  },
  args: { min: 1, max: 1 },
  async run({ api, stdout }, { flags, args: [role] }) {
    if (role !== 'worker' && role !== 'manager') {
      throw new UsageError(`unknown role ${role}`);
    }
    if (flags.rotate) {
      const { Version, Spec } = await api.get<Swarm>('/swarm');
      await api.post('/swarm/update', {
        query: {
          version: Version.Index,
          [role === 'worker' ? 'rotateWorkerToken' : 'rotateManagerToken']: true,
        },
        body: Spec,
      });
      if (!flags.quiet && flags.format === undefined) {
        stdout.write(`Successfully rotated ${role} join token.\n\n`);
      }
    }
    const swarm = await api.get<Swarm>('/swarm');
    const token = role === 'worker' ? swarm.JoinTokens.Worker : swarm.JoinTokens.Manager;
    if (flags.quiet) {
      stdout.write(`${token}\n`);
      return 0;
    }
    const info = await api.get<Info>('/info');
    if (flags.format === undefined) {
      stdout.write(joinInstructions(role, swarm, info));
    } else {
      objectPrinter(stdout, flags.format)({ Role: role, Token: token, ManagerAddr: managerAddress(info) });
    }
    return 0;
  },
});
