// skein service ls
import type { Service } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { text, toggle } from '../flags/flag.ts';
import { printList, type RowFields } from '../format/list.ts';
import { familiarImage, servicePorts } from '../format/ports.ts';
import { naturalOrder, shortId } from '../format/units.ts';
import { filterFlag, toFilters } from '../opts/filter.ts';

const COLUMNS = {
  headers: {
    ID: 'ID',
    Name: 'NAME',
    Mode: 'MODE',
    Replicas: 'REPLICAS',
    Image: 'IMAGE',
    Ports: 'PORTS',
  },
  table: ['ID', 'Name', 'Mode', 'Replicas', 'Image', 'Ports'],
  quiet: 'ID',
};

export const command = defineCommand({
  usage: 'service ls [OPTIONS]',
  summary: 'List services',
  aliases: ['service ls', 'service list'],
  examples: [
    ['service ls', 'show every service, its replicas running and wanted'],
    ['service ls --filter name=web -q', 'print the ids of services whose name begins with web'],
    [`service ls --format '{{.Name}}: {{.Replicas}}'`, 'print chosen fields'],
  ],
  flags: {
    filter: filterFlag(undefined, 'f'),
    format: text('Format output using a custom template: table, json, "table TEMPLATE" or TEMPLATE'),
    quiet: toggle('Only display IDs', 'q'),
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags }) {
    const services = await api.get<readonly Service[]>('/services', {
      query: { status: true },
      filters: toFilters(flags.filter),
    });
    const rows = [...services].sort((a, b) => naturalOrder(a.Spec.Name, b.Spec.Name)).map(serviceRow);
    printList(stdout, COLUMNS, flags, rows);
    return 0;
  },
});

export function serviceRow(service: Service): RowFields {
  const { Spec: spec, ServiceStatus: status } = service;
  const max = spec.TaskTemplate.Placement?.MaxReplicas ?? 0;
  const counts = `${status?.RunningTasks ?? 0}/${status?.DesiredTasks ?? spec.Mode?.Replicated?.Replicas ?? 0}`;
  return {
    ID: shortId(service.ID),
    Name: spec.Name,
    Mode: modeName(service),
    Replicas: max > 0 ? `${counts} (max ${max} per node)` : counts,
    Image: familiarImage(spec.TaskTemplate.ContainerSpec.Image),
    Ports: servicePorts(service.Endpoint?.Ports),
    Label: (name: unknown) => spec.Labels?.[String(name)] ?? '',
  };
}

export function modeName({ Spec: { Mode: mode = {} } }: Service): string {
  if (mode.Global !== undefined) {
    return 'global';
  }
  if (mode.GlobalJob !== undefined) {
    return 'global-job';
  }
  return mode.ReplicatedJob === undefined ? 'replicated' : 'replicated-job';
}
