// skein service ps
import { ApiError, type Client } from '../client/client.ts';
import { nodeId } from '../node/self.ts';
import type { Service, Task } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { CliError } from '../errors.ts';
import { toFilters } from '../opts/filter.ts';
import { TASK_LIST_FLAGS } from '../task/flags.ts';
import { printTasks } from '../task/list.ts';

export const command = defineCommand({
  usage: 'service ps [OPTIONS] SERVICE [SERVICE...]',
  summary: 'List the tasks of one or more services',
  examples: [
    ['service ps web', 'show where each replica runs, and what became of those before it'],
    ['service ps --filter desired-state=running web', 'leave out the history'],
    ['service ps --no-trunc web', 'show whole error messages'],
  ],
  flags: TASK_LIST_FLAGS,
  args: { min: 1 },
  async run(context, { flags, args }) {
    const { api } = context;
    const found = await Promise.all(args.map((ref) => findService(api, ref)));
    const services = found.filter((service) => service !== undefined);
    const missing = args
      .filter((_ref, index) => found[index] === undefined)
      .map((ref) => `no such service: ${ref}`);
    if (services.length > 0) {
      const filters = toFilters(flags.filter);
      const node = await Promise.all((filters['node'] ?? []).map((ref) => nodeId(api, ref)));
      const service = services.map(({ ID }) => ID);
      const tasks = await api.get<readonly Task[]>('/tasks', { filters: { ...filters, service, node } });
      await printTasks(context, tasks, {
        ...flags,
        noResolve: flags['no-resolve'],
        noTrunc: flags['no-trunc'],
      });
    }
    if (missing.length > 0) {
      throw new CliError(missing.join('\n'));
    }
    return 0;
  },
});

async function findService(api: Client, ref: string): Promise<Service | undefined> {
  try {
    return await api.get<Service>(`/services/${encodeURIComponent(ref)}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}
