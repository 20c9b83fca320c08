// A service described for people, as docker's --pretty.
import type { ContainerSpec, Resources, Service, UpdateConfig } from '../client/types.ts';
import { formatDuration } from '../flags/duration.ts';
import { ago, binarySize } from '../format/units.ts';

export function prettyService(service: Service, networks: ReadonlyMap<string, string>): string {
  const { Spec: spec } = service;
  const task = spec.TaskTemplate;
  const attached = (task.Networks ?? []).map((item) => networks.get(item.Target) ?? item.Target);
  const lines = [
    `\nID:\t\t${service.ID}`,
    `Name:\t\t${spec.Name}`,
    ...map('Labels:', spec.Labels),
    ...mode(service),
    ...updateStatus(service),
    ...placement(service),
    ...policy('UpdateConfig:', spec.UpdateConfig),
    ...policy('RollbackConfig:', spec.RollbackConfig),
    'ContainerSpec:',
    ...container(task.ContainerSpec),
    ...resources(task.Resources?.Reservations, task.Resources?.Limits),
    ...(attached.length > 0 ? [`Networks: ${attached.join(' ')} `] : []),
    `Endpoint Mode:\t${service.Endpoint?.Spec?.Mode ?? spec.EndpointSpec?.Mode ?? 'vip'}`,
    ...ports(service),
  ];
  return `${lines.join('\n')}\n`;
}

function mode({ Spec: { Mode: value = {} } }: Service): string[] {
  if (value.Global !== undefined) {
    return ['Service Mode:\tGlobal'];
  }
  return ['Service Mode:\tReplicated', ` Replicas:\t${value.Replicated?.Replicas ?? 1}`];
}

function updateStatus({ UpdateStatus: status }: Service): string[] {
  if (status?.State === undefined || status.State === '') {
    return [];
  }
  const now = Date.now();
  return [
    'UpdateStatus:',
    ` State:\t\t${status.State}`,
    ...(status.StartedAt === undefined ? [] : [` Started:\t${ago(status.StartedAt, now)}`]),
    ...(status.CompletedAt === undefined ? [] : [` Completed:\t${ago(status.CompletedAt, now)}`]),
    ` Message:\t${status.Message ?? ''}`,
  ];
}

function placement({
  Spec: {
    TaskTemplate: { Placement: value },
  },
}: Service): string[] {
  const preferences = (value?.Preferences ?? []).map((item) => `spread=${item.Spread.SpreadDescriptor}`);
  return [
    'Placement:',
    ...((value?.Constraints ?? []).length > 0
      ? [` Constraints:\t[${(value?.Constraints ?? []).join(' ')}]`]
      : []),
    ...(preferences.length > 0 ? [` Preferences:\t[${preferences.join(' ')}]`] : []),
    ...((value?.MaxReplicas ?? 0) > 0 ? [` Max Replicas Per Node:\t${value?.MaxReplicas}`] : []),
  ];
}

function policy(title: string, config: UpdateConfig | undefined): string[] {
  if (config === undefined) {
    return [];
  }
  return [
    title,
    ` Parallelism:\t${config.Parallelism}`,
    ...((config.Delay ?? 0) > 0 ? [` Delay:\t\t${formatDuration(config.Delay ?? 0)}`] : []),
    ` On failure:\t${config.FailureAction ?? 'pause'}`,
    ...((config.Monitor ?? 0) > 0 ? [` Monitoring Period: ${formatDuration(config.Monitor ?? 0)}`] : []),
    ` Max failure ratio: ${config.MaxFailureRatio ?? 0}`,
    ` Update order:      ${config.Order ?? 'stop-first'}`,
  ];
}

function container(spec: ContainerSpec): string[] {
  const field = (title: string, value: string | number | undefined) =>
    value === undefined || value === '' ? [] : [` ${title}:\t\t${value}${title === 'Env' ? ' ' : ''}`];
  const listed = (title: string, values: readonly string[] | undefined) =>
    (values ?? []).length === 0 ? [] : field(title, (values ?? []).join(' '));
  return [
    ` Image:\t\t${spec.Image}`,
    ...listed('Command', spec.Command),
    ...listed('Args', spec.Args),
    ...listed('Env', spec.Env),
    ...field('Dir', spec.Dir),
    ...field('User', spec.User),
    ...(spec.Init === undefined ? [] : field('Init', String(spec.Init))),
    ...mounts(spec),
    ...files(
      ' Configs:',
      (spec.Configs ?? []).map((item) => [item.File?.Name, item.ConfigName]),
    ),
    ...files(
      ' Secrets:',
      (spec.Secrets ?? []).map((item) => [item.File?.Name, item.SecretName]),
    ),
  ];
}

function mounts({ Mounts: list = [] }: ContainerSpec): string[] {
  return list.length === 0
    ? []
    : [
        'Mounts:',
        ...list.flatMap((mount) => [
          ` Target:\t${mount.Target ?? ''}`,
          `  Source:\t${mount.Source ?? ''}`,
          `  ReadOnly:\t${mount.ReadOnly === true}`,
          `  Type:\t\t${mount.Type ?? ''}`,
        ]),
      ];
}

function files(title: string, pairs: readonly (readonly (string | undefined)[])[]): string[] {
  return pairs.length === 0
    ? []
    : [title, ...pairs.map(([target, source]) => `  Target:\t${target ?? ''}\n   Source:\t${source ?? ''}`)];
}

function resources(reservations: Resources | undefined, limits: Resources | undefined): string[] {
  const section = (title: string, set: Resources | undefined) => {
    const lines = [
      ...((set?.NanoCPUs ?? 0) > 0 ? [`  CPU:\t\t${(set?.NanoCPUs ?? 0) / 1e9}`] : []),
      ...((set?.MemoryBytes ?? 0) > 0 ? [`  Memory:\t${binarySize(set?.MemoryBytes ?? 0)}`] : []),
      ...((set?.Pids ?? 0) > 0 ? [`  PIDs:\t\t${set?.Pids}`] : []),
    ];
    return lines.length === 0 ? [] : [title, ...lines];
  };
  const lines = [...section(' Reservations:', reservations), ...section(' Limits:', limits)];
  return lines.length === 0 ? [] : ['Resources:', ...lines];
}

function ports({ Endpoint: endpoint }: Service): string[] {
  const list = endpoint?.Ports ?? [];
  return list.length === 0
    ? []
    : [
        'Ports:',
        ...list.flatMap((port) => [
          ` PublishedPort = ${port.PublishedPort ?? 0}`,
          `  Protocol = ${port.Protocol ?? 'tcp'}`,
          `  TargetPort = ${port.TargetPort ?? 0}`,
          `  PublishMode = ${port.PublishMode ?? 'ingress'} `,
        ]),
      ];
}

function map(title: string, values: Readonly<Record<string, string>> | undefined): string[] {
  const entries = Object.entries(values ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? [] : [title, ...entries.map(([key, value]) => ` ${key}=${value}`)];
}
