// skein node promote
import { defineCommand } from '../command.ts';
import { changeRole } from './role.ts';

export const command = defineCommand({
  usage: 'node promote NODE [NODE...]',
  summary: 'Promote one or more nodes to manager in the swarm',
  examples: [['node promote h2', 'make the node a manager']],
  flags: {},
  args: { min: 1 },
  run: (context, { args }) => changeRole(context, args, 'manager', 'promoted to a manager in the swarm'),
});
