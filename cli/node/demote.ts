// skein node demote
import { defineCommand } from '../command.ts';
import { changeRole } from './role.ts';

export const command = defineCommand({
  usage: 'node demote NODE [NODE...]',
  summary: 'Demote one or more nodes from manager in the swarm',
  examples: [['node demote h2', 'make the node a worker']],
  flags: {},
  args: { min: 1 },
  run: (context, { args }) => changeRole(context, args, 'worker', 'demoted in the swarm'),
});
