// skein node update: availability, role and labels of a node.
import type { NodeSpec } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { CliError } from '../errors.ts';
import { list, text } from '../flags/flag.ts';
import { toMap } from '../opts/pairs.ts';
import { getNode } from './self.ts';

export const command = defineCommand({
  usage: 'node update [OPTIONS] NODE',
  summary: 'Update a node',
  examples: [
    ['node update --availability drain h2', 'move every task away from the node'],
    ['node update --label-add zone=east h2', 'label a node for placement constraints'],
  ],
  flags: {
    availability: text('Availability of the node ("active", "pause", "drain")'),
    'label-add': list('Add or update a node label (key=value)'),
    'label-rm': list('Remove a node label if exists'),
    role: text('Role of the node ("worker", "manager")'),
  },
  args: { min: 1, max: 1 },
  async run({ api, stdout }, { flags, args: [ref = ''] }) {
    const node = await getNode(api, ref);
    const spec: NodeSpec = {
      ...node.Spec,
      Labels: changeLabels(node.Spec.Labels ?? {}, flags['label-add'], flags['label-rm']),
      ...(flags.availability !== undefined && { Availability: flags.availability.toLowerCase() }),
      ...(flags.role !== undefined && { Role: flags.role.toLowerCase() }),
    };
    await api.post(`/nodes/${node.ID}/update`, { query: { version: node.Version.Index }, body: spec });
    stdout.write(`${ref}\n`);
    return 0;
  },
});

function changeLabels(
  present: Readonly<Record<string, string>>,
  add: readonly string[],
  remove: readonly string[],
): Record<string, string> {
  for (const key of remove) {
    if (!Object.hasOwn(present, key)) {
      throw new CliError(`key ${key} doesn't exist in node's labels`);
    }
  }
  const kept = Object.entries(present).filter(([key]) => !remove.includes(key));
  return { ...Object.fromEntries(kept), ...toMap(add) };
}
