// skein service scale: new numbers of replicas for services, then the wait for each.
import type { Service } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { forEach } from '../each.ts';
import { CliError, UsageError } from '../errors.ts';
import { toggle } from '../flags/flag.ts';
import { waitForService } from '../progress/wait.ts';

export const command = defineCommand({
  usage: 'service scale SERVICE=REPLICAS [SERVICE=REPLICAS...]',
  summary: 'Scale one or multiple replicated services',
  examples: [
    ['service scale web=5', 'five replicas'],
    ['service scale web=5 db=2', 'two services at once'],
  ],
  flags: { detach: toggle('Exit immediately instead of waiting for the service to converge', 'd') },
  args: { min: 1 },
  async run(context, { flags, args }) {
    const wanted = args.map(parseScale);
    const scaled: string[] = [];
    let failure: unknown;
    await forEach(args, async (arg) => {
      const { ref, replicas } = parseScale(arg);
      scaled.push(await scale(context, ref, replicas));
    }).catch((error: unknown) => {
      failure = error;
    });
    if (!flags.detach) {
      for (const id of scaled) {
        if (wanted.length > 1) {
          context.stdout.write(`${id}: \n`);
        }
        await waitForService(context, id, { quiet: false });
      }
    }
    if (failure !== undefined) {
      throw failure;
    }
    return 0;
  },
});

function parseScale(arg: string): { readonly ref: string; readonly replicas: number } {
  const cut = arg.lastIndexOf('=');
  const text = arg.slice(cut + 1);
  if (cut < 1 || text === '') {
    throw new UsageError(`invalid scale specifier '${arg}': write SERVICE=REPLICAS`);
  }
  const replicas = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(replicas)) {
    throw new UsageError(`invalid replicas value ${text}: it takes a number from 0 up`);
  }
  return { ref: arg.slice(0, cut), replicas };
}

async function scale({ api, stdout, stderr }: Context, ref: string, replicas: number): Promise<string> {
  const service = await api.get<Service>(`/services/${encodeURIComponent(ref)}`);
  const { Mode: mode = {} } = service.Spec;
  if (mode.Replicated === undefined && mode.ReplicatedJob === undefined) {
    throw new CliError(`${ref}: scale can only be used with replicated or replicated-job mode`);
  }
  const answer = await api.post<{ readonly Warnings?: readonly string[] | null } | undefined>(
    `/services/${service.ID}/update`,
    {
      query: { version: service.Version.Index },
      body: {
        ...service.Spec,
        Mode:
          mode.ReplicatedJob === undefined
            ? { Replicated: { Replicas: replicas } }
            : { ReplicatedJob: { ...mode.ReplicatedJob, TotalCompletions: replicas } },
      },
    },
  );
  for (const warning of answer?.Warnings ?? []) {
    stderr.write(`${warning}\n`);
  }
  stdout.write(`${ref} scaled to ${replicas}\n`);
  return service.ID;
}
