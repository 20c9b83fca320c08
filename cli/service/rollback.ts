// skein service rollback: back to the spec before the last update.
import type { Service } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { toggle } from '../flags/flag.ts';
import { waitForService } from '../progress/wait.ts';

export const command = defineCommand({
  usage: 'service rollback [OPTIONS] SERVICE',
  summary: "Revert changes to a service's configuration",
  examples: [['service rollback web', 'go back to what ran before the last update']],
  flags: {
    detach: toggle('Exit immediately instead of waiting for the service to converge', 'd'),
    quiet: toggle('Suppress progress output', 'q'),
  },
  args: { min: 1, max: 1 },
  async run(context, { flags, args: [ref = ''] }) {
    const { api, stdout, stderr } = context;
    const service = await api.get<Service>(`/services/${encodeURIComponent(ref)}`);
    const answer = await api.post<{ readonly Warnings?: readonly string[] | null } | undefined>(
      `/services/${service.ID}/update`,
      { query: { version: service.Version.Index, rollback: 'previous' }, body: service.Spec },
    );
    for (const warning of answer?.Warnings ?? []) {
      stderr.write(`${warning}\n`);
    }
    stdout.write(`${ref}\n`);
    return flags.detach
      ? 0
      : waitForService(context, service.ID, { quiet: flags.quiet, rollbackAsked: true });
  },
});
