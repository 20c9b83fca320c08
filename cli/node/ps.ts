// skein node ps
import type { Task } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { toFilters } from '../opts/filter.ts';
import { TASK_LIST_FLAGS } from '../task/flags.ts';
import { printTasks } from '../task/list.ts';
import { nodeId } from './self.ts';

export const command = defineCommand({
  usage: 'node ps [OPTIONS] [NODE...]',
  summary: 'List tasks running on one or more nodes, defaults to current node',
  examples: [
    ['node ps', 'show the tasks of this node'],
    ['node ps h2 h3', 'show the tasks of two others'],
  ],
  flags: TASK_LIST_FLAGS,
  args: { min: 0 },
  async run(context, { flags, args }) {
    const { api } = context;
    const node = await Promise.all((args.length === 0 ? ['self'] : args).map((ref) => nodeId(api, ref)));
    const tasks = await api.get<readonly Task[]>('/tasks', { filters: { ...toFilters(flags.filter), node } });
    await printTasks(context, tasks, {
      ...flags,
      noResolve: flags['no-resolve'],
      noTrunc: flags['no-trunc'],
    });
    return 0;
  },
});
