// skein service logs: the lines of every task of a service, or of one task.
import { ApiError, type Client } from '../client/client.ts';
import type { Service, Task } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import type { Output } from '../context.ts';
import { CliError, EXIT_INTERRUPTED, messageOf, UsageError } from '../errors.ts';
import { text, toggle } from '../flags/flag.ts';
import { parseTime } from '../opts/time.ts';
import { demultiplex } from './frames.ts';
import { LogPrefix, slotDigits, splitDetails } from './log_prefix.ts';

export const command = defineCommand({
  usage: 'service logs [OPTIONS] SERVICE|TASK',
  summary: 'Fetch the logs of a service or task',
  examples: [
    ['service logs --tail 20 -f web', 'follow, beginning with the last twenty lines of each task'],
    ['service logs --since 10m --raw web', 'the lines alone, of the last ten minutes'],
  ],
  flags: {
    details: toggle('Show extra details provided to logs'),
    follow: toggle('Follow log output', 'f'),
    'no-resolve': toggle('Do not map IDs to Names in output'),
    'no-task-ids': toggle('Do not include task IDs in output'),
    'no-trunc': toggle('Do not truncate output'),
    raw: toggle('Do not neatly format logs'),
    since: text(
      'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
    tail: text('Number of lines to show from the end of the logs (default "all")', 'n'),
    timestamps: toggle('Show timestamps', 't'),
  },
  args: { min: 1, max: 1 },
  async run({ api, stdout, stderr, now, interrupt }, { flags, args: [ref = ''] }) {
    const target = await findTarget(api, ref);
    if (target.tty && !flags.raw) {
      throw new UsageError('tty service logs only supported with --raw');
    }
    const tail = flags.tail ?? 'all';
    if (tail !== 'all' && !/^\d+$/.test(tail)) {
      throw new UsageError(`invalid --tail ${tail}: it takes a number of lines, or all`);
    }
    const signal = interrupt.signal();
    try {
      const body = await api.stream('GET', `${target.path}/logs`, {
        query: {
          stdout: true,
          stderr: true,
          follow: flags.follow,
          timestamps: flags.timestamps,
          details: !flags.raw || flags.details,
          tail,
          since: flags.since === undefined ? undefined : parseTime(flags.since, now()),
        },
        signal,
        endless: true,
      });
      if (target.tty) {
        for await (const chunk of body) {
          stdout.write(chunk instanceof Uint8Array ? chunk : String(chunk));
        }
        return 0;
      }
      const options = {
        noResolve: flags['no-resolve'],
        noTaskIds: flags['no-task-ids'],
        noTrunc: flags['no-trunc'],
      };
      const prefix = new LogPrefix(api, options, slotDigits(target.service));
      for await (const { stream, data } of demultiplex(body)) {
        const out: Output = stream === 'stderr' ? stderr : stdout;
        out.write(flags.raw ? data : await formatLine(data, prefix, flags));
      }
      return 0;
    } catch (error) {
      if (signal.aborted) {
        return EXIT_INTERRUPTED;
      }
      throw error instanceof CliError
        ? error
        : new CliError(`the stream of logs ended: ${messageOf(error)}`, { cause: error });
    }
  },
});

interface Target {
  readonly path: string;
  readonly tty: boolean;
  readonly service: Service | undefined;
}

/** A service by name or id, else a task by id. */
async function findTarget(api: Client, ref: string): Promise<Target> {
  const name = encodeURIComponent(ref);
  const service = await orNothing(api.get<Service>(`/services/${name}`));
  if (service !== undefined) {
    const tty = service.Spec.TaskTemplate.ContainerSpec.TTY === true;
    return { path: `/services/${service.ID}`, tty, service };
  }
  const task = await orNothing(api.get<Task>(`/tasks/${name}`));
  if (task === undefined) {
    throw new CliError(`no such task or service: ${ref}`);
  }
  return { path: `/tasks/${task.ID}`, tty: task.Spec.ContainerSpec.TTY === true, service: undefined };
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}

/** The daemon's line is `[time ]details text`; shown are the prefix, then time, details if asked for, text. */
async function formatLine(
  data: Buffer,
  prefix: LogPrefix,
  flags: { readonly timestamps: boolean; readonly details: boolean },
): Promise<string> {
  const line = data.toString('utf8');
  const cut = flags.timestamps ? line.indexOf(' ') + 1 : 0;
  const { details, text: message } = splitDetails(line.slice(cut));
  const shownDetails = flags.details ? `${details.rest} ` : '';
  return `${await prefix.of(details)}${line.slice(0, cut)}${shownDetails}${message}`;
}
